#!/usr/bin/env bash
# PromQL and MetricsQL: 010 is 8, 08 is 8 too, or an error.
#
# Expected: numbers in a query are decimal, so a leading zero changes nothing (0.5 and 00.5 alike).
# Seen: Prometheus reads 010 as octal, 8; as 08 cannot be octal, that is 8 too, and 0100 is 64.
#   VictoriaMetrics' parser agrees about 010 and refuses 08 and 00.5.
# Why it matters to a pod scaler: a zero-padded threshold from a template or a dashboard's variable
#   ("070" per cent of a limit) is another one (56), without an error.
# Versions: github.com/prometheus/prometheus v0.316.0, github.com/VictoriaMetrics/metricsql v0.87.3,
#   Go 1.26; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/prometheus/prometheus/promql/parser"
)

func prometheus(query string) string {
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		return "refused"
	}
	return fmt.Sprint(parsed.(*parser.NumberLiteral).Val)
}

func victoria(query string) string {
	parsed, err := metricsql.Parse(query + " * 1")
	if err != nil {
		return "refused"
	}
	return string(parsed.AppendString(nil))
}

func main() {
	for _, query := range []string{"10", "010", "070", "0100", "08", "080", "00.5"} {
		fmt.Printf("%s: Prometheus %s, MetricsQL %s\n", query, prometheus(query), victoria(query))
	}
}
GO
go mod init finding >go.log 2>&1
go get github.com/prometheus/prometheus/promql/parser@v0.316.0 github.com/VictoriaMetrics/metricsql@v0.87.3 >>go.log 2>&1 || { cat go.log; exit 1; }

cat >expected <<'TEXT'
10: Prometheus 10, MetricsQL 10
010: Prometheus 8, MetricsQL 8
070: Prometheus 56, MetricsQL 56
0100: Prometheus 64, MetricsQL 64
08: Prometheus 8, MetricsQL refused
080: Prometheus 80, MetricsQL refused
00.5: Prometheus 0.5, MetricsQL refused
TEXT
echo "prometheus $(go list -m -f '{{.Version}}' github.com/prometheus/prometheus), metricsql $(go list -m -f '{{.Version}}' github.com/VictoriaMetrics/metricsql): a leading zero makes a number octal"
go run . | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
