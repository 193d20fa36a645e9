#!/usr/bin/env bash
# Label selectors (apimachinery): a comma too much in "in (...)" is the empty value, and matches it.
#
# Expected: "tier in (web,)" is refused, as "tier=web," is; or the comma is ignored.
# Seen: it is the set of "web" and the empty string, printed as "tier in (,web)". It matches objects
#   whose label is there and empty. "tier in ()" is one value too, the empty one, though a selector
#   written as an object with no values for In is refused.
# Why it matters to a pod scaler: a selector that a template joined with a comma at the end also
#   selects pods that have an empty label; no error says so.
# Versions: k8s.io/apimachinery v0.37.2, Go 1.26; 2026-11-30.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"fmt"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

func main() {
	empty, web := labels.Set{"tier": ""}, labels.Set{"tier": "web"}
	for _, text := range []string{"tier in (web)", "tier in (web,)", "tier in ()", "tier=web,"} {
		found, err := labels.Parse(text)
		if err != nil {
			fmt.Printf("%s: refused\n", text)
			continue
		}
		fmt.Printf("%s: read as %q, matches web %v, empty %v\n", text, found, found.Matches(web), found.Matches(empty))
	}
	_, err := labels.NewRequirement("tier", selection.In, nil)
	fmt.Printf("In of no values, as an object: refused %v\n", err != nil)
}
GO
go mod init finding >go.log 2>&1
go get k8s.io/apimachinery/pkg/labels@v0.37.2 >>go.log 2>&1 || { cat go.log; exit 1; }

cat >expected <<'TEXT'
tier in (web): read as "tier in (web)", matches web true, empty false
tier in (web,): read as "tier in (,web)", matches web true, empty true
tier in (): read as "tier in ()", matches web false, empty true
tier=web,: refused
In of no values, as an object: refused true
TEXT
echo "apimachinery $(go list -m -f '{{.Version}}' k8s.io/apimachinery): a trailing comma selects the empty label"
go run . | tee seen
diff expected seen
