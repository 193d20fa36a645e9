"""The only pod of a workload is replaced, repeatedly, while four clients call it.

The cause is a size by hand, set on a whole second, so that the changes can be superimposed. The
duration of a change is from that edit to the end of the old pod, as a watch reports it.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from store.model import Phase, Workload
from tests.bench.arrivals import Arrivals, Times
from tests.e2e.workloads import Json, Shop, sized, until
from tests.installed.served import everything, loaded, served, serving
from tests.load.client import Tally

BEFORE, AFTER = 2, 10
"""Seconds of a change that its curve shows."""
SIZES = (("110m", "1100m"), ("100m", "1"))
"""CPU in turn: so much of it that the server is never held up."""

_PATIENCE = 60.0  # seconds for one change
_GRACE = {"terminationGracePeriodSeconds": 30}  # the server itself exits at once


@dataclass(frozen=True)
class Change:
    """One change, in seconds; `curve`: answers in each second, starting BEFORE seconds earlier."""

    took: float
    started: float
    answered: int
    failed: int
    gap: float
    gap_ended: float
    errors: Mapping[str, int]
    curve: Sequence[int]


class Scene:
    """One pod behind a Service, followed until `stop()`."""

    def __init__(self, shop: Shop, kind: str, *, budget: bool = True, **annotations: str) -> None:
        self.shop = shop
        given = {"podtailor.io/" + n.replace("_", "-"): v for n, v in annotations.items()}
        self._watched = Arrivals(shop.gateway, shop.namespace)
        self.workload = serving(
            shop,
            kind,
            budget=budget,
            annotations={"podtailor.io/mode": "auto", **given},
            containers=[served(**sized(*SIZES[1]))],
            pod=_GRACE,
        )

    def stop(self) -> None:
        """Stop following it."""
        self._watched.stop()

    def changes(self, count: int) -> list[Change]:
        """Make that many changes, one after the other."""
        return [self._change(SIZES[number % 2]) for number in range(count)]

    def _change(self, size: tuple[str, str]) -> Change:
        known = self._watched.of("web").keys()
        hand = {"name": "app", **sized(*size)}
        with loaded(self.shop) as tally:
            time.sleep(BEFORE + 1 - time.time() % 1)
            edit = time.time()
            self.shop.by_hand(self.workload, hand)
            until(lambda: self._over(known), _PATIENCE, lambda: said(self.shop, self.workload))
            time.sleep(max(1.0, edit + AFTER - time.time()))
        pods = self._watched.of("web")
        new = next(pod for name, pod in pods.items() if name not in known)
        old = max((pods[name] for name in known), key=lambda pod: pod.leaving or 0.0)
        return _told(edit, old, new, tally)

    def _over(self, known: object) -> bool:
        """Whether one pod is left, a new one, and the status says so."""
        podsize = self.shop.podsize(self.workload)
        pods = everything(self.shop)
        new = [p for p in pods if p.ready and p.metadata.name not in known]  # type: ignore[operator]
        return (
            len(pods) == len(new) == 1
            and podsize is not None
            and podsize.status.phase is Phase.SETTLED
        )


def _told(edit: float, old: Times, new: Times, tally: Tally) -> Change:
    assert old.leaving and new.ready
    seconds = range(int(edit) - BEFORE, int(edit) + AFTER)
    return Change(
        took=old.leaving - edit,
        started=new.ready - new.created,
        answered=sum(tally.answered.values()),
        failed=sum(tally.failed.values()),
        gap=tally.longest_gap,
        gap_ended=tally.gap_ended - edit,
        errors=dict(tally.errors),
        curve=[tally.answered[second] for second in seconds],
    )


def said(shop: Shop, workload: Workload) -> Json:
    """The status of a workload, where the scaler explains itself."""
    podsize = shop.podsize(workload)
    status = podsize.status if podsize else None
    return {"phase": status and status.phase, "message": status and status.message}
