"""`make demo-unlike`: one workload on unlike nodes under equal load, one size for all or by kind.

Then, on an emulated board, the thesis's experiment, and the whole product beside twenty pods. The
exit status is 0 only if each kind of node ended with its right size where it could have its own,
throttled in at most a tenth of its periods, and the product kept no more memory than it may.
"""

import sys
import time
from collections.abc import Mapping

from kube.gateway import Gateway, connect
from tests.demo import workload
from tests.demo.unlike import daemonsets, edge, nodes, report, thesis
from tests.demo.unlike.scene import Scene
from tests.demo.unlike.sizes import Sizes
from tests.nodes.node import NodeV2
from tests.nodes.steps import slowness

BOARD = "pi"
"""The node of the thesis's experiment, and of the whole product."""


def main() -> int:
    """Run all three; the exit status."""
    gateway = connect()
    machines = nodes.machines(gateway)
    if not machines:
        print("no node in a virtual machine is up: make demo-unlike")
        return 1
    slow = {name: slowness(machine) for name, machine in machines.items()}
    for name, times in slow.items():
        print(f"{name}: a loop of the shell takes {times:.0f} times as long as here")
    failed = _sizes_by_kind(gateway, machines)
    if BOARD in machines and not thesis.run(gateway, BOARD, slow[BOARD]):
        failed = 1
    if BOARD in machines and not edge.run(gateway, machines[BOARD]):
        failed = 1
    return failed


def _sizes_by_kind(gateway: Gateway, machines: Mapping[str, NodeV2]) -> int:
    space = workload.namespace(gateway)
    scene = Scene(gateway, space, machines, Sizes(gateway, space))
    try:
        nodes.name_kinds(gateway, machines)
        daemonsets.create(gateway, space)
        if not scene.ready():
            print("FAILED: not every pod became Ready")
            return 1
        return _experiment(scene)
    finally:
        workload.remove(gateway, space)


def _experiment(scene: Scene) -> int:
    rate = scene.rate()
    print(f"{len(daemonsets.SETS)} DaemonSets, {rate:g} requests a second to each of their pods")
    sizes, requests = scene.sizes, scene.requests(rate)
    try:
        rows = scene.measured(requests)
        print(f"\nwith the manifest's size, not opted in:\n{report.table(rows)}\n", flush=True)
        sizes.began = time.time()
        daemonsets.opt_in(scene.gateway, scene.space)
        sizes.start()
        settled = scene.settled()
        rows = scene.measured(requests)
    finally:
        requests.stop()
        sizes.stop()
    print(f"\n{sizes.now():.0f} s after opting in:\n{report.table(rows)}")
    report.draw(sizes, [nodes.HOST, *scene.machines], sizes.now())
    print(f"\nsizes over time by kind: {report.PICTURE}")
    return _judged(rows, settled)


def _judged(rows: list[report.Row], settled: bool) -> int:
    """What the table comes to; the exit status."""
    said = {r.node: report.judged(r, rows) for r in rows if r.name == "one-size"}
    wrong = [f"{node} {what}" for node, what in said.items() if what != "fits"]
    print(f"one size for all: {', '.join(wrong) or 'fits every kind'}")
    own = [row for row in rows if row.name != "one-size"]
    missed = [row for row in own if row.throttled]
    for row in missed:
        share = 100 * row.used.throttled
        print(f"FAILED: {row.name} on {row.node} is throttled in {share:.0f} % of its periods")
    if not settled:
        print("FAILED: sizes still change")
    return 1 if missed or not settled else 0


if __name__ == "__main__":
    sys.exit(main())
