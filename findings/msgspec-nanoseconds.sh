#!/usr/bin/env bash
# msgspec: a time with nanoseconds is rounded, where Python cuts it off.
#
# Expected: decoding to datetime drops the digits after the microsecond, as datetime.fromisoformat()
#   does, so that a decoded time is never later than the one that was sent.
# Seen: msgspec rounds to the nearest microsecond: 23:59:59.9999999 on 31 December is the new year.
# Why it matters to a pod scaler: container runtimes and logs write RFC 3339 with nine digits. The same
#   instant read by msgspec and by anything else is not equal any more, and may lie after the answer
#   that carried it: an age below zero.
# Versions: msgspec 0.23.0, Python 3.11; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >read.py <<'PY'
from datetime import datetime

import msgspec

for text in (
    "2026-11-29T12:00:00.123456499Z",
    "2026-11-29T12:00:00.123456501Z",
    "2026-12-31T23:59:59.999999900Z",
):
    rounded = msgspec.json.decode(msgspec.json.encode(text), type=datetime)
    cut = datetime.fromisoformat(text)
    print(f"{text}: msgspec {rounded:%Y-%m-%d %H:%M:%S.%f}, fromisoformat {cut:%Y-%m-%d %H:%M:%S.%f}")
PY
python3 -m venv venv
venv/bin/pip install -q msgspec==0.23.0

cat >expected <<'TEXT'
2026-11-29T12:00:00.123456499Z: msgspec 2026-11-29 12:00:00.123456, fromisoformat 2026-11-29 12:00:00.123456
2026-11-29T12:00:00.123456501Z: msgspec 2026-11-29 12:00:00.123457, fromisoformat 2026-11-29 12:00:00.123456
2026-12-31T23:59:59.999999900Z: msgspec 2027-01-01 00:00:00.000000, fromisoformat 2026-12-31 23:59:59.999999
TEXT
echo "msgspec $(venv/bin/python -c 'import msgspec; print(msgspec.__version__)'), $(python3 --version): msgspec rounds a time up, Python cuts it"
venv/bin/python read.py | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
