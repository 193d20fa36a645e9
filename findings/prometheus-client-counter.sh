#!/usr/bin/env bash
# prometheus_client's parser: a counter without "_total" gets another name than it was read with.
#
# Expected: text_string_to_metric_families() of the text format gives each sample the name that stands
#   in its line, as Prometheus' own parser does.
# Seen: a sample of "# TYPE container_memory_failcnt counter" is called
#   container_memory_failcnt_total; without the TYPE line, or as a gauge, it keeps its name.
# Why it matters to a pod scaler: cAdvisor has such a counter on every kubelet, and it is the one that
#   tells a shortage of memory: looked up by the name that the kubelet and Prometheus show, it is
#   never found.
# Versions: prometheus_client 0.26.0, github.com/prometheus/common v0.74.0, Go 1.26; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >metrics <<'METRICS'
# HELP container_memory_failcnt Number of memory usage hits limits
# TYPE container_memory_failcnt counter
container_memory_failcnt{container="web"} 7 1764417600000
# TYPE container_memory_rss gauge
container_memory_rss{container="web"} 4096 1764417600000
container_untyped{container="web"} 1 1764417600000
METRICS
cat >read.py <<'PY'
from prometheus_client.parser import text_string_to_metric_families

with open("metrics") as text:
    for family in text_string_to_metric_families(text.read()):
        for sample in family.samples:
            print(f"Python: {family.type} {sample.name}")
PY
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"sort"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

func main() {
	text, err := os.Open("metrics")
	if err != nil {
		panic(err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(text)
	if err != nil {
		panic(err)
	}
	lines := []string{}
	for name, family := range families {
		lines = append(lines, fmt.Sprintf("Go: %s %s", family.GetType(), name))
	}
	sort.Strings(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
}
GO
go mod init finding >go.log 2>&1
go get github.com/prometheus/common/expfmt@v0.74.0 github.com/prometheus/common/model@v0.74.0 >>go.log 2>&1 || { cat go.log; exit 1; }
python3 -m venv venv
venv/bin/pip install -q prometheus_client==0.26.0

cat >expected <<'TEXT'
Python: counter container_memory_failcnt_total
Python: gauge container_memory_rss
Python: unknown container_untyped
Go: COUNTER container_memory_failcnt
Go: GAUGE container_memory_rss
Go: UNTYPED container_untyped
TEXT
echo "prometheus_client $(venv/bin/pip list 2>/dev/null | awk 'tolower($1) ~ /^prometheus.client$/ {print $2}'), prometheus/common $(go list -m -f '{{.Version}}' github.com/prometheus/common): Python adds _total to a counter that has none"
{
	venv/bin/python read.py
	go run .
} | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
