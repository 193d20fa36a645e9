"""`make demo`: run the experiment against the installed podtailor and print what happens.

The exit status is 0 only if both pods came back Ready with twice the size, then got another size in
place, and one more by eviction; and if podtailor said of each of nine others why it left it alone.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from kube.gateway import Gateway, connect
from kube.kubelet import KubeletReader
from kube.objects import Node
from scaler.usage.scraper import Kubelets
from scaler.usage.storage import Windows
from scaler.usage.window import Minute
from tests.demo import others, page, workload
from tests.demo.report import Change, change, in_place, table
from tests.demo.timeline import Timeline
from tests.load.client import Load
from tests.load.pod import PodLoad

CLIENTS = 8
PATIENCE = 300.0  # seconds for the whole change
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
    timeline.say(f"page        {page.HOW}")
    timeline.say(f"workload    ReplicationController {space}/web: 2 x nginx, 250m / 500m")
    address = workload.create(gateway, space)
    timeline.say(
        f"beside it   nine workloads that are left alone: kubectl podtailor status {space}"
    )
    others.create(gateway, space)
    _until(lambda: sum(p.ready is not None for p in timeline.pods.values()) == 2, 60)
    timeline.say(f"opt in      kubectl -n {space} annotate rc web podtailor.io/mode=auto")
    workload.opt_in(gateway, space)
    timeline.say("            the first minute of a container does not count: waiting for its end")
    time.sleep(SETTLE)
    others.wish(gateway, space)
    began = time.time()
    load = _load(space, address).start()
    timeline.say(f"load        {CLIENTS} clients, a new connection for each request")
    over = threading.Event()
    threading.Thread(target=_usage, args=(gateway, space, timeline, over), daemon=True).start()
    done = _until(lambda: timeline.replaced(2), PATIENCE)
    over.set()
    surge = _changed(timeline, load) if done else None
    resized = _in_place(gateway, space, timeline, address)
    timeline.say("beside it    the same by eviction: podtailor.io/disruption=evict, a size by hand")
    decided = timeline.revision
    load = _load(space, address).start()
    time.sleep(2)
    workload.change_by_eviction(gateway, space)
    done = _until(lambda: timeline.revision > decided and timeline.replaced(2), PATIENCE)
    evicted = _changed(timeline, load) if done else None
    if surge is None or resized is None or evicted is None:
        timeline.say("FAILED: the pods did not get their size in time")
        print("Where usage stayed below 450m, this machine was too busy to load them: try again.")
        return 1
    print("\n" + table(surge, resized, evicted, began) + "\n")
    if not _explained(space):
        return 1
    print(f"\nBoth pods of {space}/web used nearly all of their CPU limit, 500m, for a minute. So")
    print(f"podtailor doubled it, and replaced them; {surge.failed} requests failed meanwhile.")
    print(f"What it did to {space}/web and why, as a page: {page.HOW}")
    return 0


def _explained(space: str) -> bool:
    """Print what podtailor says of all ten; whether it gives the reason for each."""

    def asked() -> bool:
        done = subprocess.run([*STATUS, space], capture_output=True, text=True)
        said.append(done.stdout + done.stderr)
        return others.all_explained(said[-1])

    said: list[str] = []
    whole = _until(asked, PATIENCE_FOR_WORDS)
    print(f"$ kubectl podtailor status {space}\n{said[-1]}")
    if not whole:
        print("FAILED: not every workload has the reason that it should have")
    return whole


def _in_place(gateway: Gateway, space: str, timeline: Timeline, address: str) -> Change | None:
    """The same without replacing a pod.

    Before pods are evicted: connections that died with one are remembered by the kernel for two
    minutes, and a new one from the same port is sent to the pod that is gone.
    """
    timeline.say("beside it    the same in place: podtailor.io/strategy=resize, a size by hand")
    load = _load(space, address).start()
    time.sleep(2)
    workload.change_in_place(gateway, space)
    limit = workload.IN_PLACE
    done = _until(lambda: bool(timeline.resized(2, limit)), PATIENCE)
    time.sleep(2)
    tally = load.stop()
    return in_place(timeline, tally, timeline.resized(2, limit), limit) if done else None


def _changed(timeline: Timeline, load: Load | PodLoad) -> Change:
    """What the clients saw of the change that has just ended."""
    time.sleep(2)
    return change(timeline, load.stop())


def _load(space: str, address: str) -> Load | PodLoad:
    """From this machine if it reaches Services (the embedded cluster), otherwise from a pod."""
    if os.environ.get("CLUSTER") == "current":
        return PodLoad(space, address, workload.PORT, clients=CLIENTS)
    return Load(address, workload.PORT, "/", clients=CLIENTS)


def _until(holds: Callable[[], bool], timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


def _usage(gateway: Gateway, space: str, timeline: Timeline, over: threading.Event) -> None:
    """Print the mean of each pod's last minute every ten seconds, as the scaler computes it."""
    kubelets = Kubelets(KubeletReader(gateway.trust, verify=False), deadline=3.0)
    windows, looks = Windows(), 0
    while not over.wait(5):
        nodes = msgspec.json.decode(gateway.get("/api/v1/nodes"), type=_Nodes).items
        windows.take_in(kubelets.read(nodes, time.time).samples, time.time())
        looks += 1
        if looks % 2:
            continue
        known = [windows.minute(p, "nginx", time.time()) for p in workload.pods(gateway, space)]
        means = [f"{m.mean:.0f}m" for m in known if isinstance(m, Minute)]
        shown = ", ".join(means) or "less than a minute of readings"
        timeline.say(f"usage       one-minute mean: {shown} (at 450m podtailor acts)")


if __name__ == "__main__":
    sys.exit(main())
