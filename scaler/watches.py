"""Everything that is watched, and one immutable snapshot of it for each cycle.

The watches only update memory. No event decides anything; at most it wakes the loop.
"""

import threading
import time
from collections.abc import Callable, Mapping
from operator import is_

from kube import kinds, objects
from kube.gateway import Gateway
from kube.kinds import Kind
from kube.objects import Key
from kube.watching import Watch
from scaler.cluster.snapshot import Snapshot
from scaler.rules import Rules
from store.cache import Cache


class Observer:
    """All watches of the scaler. `woken` is called whenever something changed."""

    def __init__(
        self,
        gateway: Gateway,
        woken: Callable[[Key], None],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        def of(kind: Kind, read: type, *, optional: bool = False) -> Watch:  # type: ignore[type-arg]
            path = kind.path()
            return Watch(gateway, path, read, changed=woken, monotonic=monotonic, optional=optional)

        self._last: Snapshot | None = None
        self.store = Cache(gateway, changed=woken, monotonic=monotonic)
        self.owners: Mapping[str, Watch[objects.Owner]] = {
            name: of(kind, objects.Owner) for name, kind in kinds.OWNERS.items()
        }
        self.pods: Watch[objects.Pod] = of(kinds.POD, objects.Pod)
        self.namespaces: Watch[objects.Namespace] = of(kinds.NAMESPACE, objects.Namespace)
        self.nodes: Watch[objects.Node] = of(kinds.NODE, objects.Node)
        self.limit_ranges: Watch[objects.LimitRange] = of(kinds.LIMIT_RANGE, objects.LimitRange)
        self.quotas: Watch[objects.ResourceQuota] = of(kinds.RESOURCE_QUOTA, objects.ResourceQuota)
        self.horizontal: Watch[objects.HorizontalAutoscaler] = of(
            kinds.HORIZONTAL_AUTOSCALER, objects.HorizontalAutoscaler
        )
        self.vertical: Watch[objects.VerticalAutoscaler] = of(
            kinds.VERTICAL_AUTOSCALER, objects.VerticalAutoscaler, optional=True
        )
        self.claims: Watch[objects.Claim] = of(kinds.VOLUME_CLAIM, objects.Claim)

        self.rules = Rules(gateway, monotonic=monotonic)
        # What runs once only gets an event: nothing waits for it, and no cycle is made for it.
        self.jobs: Watch[objects.Job] = Watch(
            gateway, kinds.JOB.path(), objects.Job, monotonic=monotonic
        )
        self.cron_jobs: Watch[objects.CronJob] = Watch(
            gateway, kinds.CRON_JOB.path(), objects.CronJob, monotonic=monotonic
        )

    def start(self, stop: threading.Event) -> None:
        """A thread for each watch, until `stop` is set."""
        for watch in self.watches():
            name = f"watch {watch.path}"
            threading.Thread(target=watch.run, args=(stop,), name=name, daemon=True).start()

    def watches(self) -> list[Watch]:  # type: ignore[type-arg]
        """All of them."""
        return [*self._decisive(), self.jobs, self.cron_jobs, *self.rules.watches()]

    def _decisive(self) -> list[Watch]:  # type: ignore[type-arg]
        """Those without which nothing is decided."""
        limits = (self.limit_ranges, self.quotas)
        always = (self.pods, self.namespaces, self.nodes, *limits, self.claims)
        autoscalers = (self.horizontal, self.vertical)
        return [self.store.watch, *self.owners.values(), *always, *autoscalers]

    def missing(self) -> list[str]:
        """The paths that have not been listed yet: until they are, nothing is decided."""
        return [w.path for w in self._decisive() if not w.synced]

    def oldest(self) -> float:
        """Seconds since the API server's last message on the watch that is silent the longest."""
        return max(w.age() for w in self._decisive())

    def snapshot(self) -> Snapshot:
        """The cluster as it is known now: the same object where nothing has changed since."""
        now = Snapshot(
            owners={kind: watch.snapshot() for kind, watch in self.owners.items()},
            pods=self.pods.snapshot(),
            namespaces=self.namespaces.snapshot(),
            nodes=self.nodes.snapshot(),
            limit_ranges=self.limit_ranges.snapshot(),
            podsizes=self.store.all(),
            quotas=self.quotas.snapshot(),
            horizontal=self.horizontal.snapshot(),
            vertical=self.vertical.snapshot(),
            claims=self.claims.snapshot(),
            jobs=self.jobs.snapshot(),
            cron_jobs=self.cron_jobs.snapshot(),
        )
        if self._last is None or not _same(self._last, now):
            self._last = now
        return self._last


def _same(a: Snapshot, b: Snapshot) -> bool:
    return all(map(is_, a.owners.values(), b.owners.values())) and all(
        getattr(a, n) is getattr(b, n) for n in Snapshot.__struct_fields__ if n != "owners"
    )
