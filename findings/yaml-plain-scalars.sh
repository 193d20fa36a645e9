#!/usr/bin/env bash
# PyYAML and Kubernetes' YAML: strings that one writes without quotes are numbers to the other.
#
# Expected: a dumper quotes what another YAML 1.1 reader would take for a number or a truth value (it
#   does with "on", "1.0" and "0x1F"), so Python's str is a string to kubectl and Helm.
# Seen: PyYAML writes y, 1e3, 1234e56, 08 and 0o10 plain, and reads them back as strings;
#   sigs.k8s.io/yaml reads true, 1000, 1.234e+59, 8 and 8.
# Why it matters to a pod scaler: a short commit hash or a zero-padded number in a label or an
#   annotation of a manifest written by Python is refused, or is another value. JSON has none of it.
# Versions: PyYAML 6.0.4, sigs.k8s.io/yaml v1.6.0, Go 1.26; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >write.py <<'PY'
import sys

import yaml

strings = ["on", "1.0", "0x1F", "1e3", "1234e56", "08", "0o10", "y"]
text = yaml.safe_dump({"values": strings})
if yaml.safe_load(text)["values"] != strings:
    sys.exit("PyYAML does not read its own")
print(text, end="")
PY
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"os"

	"sigs.k8s.io/yaml"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(asJSON))
}
GO
go mod init finding >go.log 2>&1
go get sigs.k8s.io/yaml@v1.6.0 >>go.log 2>&1 || { cat go.log; exit 1; }
python3 -m venv venv
venv/bin/pip install -q PyYAML==6.0.4

cat >expected <<'TEXT'
values:
- 'on'
- '1.0'
- '0x1F'
- 1e3
- 1234e56
- 08
- 0o10
- y
{"values":["on","1.0","0x1F",1000,1.234e+59,8,8,true]}
TEXT
echo "PyYAML $(venv/bin/python -c 'import yaml; print(yaml.__version__)'), sigs.k8s.io/yaml $(go list -m -f '{{.Version}}' sigs.k8s.io/yaml): Python writes strings plain that Go reads as numbers"
{
	venv/bin/python write.py | tee written
	go run . <written
} | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
