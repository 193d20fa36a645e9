#!/usr/bin/env bash
# json-patch v4 (the API server's): "replace" of a value that is not there adds it.
#
# Expected: as in RFC 6902, 4.3: the target must exist, else the patch fails; so "replace" guards
#   against a value that somebody removed meanwhile.
# Seen: in an object, v4 adds the missing key without a word. v5 of the same library and Python's
#   jsonpatch refuse. v4 does refuse "remove" of it, and "replace" of a missing list item.
# Why it matters to a pod scaler: a limit that was deleted is put back by a late "replace". Only a
#   "test" before it says that the value is still there.
# Versions: gopkg.in/evanphx/json-patch.v4 v4.13.0 (what k8s.io/apiserver v0.37.2 asks for),
#   github.com/evanphx/json-patch/v5 v5.9.11, Go 1.26, jsonpatch 1.48 (Python); 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"fmt"

	v5 "github.com/evanphx/json-patch/v5"
	v4 "gopkg.in/evanphx/json-patch.v4"
)

func show(version, patch string, document []byte, err error) {
	if err != nil {
		fmt.Printf("%s %s: refused\n", version, patch)
		return
	}
	fmt.Printf("%s %s: %s\n", version, patch, document)
}

func main() {
	document := []byte(`{"limits":{"memory":"1Gi"},"args":["a"]}`)
	for _, patch := range []string{
		`[{"op":"replace","path":"/limits/cpu","value":"1"}]`,
		`[{"op":"remove","path":"/limits/cpu"}]`,
		`[{"op":"replace","path":"/args/1","value":"b"}]`,
	} {
		old, err := v4.DecodePatch([]byte(patch))
		if err != nil {
			panic(err)
		}
		patched, err := old.Apply(document)
		show("v4", patch, patched, err)
		young, err := v5.DecodePatch([]byte(patch))
		if err != nil {
			panic(err)
		}
		patched, err = young.Apply(document)
		show("v5", patch, patched, err)
	}
}
GO
cat >apply.py <<'PY'
import jsonpatch

patch = [{"op": "replace", "path": "/limits/cpu", "value": "1"}]
try:
    print("python", jsonpatch.apply_patch({"limits": {"memory": "1Gi"}}, patch))
except jsonpatch.JsonPatchConflict:
    print("python, the first of them: refused")
PY
go mod init finding >go.log 2>&1
go get gopkg.in/evanphx/json-patch.v4@v4.13.0 github.com/evanphx/json-patch/v5@v5.9.11 >>go.log 2>&1 || { cat go.log; exit 1; }
python3 -m venv venv
venv/bin/pip install -q jsonpatch==1.48

cat >expected <<'TEXT'
v4 [{"op":"replace","path":"/limits/cpu","value":"1"}]: {"args":["a"],"limits":{"cpu":"1","memory":"1Gi"}}
v5 [{"op":"replace","path":"/limits/cpu","value":"1"}]: refused
v4 [{"op":"remove","path":"/limits/cpu"}]: refused
v5 [{"op":"remove","path":"/limits/cpu"}]: refused
v4 [{"op":"replace","path":"/args/1","value":"b"}]: refused
v5 [{"op":"replace","path":"/args/1","value":"b"}]: refused
python, the first of them: refused
TEXT
echo "json-patch.v4 $(go list -m -f '{{.Version}}' gopkg.in/evanphx/json-patch.v4), json-patch/v5 $(go list -m -f '{{.Version}}' github.com/evanphx/json-patch/v5), jsonpatch $(venv/bin/python -c 'import jsonpatch; print(jsonpatch.__version__)'): v4 adds where it should refuse to replace"
{
	go run .
	venv/bin/python apply.py
} | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
