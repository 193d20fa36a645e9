#!/usr/bin/env bash
# json-patch (Go, v4 and v5): a merge patch changes objects inside lists, which it must take as they are.
#
# Expected: as in RFC 7396, 2: only members of objects on the way down are merged; a list is no
#   object and replaces what was there, null members of its items included.
# Seen: both versions take the null members out of objects inside a list, though not a null that is
#   itself an item. Python's json-merge-patch keeps both.
# Why it matters to a pod scaler: who compares what was sent with what was stored sees a difference
#   that nobody made, and a null that a schema asks for (nullable) cannot be sent by a merge patch.
# Versions: gopkg.in/evanphx/json-patch.v4 v4.13.0 (what k8s.io/apiserver v0.37.2 asks for),
#   github.com/evanphx/json-patch/v5 v5.9.11, Go 1.26, json-merge-patch 0.3.0 (Python); 2026-11-30.
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

func main() {
	for _, patch := range []string{`{"ports":[{"name":null,"port":80}]}`, `{"args":[null,"a"]}`} {
		old, err := v4.MergePatch([]byte(`{}`), []byte(patch))
		if err != nil {
			panic(err)
		}
		young, err := v5.MergePatch([]byte(`{}`), []byte(patch))
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s\n  v4 %s\n  v5 %s\n", patch, old, young)
	}
}
GO
cat >merge.py <<'PY'
import json

import json_merge_patch

for patch in ({"ports": [{"name": None, "port": 80}]}, {"args": [None, "a"]}):
    print("python", json.dumps(json_merge_patch.merge({}, patch), separators=(",", ":")))
PY
go mod init finding >go.log 2>&1
go get gopkg.in/evanphx/json-patch.v4@v4.13.0 github.com/evanphx/json-patch/v5@v5.9.11 >>go.log 2>&1 || { cat go.log; exit 1; }
python3 -m venv venv
venv/bin/pip install -q json-merge-patch==0.3.0

cat >expected <<'TEXT'
{"ports":[{"name":null,"port":80}]}
  v4 {"ports":[{"port":80}]}
  v5 {"ports":[{"port":80}]}
{"args":[null,"a"]}
  v4 {"args":[null,"a"]}
  v5 {"args":[null,"a"]}
python {"ports":[{"name":null,"port":80}]}
python {"args":[null,"a"]}
TEXT
echo "json-patch.v4 $(go list -m -f '{{.Version}}' gopkg.in/evanphx/json-patch.v4), json-patch/v5 $(go list -m -f '{{.Version}}' github.com/evanphx/json-patch/v5): a merge patch prunes objects inside lists"
{ go run . && venv/bin/python merge.py; } | tee seen
diff expected seen
