"""What tests see of pods beside their sizes, and of events."""

from collections.abc import Iterable

from kube.objects import Pod
from store.model import Workload
from tests.e2e.workloads import Shop, until


def restarts(pods: Iterable[Pod]) -> int:
    """How often their containers were started again."""
    return sum(c.restart_count for p in pods for c in p.status.container_statuses or ())


def made(shop: Shop, name: str = "web") -> list[tuple[str, int]]:
    """The pods of a workload by UID, and how often their containers were started again."""
    return [(p.metadata.uid, restarts([p])) for p in shop.pods(name)]


def only_pod(shop: Shop, name: str = "web") -> Pod | None:
    """The one pod of a workload; None: it has none just now, or more."""
    pods = shop.pods(name)
    return pods[0] if len(pods) == 1 else None


def resizing(shop: Shop, name: str) -> dict[str, str]:
    """What the kubelet says of a resize of its one pod: the conditions' reasons, by type."""
    found = shop.pods(name)[0].status.conditions or ()
    return {c.type: c.reason for c in found if "Resize" in c.type and c.status == "True"}


def await_event(shop: Shop, workload: Workload, words: str, reason: str | None = None) -> None:
    """Wait for an event on the workload that says so: it is posted after the status is written."""

    def found() -> bool:
        return any(words in n for _, why, n in shop.events(workload) if reason in (None, why))

    until(found, 10, lambda: shop.events(workload))
