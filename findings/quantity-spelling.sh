#!/usr/bin/env bash
# Kubernetes' Go Quantity: some spellings are sent back as they came, not in canonical form.
#
# Expected: as documented: what is not canonical parses and is emitted in canonical form, without a
#   sign unless negative ("1000m" comes back as "1", "0.50" as "500m").
# Seen: a plus sign, leading zeros, a bare point at the end and a zero exponent come back untouched,
#   until the amount is added to: then they are gone.
# Why it matters to a pod scaler: what the API server shows need not be canonical. Equal sizes differ
#   as strings, and a reader that only knows "digits, then a suffix" fails on "+1Gi" or "1.".
# Versions: k8s.io/apimachinery v0.37.2, Go 1.26; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"
)

func main() {
	for _, text := range []string{"1000m", "0.50", "1024Ki", "+1Gi", "0100m", "01", "1.", "1e+03", "1E0"} {
		var amount resource.Quantity
		if err := json.Unmarshal([]byte(`"`+text+`"`), &amount); err != nil {
			panic(err)
		}
		back, err := json.Marshal(amount)
		if err != nil {
			panic(err)
		}
		amount.Add(resource.MustParse("0"))
		fmt.Printf("%s: back as %s, after adding 0 as %s\n", text, back, amount.String())
	}
}
GO
go mod init finding >go.log 2>&1
go get k8s.io/apimachinery/pkg/api/resource@v0.37.2 >>go.log 2>&1 || { cat go.log; exit 1; }

cat >expected <<'TEXT'
1000m: back as "1", after adding 0 as 1
0.50: back as "500m", after adding 0 as 500m
1024Ki: back as "1Mi", after adding 0 as 1Mi
+1Gi: back as "+1Gi", after adding 0 as 1Gi
0100m: back as "0100m", after adding 0 as 100m
01: back as "01", after adding 0 as 1
1.: back as "1.", after adding 0 as 1
1e+03: back as "1e+03", after adding 0 as 1e3
1E0: back as "1E0", after adding 0 as 1
TEXT
echo "apimachinery $(go list -m -f '{{.Version}}' k8s.io/apimachinery): not every quantity is emitted in canonical form"
go run . | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
