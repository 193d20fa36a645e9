#!/usr/bin/env bash
# json-patch v4 (the API server's) and Python: a "test" of the very same text fails.
#
# Expected: "test" compares values, as in RFC 6902, 4.6: strings by their characters, numbers by
#   their amount. How a character is escaped in the JSON makes no difference.
# Seen: v4 compares the JSON text. Go writes < > & as \u003c \u003e \u0026 and an e with an accent as
#   it is, Python's json.dumps does it the other way round: so "test" fails on any string with one of
#   them, and 1 is not 1.0. v5 compares strings rightly, numbers not.
# Why it matters to a pod scaler: a guard like "only if this annotation is still what I read" fails
#   permanently, once a person's name or a "<" is in the value.
# Versions: gopkg.in/evanphx/json-patch.v4 v4.13.0 (what k8s.io/apiserver v0.37.2 asks for),
#   github.com/evanphx/json-patch/v5 v5.9.11, Go 1.26, Python 3.11; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >patches.py <<'PY'
import json

for value in ["plain", "a<b", "R&D", "Zo\u00eb", 1, 1.0]:
    print(json.dumps([{"op": "test", "path": "/a", "value": value}]))
PY
cat >main.go <<'GO'
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	v5 "github.com/evanphx/json-patch/v5"
	v4 "gopkg.in/evanphx/json-patch.v4"
)

func word(err error) string {
	if err != nil {
		return "fails"
	}
	return "passes"
}

func main() {
	values := []any{"plain", "a<b", "R&D", "Zo\u00eb", 1, 1}
	patches := bufio.NewScanner(os.Stdin)
	for _, value := range values {
		if !patches.Scan() {
			panic("a patch is missing")
		}
		document, err := json.Marshal(map[string]any{"a": value})
		if err != nil {
			panic(err)
		}
		old, err := v4.DecodePatch(patches.Bytes())
		if err != nil {
			panic(err)
		}
		_, inOld := old.Apply(document)
		young, err := v5.DecodePatch(patches.Bytes())
		if err != nil {
			panic(err)
		}
		_, inYoung := young.Apply(document)
		fmt.Printf("document by Go %s, patch by Python %s: v4 %s, v5 %s\n", document, patches.Text(), word(inOld), word(inYoung))
	}
}
GO
go mod init finding >go.log 2>&1
go get gopkg.in/evanphx/json-patch.v4@v4.13.0 github.com/evanphx/json-patch/v5@v5.9.11 >>go.log 2>&1 || { cat go.log; exit 1; }

cat >expected <<'TEXT'
document by Go {"a":"plain"}, patch by Python [{"op": "test", "path": "/a", "value": "plain"}]: v4 passes, v5 passes
document by Go {"a":"a\u003cb"}, patch by Python [{"op": "test", "path": "/a", "value": "a<b"}]: v4 fails, v5 passes
document by Go {"a":"R\u0026D"}, patch by Python [{"op": "test", "path": "/a", "value": "R&D"}]: v4 fails, v5 passes
document by Go {"a":"Zoë"}, patch by Python [{"op": "test", "path": "/a", "value": "Zo\u00eb"}]: v4 fails, v5 passes
document by Go {"a":1}, patch by Python [{"op": "test", "path": "/a", "value": 1}]: v4 passes, v5 passes
document by Go {"a":1}, patch by Python [{"op": "test", "path": "/a", "value": 1.0}]: v4 fails, v5 fails
TEXT
echo "json-patch.v4 $(go list -m -f '{{.Version}}' gopkg.in/evanphx/json-patch.v4), json-patch/v5 $(go list -m -f '{{.Version}}' github.com/evanphx/json-patch/v5), $(python3 --version): v4's test compares JSON text, not values"
python3 patches.py >patches
go run . <patches | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
