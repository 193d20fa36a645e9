"""The thesis's experiment on the emulated board: two nginx at their limit, replaced one by one.

Where the emulation is slow, so is what is measured: it is said beside the figure how slow.
"""

import time
from collections.abc import Mapping

from kube.gateway import Gateway
from tests.demo import report, workload
from tests.demo.scene import until
from tests.demo.timeline import Timeline
from tests.demo.unlike.daemonsets import TOLERATED
from tests.load.client import Load

CLIENTS = 4
"""As many as a slow pair of servers answers before a client gives up (two seconds)."""
READY, CHANGED = 300.0, 900.0
"""Seconds until both pods serve, and from the load's begin until both are replaced."""


def run(gateway: Gateway, node: str, slow: float) -> bool:
    """Print what it took; whether both pods came back Ready with twice the size."""
    space = workload.namespace(gateway)
    timeline = Timeline(gateway, space)
    timeline.start()
    try:
        change = _change(gateway, space, timeline, _on(node))
    finally:
        timeline.stop()
        workload.remove(gateway, space)
    if change is None:
        print(f"FAILED: the pods on {node} did not get their size in time")
        return False
    print(
        f"\nthesis's experiment on {node}: {report.took(change.swaps)} from the decision (the "
        f"pod before) to Ready, mean of {len(change.swaps)}; the thesis: {report.THESIS}.\n"
        f"A loop of the shell takes {slow:.0f} times as long there as on this machine; "
        f"{change.answered} requests were answered meanwhile, {change.failed} were not."
    )
    return True


def _on(node: str) -> Mapping[str, object]:
    return {"nodeSelector": {"kubernetes.io/hostname": node}, "tolerations": TOLERATED}


def _change(
    gateway: Gateway, space: str, timeline: Timeline, where: Mapping[str, object]
) -> report.Change | None:
    address = workload.create(gateway, space, where)
    if not until(lambda: sum(p.ready is not None for p in timeline.pods.values()) == 2, READY):
        return None
    timeline.say("opt in      podtailor.io/mode=auto")
    workload.opt_in(gateway, space)
    load, began = Load(address, workload.PORT, "/", clients=CLIENTS).start(), time.time()
    timeline.say(f"load        {CLIENTS} clients")
    done = until(lambda: timeline.replaced(2), CHANGED)
    tally = load.stop()
    return report.change(timeline, tally, began) if done else None
