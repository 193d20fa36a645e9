"""What was decided and changed since the last look, and which changes have reached all pods. Pure.

| seen in a cycle                                        | is                                      |
| ------------------------------------------------------ | --------------------------------------- |
| a decision on a resource of a container, of another    | counted once, by its reason             |
| reason than in the cycle before                        |                                         |
| a workload for the first time                          | its past changes are not counted        |
| lines of a revision above the newest known one         | changes; a rollback where one says so   |
| a size for running pods that some of them do not have  | being put into effect since its change  |
| then all of them have it                               | done, after so many seconds             |
| it is replaced by another size before                  | begun again, from that change on        |
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from kube import timestamps
from scaler.cluster.view import View
from scaler.model import Plan
from store.model import Apply, PodSize, Workload
from store.reasons import Reason

Decided = tuple[tuple[str, str, Reason], ...]
"""Container, resource and reason of each decision."""
Count = tuple[str, Reason]
"""A resource and a reason."""


class Known(Struct, frozen=True):
    """What was seen of one workload."""

    revision: int = 0
    decided: Decided = ()
    since: float | None = None
    """When the change was made that pods are getting, in seconds since the epoch."""
    podsize: PodSize | None = None
    """As of this look: while it is the same object, nothing was changed."""


class News(Struct):
    """What one cycle adds to the counters."""

    decisions: list[Count] = field(default_factory=list)
    changes: list[Count] = field(default_factory=list)
    rollbacks: int = 0
    seconds: list[float] = field(default_factory=list)
    """Of each change that has reached all pods: since it was made."""


def followed(
    before: Mapping[Workload, Known], views: Iterable[View], plans: Iterable[Plan], now: float
) -> tuple[dict[Workload, Known], News]:
    """What is known after one more cycle, by the table above, and what is new in it."""
    news = News()
    planned = {p.workload: p for p in plans}
    known = {
        view.workload: _seen(before.get(view.workload), view, planned.get(view.workload), now, news)
        for view in views
        if view.podsize is not None
    }
    return known, news


def _seen(before: Known | None, view: View, plan: Plan | None, now: float, news: News) -> Known:
    old = before or Known(view.status.highest_revision)
    decided = old.decided
    if plan is not None:
        now_decided = tuple([(d.container, d.resource, d.reason) for d in plan.decisions])
        if now_decided != old.decided:
            news.decisions += [(d[1], d[2]) for d in now_decided if d not in old.decided]
            decided = now_decided
    if view.podsize is old.podsize and old.since is None:
        return old if decided is old.decided else replace(old, decided=decided)
    revision = view.status.highest_revision
    if revision == old.revision:
        since = old.since
    else:
        lines = [c for c in view.status.changes if c.revision > old.revision]
        news.changes += [(c.resource, c.reason) for c in lines]
        news.rollbacks += any(c.reason is Reason.ROLLED_BACK for c in lines)
        made = [at for c in lines if (at := timestamps.seconds(c.at)) is not None]
        since = max(made, default=None)
    if since is not None and _over(view):
        if view.size is not None and view.size.apply is Apply.ALL:
            news.seconds.append(max(0.0, now - since))
        since = None
    return Known(revision, decided, since, view.podsize)


def _over(view: View) -> bool:
    """Whether no running pod is to get anything any more."""
    size = view.size
    if size is None or size.apply is not Apply.ALL:
        return True
    try:
        return bool(view.not_terminating) and not view.differing and not view.held
    except ValueError:  # a quantity that cannot be read, which the status says
        return False
