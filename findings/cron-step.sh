#!/usr/bin/env bash
# Cron parsers: "*/2" as the day of the month, beside a weekday, means two things.
#
# Expected: parsers of five-field cron agree about a line that uses nothing but numbers, * and /.
# Seen: a line with both day fields: "0 0 */2 * 1". To robfig/cron (that of Kubernetes' CronJob) and
#   croniter it is each Monday and each odd day; to cronsim, which goes by Debian's cron, a step is
#   still a star, and so it is only the Mondays that are odd days. "1-31/2" means the first to all.
# Why it matters to a pod scaler: hours for changes, or a forecast of when a CronJob runs next, must be
#   read by the parser that runs it.
# Versions: github.com/robfig/cron/v3 v3.0.1, Go 1.26, croniter 7.0.0, cronsim 2.8 (Python); 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

func main() {
	for _, line := range []string{"0 0 */2 * 1", "0 0 1-31/2 * 1"} {
		fmt.Printf("robfig/cron %s:", line)
		schedule, err := cron.ParseStandard(line)
		if err != nil {
			fmt.Println(" refused")
			continue
		}
		at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		for range 4 {
			at = schedule.Next(at)
			fmt.Print(at.Format(" Mon02"))
		}
		fmt.Println()
	}
}
GO
cat >next.py <<'PY'
from datetime import datetime, timezone

from croniter import croniter
from cronsim import CronSim

START = datetime(2026, 3, 1, tzinfo=timezone.utc)
for line in ("0 0 */2 * 1", "0 0 1-31/2 * 1"):
    times = croniter(line, START)
    days = [times.get_next(datetime) for _ in range(4)]
    print(f"croniter {line}:", *(day.strftime("%a%d") for day in days))
    times = CronSim(line, START)
    days = [next(times) for _ in range(4)]
    print(f"cronsim {line}:", *(day.strftime("%a%d") for day in days))
PY
go mod init finding >go.log 2>&1
go get github.com/robfig/cron/v3@v3.0.1 >>go.log 2>&1 || { cat go.log; exit 1; }
python3 -m venv venv
venv/bin/pip install -q croniter==7.0.0 cronsim==2.8

cat >expected <<'TEXT'
robfig/cron 0 0 */2 * 1: Mon02 Tue03 Thu05 Sat07
robfig/cron 0 0 1-31/2 * 1: Mon02 Tue03 Thu05 Sat07
croniter 0 0 */2 * 1: Mon02 Tue03 Thu05 Sat07
cronsim 0 0 */2 * 1: Mon09 Mon23 Mon13 Mon27
croniter 0 0 1-31/2 * 1: Mon02 Tue03 Thu05 Sat07
cronsim 0 0 1-31/2 * 1: Mon02 Tue03 Thu05 Sat07
TEXT
echo "robfig/cron $(go list -m -f '{{.Version}}' github.com/robfig/cron/v3), $(venv/bin/pip list 2>/dev/null | awk '$1 ~ /^cron/ {printf "%s%s %s", separator, $1, $2; separator = ", "}'): one line, two calendars"
{
	go run .
	LC_ALL=C venv/bin/python next.py
} | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
