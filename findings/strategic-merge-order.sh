#!/usr/bin/env bash
# Strategic merge patch: a container that a patch adds becomes the first one.
#
# Expected: a list item that is not there yet is appended, as in a JSON patch to "/-" or by
#   server-side apply.
# Seen: what the patch names comes first and what only the object has after it: adding "proxy" to
#   "web" makes it containers[0]. One that is already there keeps its place. The same with finalizers.
# Why it matters to a pod scaler: "the first container is the main one" (kubectl logs and exec without
#   a name, index-based JSON patches of a webhook) no longer holds after somebody's sidecar was
#   patched in. Go by name. kubectl apply sends an order along, the Python client does not.
# Versions: k8s.io/apimachinery and k8s.io/api v0.37.2, Go 1.26; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

func main() {
	pod := `{"metadata":{"finalizers":["one"]},"spec":{"containers":[{"name":"web"},{"name":"logs"}]}}`
	for _, patch := range []string{
		`{"spec":{"containers":[{"name":"proxy"}]}}`,
		`{"spec":{"containers":[{"name":"logs","image":"new"}]}}`,
		`{"spec":{"$setElementOrder/containers":[{"name":"web"},{"name":"logs"},{"name":"proxy"}],"containers":[{"name":"proxy"}]}}`,
		`{"metadata":{"finalizers":["two"]}}`,
	} {
		patched, err := strategicpatch.StrategicMergePatch([]byte(pod), []byte(patch), corev1.Pod{})
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s\n  gives %s\n", patch, patched)
	}
}
GO
go mod init finding >go.log 2>&1
go get k8s.io/api/core/v1@v0.37.2 k8s.io/apimachinery/pkg/util/strategicpatch@v0.37.2 >>go.log 2>&1 || { cat go.log; exit 1; }

cat >expected <<'TEXT'
{"spec":{"containers":[{"name":"proxy"}]}}
  gives {"metadata":{"finalizers":["one"]},"spec":{"containers":[{"name":"proxy"},{"name":"web"},{"name":"logs"}]}}
{"spec":{"containers":[{"name":"logs","image":"new"}]}}
  gives {"metadata":{"finalizers":["one"]},"spec":{"containers":[{"name":"web"},{"image":"new","name":"logs"}]}}
{"spec":{"$setElementOrder/containers":[{"name":"web"},{"name":"logs"},{"name":"proxy"}],"containers":[{"name":"proxy"}]}}
  gives {"metadata":{"finalizers":["one"]},"spec":{"containers":[{"name":"web"},{"name":"logs"},{"name":"proxy"}]}}
{"metadata":{"finalizers":["two"]}}
  gives {"metadata":{"finalizers":["two","one"]},"spec":{"containers":[{"name":"web"},{"name":"logs"}]}}
TEXT
echo "apimachinery $(go list -m -f '{{.Version}}' k8s.io/apimachinery): a strategic merge patch puts new list items in front"
go run . | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
