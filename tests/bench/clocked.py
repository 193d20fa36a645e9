"""`python -m scaler` that also logs when it decides and which readings it gets: for measurements.

The scaler's own log has a line for each action, written when the action is over. Measurements start
with the decision, so they need a line that is written before the action.
"""

import logging
import os
import sys
import time
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

from scaler.__main__ import main
from scaler.cluster.view import View
from scaler.model import Plan, Write
from scaler.planning import plan
from scaler.planning.context import Context
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.storage import Windows

logger = logging.getLogger("bench")

_plan, _take_in = plan.plan, Windows.take_in
_newest: dict[tuple[str, str, str], float] = {}


def _logged(view: View, around: Context) -> Plan | None:
    made = _plan(view, around)
    size = made.action.status.size if made and isinstance(made.action, Write) else None
    if made and size and size.revision != (view.size.revision if view.size else 0):
        fields = {
            "workload": str(view.workload),
            "revision": size.revision,
            "reason": str(made.standing.reason),
            "detail": made.standing.message,
        }
        logger.info("decided", extra={"at": time.time(), **fields})
    return made


def _counted(windows: Windows, samples: Sequence[Sample], *rest: Any) -> None:
    for s in samples:
        key = (s.namespace, s.pod, s.container)
        if _newest.get(key) != s.reading.at:
            _newest[key] = s.reading.at
            fields = {"sampled": s.reading.at, "received": s.reading.received}
            logger.info("reading", extra={"container_of": "/".join(key[:2]), **fields})
    _take_in(windows, samples, *rest)


if __name__ == "__main__":
    with patch.object(plan, "plan", _logged), patch.object(Windows, "take_in", _counted):
        sys.exit(main(sys.argv[1:], os.environ))
