#!/usr/bin/env bash
# Kubernetes' Go Quantity: "0.3" and "300m" are equal, but not as floats.
#
# Expected: equal amounts give the same AsApproximateFloat64(), and n thousandths give what the
#   decimal n/1000 is in source code.
# Seen: the float depends on the spelling: "0.3" is 0.30000000000000004, "300m" is 0.3; and of 1m to
#   999m 144 come out above n/1000, none below.
# Why it matters to a pod scaler: "usage <= limit" and "size unchanged" on floats fail at the very
#   values that users write. Compare milli-units as integers, or with Cmp().
# Versions: k8s.io/apimachinery v0.37.2, Go 1.26; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"fmt"
	"strconv"

	"k8s.io/apimachinery/pkg/api/resource"
)

func main() {
	for _, pair := range [][2]string{{"0.3", "300m"}, {"0.7", "700m"}, {"0.1", "100m"}} {
		one, other := resource.MustParse(pair[0]), resource.MustParse(pair[1])
		fmt.Printf("%s and %s: Cmp %d, as floats %v and %v\n",
			pair[0], pair[1], one.Cmp(other), one.AsApproximateFloat64(), other.AsApproximateFloat64())
	}
	spelling, larger, smaller := 0, 0, 0
	for milli := int64(1); milli < 1000; milli++ {
		decimal := resource.MustParse(strconv.FormatFloat(float64(milli)/1000, 'f', -1, 64))
		amount := resource.NewMilliQuantity(milli, resource.DecimalSI)
		float := amount.AsApproximateFloat64()
		if decimal.AsApproximateFloat64() != float {
			spelling++
		}
		if float > float64(milli)/1000 {
			larger++
		}
		if float < float64(milli)/1000 {
			smaller++
		}
	}
	fmt.Printf("of 999 thousandths: %d differ between their two spellings\n", spelling)
	fmt.Printf("of 1m to 999m: %d above n/1000, %d below\n", larger, smaller)
}
GO
go mod init finding >go.log 2>&1
go get k8s.io/apimachinery/pkg/api/resource@v0.37.2 >>go.log 2>&1 || { cat go.log; exit 1; }

cat >expected <<'TEXT'
0.3 and 300m: Cmp 0, as floats 0.30000000000000004 and 0.3
0.7 and 700m: Cmp 0, as floats 0.7000000000000001 and 0.7000000000000001
0.1 and 100m: Cmp 0, as floats 0.1 and 0.1
of 999 thousandths: 2 differ between their two spellings
of 1m to 999m: 144 above n/1000, 0 below
TEXT
echo "apimachinery $(go list -m -f '{{.Version}}' k8s.io/apimachinery): equal quantities are different floats"
go run . | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
