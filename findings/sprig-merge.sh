#!/usr/bin/env bash
# sprig (Helm's template functions): merge overwrites what was set to false, 0 or "".
#
# Expected: merge gives precedence to its first dictionary, as documented: what is set there stays.
# Seen: a false, 0, "" or empty list there counts as not set, and the second dictionary's value is
#   taken. mergeOverwrite does not do it: there, what comes later wins, also when it is empty.
# Why it matters to a pod scaler: a chart's "merge .Values.pod .Values.defaults" cannot switch a thing
#   off or set a number to 0 (mergeOverwrite with the two the other way round can).
# Versions: github.com/Masterminds/sprig/v3 v3.3.0 (what Helm 3.22 and 4.3 ask for), Go 1.26; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

func main() {
	for _, text := range []string{
		`{{ merge (dict "enabled" false) (dict "enabled" true) | toJson }}`,
		`{{ merge (dict "replicas" 0) (dict "replicas" 3) | toJson }}`,
		`{{ merge (dict "class" "") (dict "class" "high") | toJson }}`,
		`{{ merge (dict "args" list) (dict "args" (list "a")) | toJson }}`,
		`{{ merge (dict "replicas" 1) (dict "replicas" 3) | toJson }}`,
		`{{ mergeOverwrite (dict "enabled" true) (dict "enabled" false) | toJson }}`,
	} {
		fmt.Printf("%s gives ", text)
		parsed := template.Must(template.New("").Funcs(sprig.TxtFuncMap()).Parse(text))
		if err := parsed.Execute(os.Stdout, nil); err != nil {
			panic(err)
		}
		fmt.Println()
	}
}
GO
go mod init finding >go.log 2>&1
go get github.com/Masterminds/sprig/v3@v3.3.0 >>go.log 2>&1 || { cat go.log; exit 1; }

cat >expected <<'TEXT'
{{ merge (dict "enabled" false) (dict "enabled" true) | toJson }} gives {"enabled":true}
{{ merge (dict "replicas" 0) (dict "replicas" 3) | toJson }} gives {"replicas":3}
{{ merge (dict "class" "") (dict "class" "high") | toJson }} gives {"class":"high"}
{{ merge (dict "args" list) (dict "args" (list "a")) | toJson }} gives {"args":["a"]}
{{ merge (dict "replicas" 1) (dict "replicas" 3) | toJson }} gives {"replicas":1}
{{ mergeOverwrite (dict "enabled" true) (dict "enabled" false) | toJson }} gives {"enabled":false}
TEXT
echo "sprig $(go list -m -f '{{.Version}}' github.com/Masterminds/sprig/v3): merge takes false, 0 and empty for not set"
go run . | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
