#!/usr/bin/env bash
# Kubernetes' CEL: quantity("1000m") equals quantity("1") and is no integer.
#
# Expected: isInteger() and asInteger() ask for the amount, as == and compareTo() do.
# Seen: they ask for the spelling: "1" is an integer, the equal "1000m" is not, and asInteger() of it
#   is an error. Nor is "1.0" one, though it prints as 1; "1e3" is.
# Why it matters to a pod scaler: a validation rule of a CRD or an admission policy that says "whole
#   cores only" with isInteger() refuses the same size in the spelling that a scaler counts in.
# Versions: k8s.io/apiserver v0.37.2 (with the cel-go it asks for), Go 1.26; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/google/cel-go/cel"
	"k8s.io/apiserver/pkg/cel/library"
)

func main() {
	env, err := cel.NewEnv(library.Quantity())
	if err != nil {
		panic(err)
	}
	for _, rule := range []string{
		`quantity("1000m") == quantity("1")`,
		`quantity("1").isInteger()`,
		`quantity("1.0").isInteger()`,
		`quantity("1e3").isInteger()`,
		`quantity("1000m").isInteger()`,
		`quantity("2000000u").isInteger()`,
		`quantity("1").asInteger()`,
		`quantity("1000m").asInteger()`,
	} {
		ast, issues := env.Compile(rule)
		if issues.Err() != nil {
			panic(issues.Err())
		}
		program, err := env.Program(ast)
		if err != nil {
			panic(err)
		}
		answer, _, err := program.Eval(map[string]any{})
		if err != nil {
			fmt.Printf("%s: error: %v\n", rule, err)
			continue
		}
		fmt.Printf("%s: %v\n", rule, answer.Value())
	}
}
GO
go mod init finding >go.log 2>&1
go get k8s.io/apiserver/pkg/cel/library@v0.37.2 >>go.log 2>&1 || { cat go.log; exit 1; }

cat >expected <<'TEXT'
quantity("1000m") == quantity("1"): true
quantity("1").isInteger(): true
quantity("1.0").isInteger(): false
quantity("1e3").isInteger(): true
quantity("1000m").isInteger(): false
quantity("2000000u").isInteger(): false
quantity("1").asInteger(): 1
quantity("1000m").asInteger(): error: cannot convert value to integer
TEXT
echo "apiserver $(go list -m -f '{{.Version}}' k8s.io/apiserver), cel-go $(go list -m -f '{{.Version}}' github.com/google/cel-go): isInteger() goes by the spelling"
go run . | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
