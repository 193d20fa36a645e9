#!/usr/bin/env bash
# The Python client's Lease and Go's MicroTime: a renewal at a whole second cannot be read.
#
# Expected: a renewTime is an RFC 3339 time with or without a fraction, as creationTimestamp is.
# Seen: metav1.MicroTime reads exactly six digits after the point and nothing else. Python's
#   isoformat() leaves the fraction out when it is 0, and so does the official client: one renewal in
#   a million, or each one of whoever rounds to seconds or milliseconds, does not decode.
# Why it matters to a pod scaler: this is the Lease of its leader election. Write the six digits
#   oneself (isoformat(timespec="microseconds")).
# Versions: k8s.io/apimachinery v0.37.2, Go 1.26, kubernetes 37.0.2 (Python); 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >renew.py <<'PY'
from datetime import datetime, timezone

from kubernetes import client

for microsecond in (123456, 500000, 0):
    at = datetime(2026, 11, 29, 12, 0, 0, microsecond, tzinfo=timezone.utc)
    lease = client.V1Lease(spec=client.V1LeaseSpec(renew_time=at))
    print(client.ApiClient().sanitize_for_serialization(lease)["spec"]["renewTime"])
print(datetime(2026, 11, 29, 12, 0, 0, 500000, tzinfo=timezone.utc).isoformat(timespec="milliseconds"))
print(datetime(2026, 11, 29, 12, 0, 0, 0, tzinfo=timezone.utc).isoformat(timespec="microseconds"))
PY
cat >main.go <<'GO'
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func main() {
	for times := bufio.NewScanner(os.Stdin); times.Scan(); {
		text := []byte(`"` + times.Text() + `"`)
		read := func(into any) string {
			if json.Unmarshal(text, into) != nil {
				return "refuses it"
			}
			return "reads it"
		}
		fmt.Printf("%s: Time %s, MicroTime %s\n", times.Text(), read(&metav1.Time{}), read(&metav1.MicroTime{}))
	}
}
GO
go mod init finding >go.log 2>&1
go get k8s.io/apimachinery/pkg/apis/meta/v1@v0.37.2 >>go.log 2>&1 || { cat go.log; exit 1; }
python3 -m venv venv
venv/bin/pip install -q --no-compile kubernetes==37.0.2

cat >expected <<'TEXT'
2026-11-29T12:00:00.123456+00:00: Time reads it, MicroTime reads it
2026-11-29T12:00:00.500000+00:00: Time reads it, MicroTime reads it
2026-11-29T12:00:00+00:00: Time reads it, MicroTime refuses it
2026-11-29T12:00:00.500+00:00: Time reads it, MicroTime refuses it
2026-11-29T12:00:00.000000+00:00: Time reads it, MicroTime reads it
TEXT
echo "apimachinery $(go list -m -f '{{.Version}}' k8s.io/apimachinery), kubernetes $(venv/bin/python -c 'import kubernetes; print(kubernetes.__version__)'): MicroTime needs six digits, the client does not always write them"
venv/bin/python renew.py >times
go run . <times | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
