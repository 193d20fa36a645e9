#!/usr/bin/env bash
# wait.Backoff (apimachinery): a Cap ends the retries, it does not only bound the wait.
#
# Expected: ten steps that double from 1 ms, with a cap of 4 ms: ten attempts, the later ones 4 ms
#   apart, as with a cap in most libraries of the kind.
# Seen: three attempts, then "timed out waiting for the condition". The first wait that would be
#   longer than the cap is set to it, and the number of steps that are left is set to zero. Without
#   the cap there are ten.
# Why it matters to a pod scaler: a controller that caps its wait at a minute to be patient with a
#   busy API server is less patient than before, and its error says that time is up.
# Versions: k8s.io/apimachinery v0.37.2, Go 1.26; 2026-11-30.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

func attempts(backoff wait.Backoff) {
	tried := 0
	err := wait.ExponentialBackoff(backoff, func() (bool, error) {
		tried++
		return false, nil
	})
	fmt.Printf("steps %d, cap %v: %d attempts, %v\n", backoff.Steps, backoff.Cap, tried, err)
}

func main() {
	backoff := wait.Backoff{Duration: time.Millisecond, Factor: 2, Steps: 10}
	attempts(backoff)
	backoff.Cap = 4 * time.Millisecond
	attempts(backoff)
}
GO
go mod init finding >go.log 2>&1
go get k8s.io/apimachinery/pkg/util/wait@v0.37.2 >>go.log 2>&1 || { cat go.log; exit 1; }

cat >expected <<'TEXT'
steps 10, cap 0s: 10 attempts, timed out waiting for the condition
steps 10, cap 4ms: 3 attempts, timed out waiting for the condition
TEXT
echo "apimachinery $(go list -m -f '{{.Version}}' k8s.io/apimachinery): a cap ends the retries"
go run . | tee seen
diff expected seen
