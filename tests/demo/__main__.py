"""`make demo`: run the experiment against the installed podtailor and print what happens.

The exit status is 0 only if both pods came back Ready with twice the size, then got another size in
place, twice as much with the node agent, and one more by eviction; and if podtailor said of each of
nine others why it left it alone.
"""

import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec

from kube.gateway import Gateway, connect
from kube.kubelet import KubeletReader
from kube.objects import Node
from scaler.usage.enrolled import by_node
from scaler.usage.scraper import Kubelets
from scaler.usage.storage import Windows
from scaler.usage.window import Minute
from tests.demo import agents, others, page, report, workload
from tests.demo.scene import Scene, until
from tests.demo.timeline import Timeline

PATIENCE_FOR_WORDS = 20.0  # seconds until the last change is in the status
SETTLE = 65.0  # seconds: a container's first minute never counts
STATUS = str(Path(__file__).parents[2] / "bin/kubectl-podtailor"), "status"


class _Nodes(msgspec.Struct):
    items: list[Node]


def main() -> int:
    """Run the experiment; the exit status."""
    gateway = connect()
    space = workload.namespace(gateway)
    timeline = Timeline(gateway, space)
    timeline.start()
    try:
        return _experiment(gateway, space, timeline)
    finally:
        timeline.stop()
        workload.remove(gateway, space)


def _experiment(gateway: Gateway, space: str, timeline: Timeline) -> int:
    scene = _enrolled(gateway, space, timeline)
    if scene is None:
        return 1
    over = threading.Event()
    threading.Thread(target=_usage, args=(gateway, space, timeline, over), daemon=True).start()
    surge = scene.surge()
    over.set()
    resized, stepped, evicted = scene.by_hand_in_place(), scene.with_agent(), scene.by_eviction()
    if surge is None or resized is None or stepped is None or evicted is None:
        timeline.say("FAILED: the pods did not get their size in time")
        print("Where usage stayed below 450m, this machine was too busy to load them: try again.")
        return 1
    print("\n" + report.table(surge, resized, stepped, evicted) + "\n")
    if not _explained(space):
        return 1
    report.draw(surge, stepped)
    print(f"\nBoth pods of {space}/web used nearly all of their CPU limit, 500m, for a minute. So")
    print(f"podtailor doubled it, and replaced them; {surge.failed} requests failed meanwhile.")
    print(f"With the node agent the same load had the doubled limit after {_whole(stepped):.1f} s.")
    print(f"Answers per second through both: {report.PICTURE}")
    print(f"What it did to {space}/web and why, as a page: {page.HOW}")
    return 0


def _whole(change: report.Change) -> float:
    """Seconds from the load step until the last pod has the size."""
    return change.waited + change.swaps[-1][1] - change.decided


def _enrolled(gateway: Gateway, space: str, timeline: Timeline) -> Scene | None:
    """The workload and those beside it, ready for a load; None: there are no node agents."""
    timeline.say(f"page        {page.HOW}")
    timeline.say(f"workload    ReplicationController {space}/web: 2 x nginx, 250m / 500m")
    address = workload.create(gateway, space)
    timeline.say(
        f"beside it   nine workloads that are left alone: kubectl podtailor status {space}"
    )
    others.create(gateway, space)
    until(lambda: sum(p.ready is not None for p in timeline.pods.values()) == 2, 60)
    began = time.monotonic()
    if not agents.switch_on(timeline):
        return None
    timeline.say(f"opt in      kubectl -n {space} annotate rc web podtailor.io/mode=auto")
    workload.opt_in(gateway, space)
    timeline.say("            the first minute of a container does not count: waiting for its end")
    time.sleep(max(0.0, began + SETTLE - time.monotonic()))
    others.wish(gateway, space)
    return Scene(gateway, space, timeline, address)


def _explained(space: str) -> bool:
    """Print what podtailor says of all ten; whether it gives the reason for each."""

    def asked() -> bool:
        done = subprocess.run([*STATUS, space], capture_output=True, text=True)
        said.append(done.stdout + done.stderr)
        return others.all_explained(said[-1])

    said: list[str] = []
    whole = until(asked, PATIENCE_FOR_WORDS)
    print(f"$ kubectl podtailor status {space}\n{said[-1]}")
    if not whole:
        print("FAILED: not every workload has the reason that it should have")
    return whole


def _usage(gateway: Gateway, space: str, timeline: Timeline, over: threading.Event) -> None:
    """Print the mean of each pod's last minute every ten seconds, as the scaler computes it."""
    kubelets = Kubelets(KubeletReader(gateway.trust, verify=False), deadline=3.0)
    windows, looks = Windows(), 0
    while not over.wait(5):
        nodes = msgspec.json.decode(gateway.get("/api/v1/nodes"), type=_Nodes).items
        pods = workload.pods(gateway, space)
        windows.take_in(kubelets.read(nodes, time.time, by_node(pods)).samples, time.time())
        looks += 1
        if looks % 2:
            continue
        known = [windows.minute(p, "nginx", time.time()) for p in pods]
        means = [f"{m.mean:.0f}m" for m in known if isinstance(m, Minute)]
        shown = ", ".join(means) or "less than a minute of readings"
        timeline.say(f"usage       one-minute mean: {shown} (at 450m podtailor acts)")


if __name__ == "__main__":
    sys.exit(main())
