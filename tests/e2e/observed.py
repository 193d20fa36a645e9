"""What tests see of pods beside their sizes."""

from collections.abc import Iterable

from kube.objects import Pod
from tests.e2e.workloads import Shop


def restarts(pods: Iterable[Pod]) -> int:
    """How often their containers were started again."""
    return sum(c.restart_count for p in pods for c in p.status.container_statuses or ())


def made(shop: Shop, name: str = "web") -> list[tuple[str, int]]:
    """The pods of a workload by UID, and how often their containers were started again."""
    return [(p.metadata.uid, restarts([p])) for p in shop.pods(name)]
