#!/usr/bin/env bash
# runc's cgroup library: on cgroup v2 ten times the CPU request is six times the weight.
#
# Expected: a container's cpu.weight is proportional to its CPU request, as cpu.shares is on cgroup v1,
#   with whatever library made it.
# Seen: up to v0.0.2 so; from v0.0.3 on the conversion is a curve: 100m and 1000m are 17 and 100, where
#   they were 4 and 39, and 4000m has only 18 times the weight of 100m.
# Why it matters to a pod scaler: who gets the CPU when it is short is not what the requests say, a
#   raised request raises it by less, and one node's weights are not those of a node with an older
#   runtime. No rule, and no test, may read a request out of a weight.
# Versions: github.com/opencontainers/cgroups v0.0.2 and v0.1.0, Go 1.26; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/opencontainers/cgroups"
)

func main() {
	for _, milli := range []uint64{10, 100, 250, 1000, 4000} {
		shares := milli * 1024 / 1000
		fmt.Printf("%dm: shares %d, weight %d\n", milli, shares, cgroups.ConvertCPUSharesToCgroupV2Value(shares))
	}
}
GO
go mod init finding >go.log 2>&1

cat >expected <<'TEXT'
v0.0.2
10m: shares 10, weight 1
100m: shares 102, weight 4
250m: shares 256, weight 10
1000m: shares 1024, weight 39
4000m: shares 4096, weight 157
v0.1.0
10m: shares 10, weight 4
100m: shares 102, weight 17
250m: shares 256, weight 35
1000m: shares 1024, weight 100
4000m: shares 4096, weight 303
TEXT
echo "opencontainers/cgroups v0.0.2 and v0.1.0: shares become weights by another curve"
for version in v0.0.2 v0.1.0; do
	go get "github.com/opencontainers/cgroups@$version" >>go.log 2>&1 || { cat go.log; exit 1; }
	go list -m -f '{{.Version}}' github.com/opencontainers/cgroups
	go run .
done | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
