#!/usr/bin/env bash
# The Python client's format_quantity: whole units are rounded to even, down to 0.
#
# Expected: quantize=Decimal(1) ("no fractional digits") rounds up, as Kubernetes does with what it
#   cannot keep, or at least like a person: 2.5Gi to 3Gi, 0.5Gi to 1Gi.
# Seen: Decimal's own rule, half to even: 2.5Gi and 1.5Gi are both 2Gi, and 0.5Gi is 0Gi. And the
#   example in its documentation (a parsed quantity times 1.2) raises TypeError.
# Why it matters to a pod scaler: a memory limit that was to be kept becomes a smaller one, or 0.
# Versions: kubernetes 37.0.2 (Python); 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >format.py <<'PY'
from decimal import Decimal

from kubernetes.utils.quantity import format_quantity, parse_quantity

for text in ("0.5Gi", "1.5Gi", "2.5Gi", "3.5Gi"):
    print(text, "in whole Gi:", format_quantity(parse_quantity(text), "Gi", quantize=Decimal(1)))
example = "desired_memory = current_memory * 1.2"
print("the example is in the documentation:", example in format_quantity.__doc__)
try:
    print("the example:", parse_quantity("1Gi") * 1.2)
except TypeError as error:
    print("the example:", error)
PY
python3 -m venv venv
venv/bin/pip install -q --no-compile kubernetes==37.0.2

cat >expected <<'TEXT'
0.5Gi in whole Gi: 0Gi
1.5Gi in whole Gi: 2Gi
2.5Gi in whole Gi: 2Gi
3.5Gi in whole Gi: 4Gi
the example is in the documentation: True
the example: unsupported operand type(s) for *: 'decimal.Decimal' and 'float'
TEXT
echo "kubernetes $(venv/bin/python -c 'import kubernetes; print(kubernetes.__version__)'): format_quantity rounds half to even"
venv/bin/python format.py | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
