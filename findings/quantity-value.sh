#!/usr/bin/env bash
# Kubernetes' Go Quantity: a decimal amount above 2^63-1 becomes 0 or negative.
#
# Expected: what the type's own documentation says: no quantity may be greater than 2^63-1, larger
#   numbers are capped.
# Seen: only those with a binary suffix are (16Ei). 10E parses and prints as 10E, yet Value() is 0;
#   2^63 gives the smallest negative number; and MilliValue(), where there is no such promise, wraps
#   far earlier (8191Pi is negative, the largest int64 is -1000).
# Why it matters to a pod scaler: a limit or quota that somebody wrote as "as good as none" reads as
#   no room, or as less than nothing, in whatever compares with Value(); Cmp() is right.
# Versions: k8s.io/apimachinery v0.37.2, Go 1.26; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"
)

func main() {
	for _, text := range []string{"8191Pi", "16Ei", "9223372036854775807", "9223372036854775808", "10E", "1e30"} {
		amount := resource.MustParse(text)
		fmt.Printf("%s: prints %s, Value %d, MilliValue %d, more than 1: %v\n",
			text, amount.String(), amount.Value(), amount.MilliValue(), amount.Cmp(resource.MustParse("1")) > 0)
	}
	sum := resource.MustParse("9E")
	sum.Add(resource.MustParse("9E"))
	fmt.Printf("9E + 9E: prints %s, Value %d\n", sum.String(), sum.Value())
}
GO
go mod init finding >go.log 2>&1
go get k8s.io/apimachinery/pkg/api/resource@v0.37.2 >>go.log 2>&1 || { cat go.log; exit 1; }

cat >expected <<'TEXT'
8191Pi: prints 8191Pi, Value 9222246136947933184, MilliValue -1125899906842624000, more than 1: true
16Ei: prints 9223372036854775807, Value 9223372036854775807, MilliValue -1000, more than 1: true
9223372036854775807: prints 9223372036854775807, Value 9223372036854775807, MilliValue -1000, more than 1: true
9223372036854775808: prints 9223372036854775808, Value -9223372036854775808, MilliValue 0, more than 1: true
10E: prints 10E, Value 0, MilliValue 0, more than 1: true
1e30: prints 1e30, Value 0, MilliValue 0, more than 1: true
9E + 9E: prints 18E, Value 0
TEXT
echo "apimachinery $(go list -m -f '{{.Version}}' k8s.io/apimachinery): decimal amounts above 2^63-1 are not capped; Value() is 0 or negative"
go run . | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
