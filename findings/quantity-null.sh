#!/usr/bin/env bash
# Kubernetes' Go types: a null request is a request of 0, and a patch can put it there.
#
# Expected: null says "none": {"requests": {"cpu": null}} decodes like {"requests": {}}; and a null in
#   a strategic merge patch only deletes, so none is left in the result.
# Seen: the key stays, with the amount 0. And a patch for a list item that is not there yet (a
#   container of that name) is put in as it is, with its null, and so becomes 0 too.
# Why it matters to a pod scaler: a missing CPU request is defaulted from the limit, a request of 0
#   is not. A null that is sent to clear a value leaves a pod that asks for nothing.
# Versions: k8s.io/api and k8s.io/apimachinery v0.37.2, Go 1.26; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

func show(what string, pod []byte) {
	var decoded corev1.Pod
	if err := json.Unmarshal(pod, &decoded); err != nil {
		panic(err)
	}
	for _, container := range decoded.Spec.Containers {
		cpu, present := container.Resources.Requests["cpu"]
		fmt.Printf("%s: container %s: cpu request present: %v, amount %s\n", what, container.Name, present, cpu.String())
	}
}

func main() {
	show("decoded {}", []byte(`{"spec": {"containers": [{"name": "a", "resources": {"requests": {}}}]}}`))
	show("decoded null", []byte(`{"spec": {"containers": [{"name": "a", "resources": {"requests": {"cpu": null}}}]}}`))
	pod := []byte(`{"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}]}}`)
	for _, name := range []string{"a", "b"} {
		patch := []byte(`{"spec":{"containers":[{"name":"` + name + `","resources":{"requests":{"cpu":null}}}]}}`)
		patched, err := strategicpatch.StrategicMergePatch(pod, patch, corev1.Pod{})
		if err != nil {
			panic(err)
		}
		fmt.Printf("null for %s: %s\n", name, patched)
		show("null for "+name, patched)
	}
}
GO
go mod init finding >go.log 2>&1
go get k8s.io/api/core/v1@v0.37.2 k8s.io/apimachinery/pkg/util/strategicpatch@v0.37.2 >>go.log 2>&1 || { cat go.log; exit 1; }

cat >expected <<'TEXT'
decoded {}: container a: cpu request present: false, amount 0
decoded null: container a: cpu request present: true, amount 0
null for a: {"spec":{"containers":[{"name":"a","resources":{"requests":{}}}]}}
null for a: container a: cpu request present: false, amount 0
null for b: {"spec":{"containers":[{"name":"b","resources":{"requests":{"cpu":null}}},{"name":"a","resources":{"requests":{"cpu":"1"}}}]}}
null for b: container b: cpu request present: true, amount 0
null for b: container a: cpu request present: true, amount 1
TEXT
echo "api $(go list -m -f '{{.Version}}' k8s.io/api), apimachinery $(go list -m -f '{{.Version}}' k8s.io/apimachinery): a null quantity in a map is 0, and patches can leave one"
go run . | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
