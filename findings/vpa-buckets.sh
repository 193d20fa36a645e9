#!/usr/bin/env bash
# VPA's histogram: "5 %" buckets overstate small use by up to twice.
#
# Expected: buckets that grow by 5 % ("relative error" in its source) put an estimate at most 5 % too
#   high.
# Seen: each bucket is 5 % wider than the one before it, not 5 % of where it lies, and the first two
#   are about 0.01 cores wide: around v cores they are 5 % + 0.01 / v wide, and the estimate is the
#   bucket's end. A steady 11m is 21m, a steady 21m is 32m; memory is the same in units of 1 GB.
# Why it matters to a pod scaler: comparing sizes with VPA's for small pods compares its buckets; its
#   margin of 15 % comes on top.
# Versions: k8s.io/autoscaler/vertical-pod-autoscaler v1.8.1 (its default options), Go 1.26; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/util"
)

func main() {
	// the recommender's defaults for CPU: 1000 cores, 0.01 cores, 5 %, and a day's half-life
	options, err := util.NewExponentialHistogramOptions(1000, 0.01, 1.05, 0.0001)
	if err != nil {
		panic(err)
	}
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for _, cores := range []float64{0.011, 0.021, 0.034, 0.1, 0.5, 1, 4} {
		histogram := util.NewDecayingHistogram(options, 24*time.Hour)
		for minute := range 1000 {
			histogram.AddSample(cores, 1, now.Add(time.Duration(minute)*time.Minute))
		}
		estimate := histogram.Percentile(0.9)
		fmt.Printf("always %.3f cores: 90th percentile %.4f, %.0f %% more\n", cores, estimate, 100*(estimate/cores-1))
	}
}
GO
go mod init finding >go.log 2>&1
go get k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/util@v1.8.1 >>go.log 2>&1 || { cat go.log; exit 1; }

cat >expected <<'TEXT'
always 0.011 cores: 90th percentile 0.0205, 86 % more
always 0.021 cores: 90th percentile 0.0315, 50 % more
always 0.034 cores: 90th percentile 0.0431, 27 % more
always 0.100 cores: 90th percentile 0.1103, 10 % more
always 0.500 cores: 90th percentile 0.5111, 2 % more
always 1.000 cores: 90th percentile 1.0163, 2 % more
always 4.000 cores: 90th percentile 4.1247, 3 % more
TEXT
echo "vertical-pod-autoscaler $(go list -m -f '{{.Version}}' k8s.io/autoscaler/vertical-pod-autoscaler): buckets of 5 % are up to 105 % wide where use is small"
go run . | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
