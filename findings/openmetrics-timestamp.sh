#!/usr/bin/env bash
# OpenMetrics: Go writes a sample's time with an exponent, Python reads 1970.
#
# Expected: prometheus_client reads the times that Prometheus' own library writes, as Prometheus does.
# Seen: expfmt writes 1764417600.123 as 1.764417600123e+09 (which the format allows), and Python's
#   parser takes the 1 for seconds and the nine digits after the point for nanoseconds: 1.76 s after
#   the epoch, without an error. It only looks at the exponent where there are fewer digits, that is
#   for whole tens of seconds.
# Why it matters to a pod scaler: kubelets' samples carry times. Read as OpenMetrics by this parser,
#   each sample is half a century old, and a rate over two of them is nonsense.
# Versions: github.com/prometheus/common v0.74.0, Go 1.26, prometheus_client 0.26.0 (Python); 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"os"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

func main() {
	name, kind := "container_memory_rss", dto.MetricType_GAUGE
	family := &dto.MetricFamily{Name: &name, Type: &kind}
	for _, milliseconds := range []int64{1764417600123, 1764417601000, 1764417600000} {
		value := 4096.0
		family.Metric = append(family.Metric, &dto.Metric{Gauge: &dto.Gauge{Value: &value}, TimestampMs: &milliseconds})
	}
	encoder := expfmt.NewEncoder(os.Stdout, expfmt.NewFormat(expfmt.TypeOpenMetrics))
	if err := encoder.Encode(family); err != nil {
		panic(err)
	}
	if err := encoder.(expfmt.Closer).Close(); err != nil {
		panic(err)
	}
}
GO
cat >read.py <<'PY'
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

written = sys.stdin.read().replace("container_memory_rss 4096.0 ", "").splitlines()[1:-1]
plain = "# TYPE a gauge\na 1 {}\n# EOF\n"
for time in [*written, "1764417600.123"]:
    (family,) = text_string_to_metric_families(plain.format(time))
    print(f"{time}: Python reads {float(family.samples[0].timestamp)}")
PY
go mod init finding >go.log 2>&1
go get github.com/prometheus/common/expfmt@v0.74.0 >>go.log 2>&1 || { cat go.log; exit 1; }
python3 -m venv venv
venv/bin/pip install -q prometheus_client==0.26.0

cat >expected <<'TEXT'
# TYPE container_memory_rss gauge
container_memory_rss 4096.0 1.764417600123e+09
container_memory_rss 4096.0 1.764417601e+09
container_memory_rss 4096.0 1.7644176e+09
# EOF
1.764417600123e+09: Python reads 1.7644176
1.764417601e+09: Python reads 1.764417601
1.7644176e+09: Python reads 1764417600.0
1764417600.123: Python reads 1764417600.123
TEXT
echo "prometheus/common $(go list -m -f '{{.Version}}' github.com/prometheus/common), prometheus_client $(venv/bin/pip list 2>/dev/null | awk 'tolower($1) ~ /^prometheus.client$/ {print $2}'): a time with an exponent is misread"
{
	go run . | tee written
	venv/bin/python read.py <written
} | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
