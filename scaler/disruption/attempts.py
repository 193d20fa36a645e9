"""How soon an attempt that was refused is made again. Pure but for what it remembers.

Cycles come many times a second where a cluster is busy; whoever refuses (a budget, the webhook, a
policy) is not to be asked that often: a workload that waits costs at most ten calls in ten minutes
that write, or would (dry runs). Nothing is lost with it: a new scaler asks once more.

The wait ends, and what was refused is asked again at once, with a change of what it depends on: the
owner's spec, the PodSize's, another size; a PodDisruptionBudget of the namespace, a webhook or
policy of the cluster (rules.py); of our own webhook: which of its pods are Ready.
"""

from collections.abc import Callable, Hashable

from msgspec import Struct
from msgspec.structs import replace

from scaler.cluster.view import View
from scaler.disruption import pauses
from scaler.model import (
    TAKES,
    Action,
    Delete,
    Drain,
    Evict,
    HandBack,
    HandOver,
    Outcome,
    Resize,
    Wait,
    Write,
)
from store.model import Workload
from store.reasons import Reason

_SURGE = (HandOver, Drain, Delete)

Edition = tuple[Hashable, Hashable]
"""Of the cluster's policies and webhooks, and of a namespace's budgets."""
_What = tuple[str, str, int]
"""What is done, to which pod, for which revision of the size."""


class _Refusal(Struct, frozen=True):
    what: _What
    at: float
    pause: float
    words: str = ""
    reason: Reason | None = None
    ground: Hashable = ()
    """What it depends on, as it was then."""

    def holds(self, now: float) -> bool:
        """A clock that steps back holds nobody up."""
        return 0 <= now - self.at < self.pause


class Pace:
    """When each workload's last refusal was, and of what."""

    def __init__(self) -> None:
        self.rules: Callable[[str], Edition] = lambda namespace: ((), ())
        """The edition of all that may refuse in a namespace (rules.py)."""
        self.webhook: Callable[[], Hashable] = lambda: ()
        """Another value where pods of our webhook have become Ready."""
        self._refused: dict[Workload, _Refusal] = {}
        self._surges: dict[Workload, _Refusal] = {}
        self._statuses: dict[tuple[Workload, _What | None], _Refusal] = {}
        """Statuses that may not be written, by the size in them: what needs one waits with them."""
        self._resizes: dict[tuple[Workload, str], _Refusal] = {}
        """Refused resizes, by the pod's UID; "": of whichever pod, as it is the size (ALIKE)."""

    def early(self, action: Action, now: float, seen: View | None = None) -> bool:
        """Whether just this was refused a moment ago, or the status that it needs."""
        if isinstance(action, Wait):
            return False
        w, what = action.workload, _what(action)
        needs = _status(action)
        held = [(self._refused.get(w), what), (self._statuses.get((w, needs)), needs)]
        if isinstance(action, Resize):
            held.append((self._resizes.get((w, action.uid)), what))
        return any(self._waits(last, about, now, seen) for last, about in held)

    def standing(self, action: Action, now: float, seen: View) -> Outcome | None:
        """The refusal for which just this action waits; None: it does not, or nobody refused."""
        if isinstance(action, Wait):
            return None
        last = self._refused.get(seen.workload)
        if last is None or last.reason is None or not self._waits(last, _what(action), now, seen):
            return None
        return Outcome(done=False, reason=last.reason, message=last.words)

    def refused(
        self, action: Action, now: float, outcome: Outcome, seen: View | None = None
    ) -> None:
        """Remember it. `seen`: the workload as it was then."""
        reason = outcome.reason
        if isinstance(action, Wait) or outcome.soon:
            return
        w, what = action.workload, _what(action)
        if outcome.unwritten and (needs := _written(action)):
            last = self._statuses.get((w, needs))
            known = {k: r for k, r in self._statuses.items() if now - r.at < 2 * pauses.LONGEST}
            self._statuses = {**known, (w, needs): self._next(last, needs, now, outcome, seen)}
            return
        if isinstance(action, Resize) and reason in pauses.NO_RESIZE:
            self._resizes = {
                k: r for k, r in self._resizes.items() if now - r.at < 2 * pauses.LONGEST
            }
            for uid in (action.uid, "") if reason in pauses.ALIKE else (action.uid,):
                last = self._resizes.get((w, uid))
                about = what if uid else ("resize", "", action.size.revision)
                self._resizes[w, uid] = self._next(last, about, now, outcome, seen)
            return
        if reason is Reason.REFUSED and isinstance(action, _SURGE):
            kind = ("surge", "", seen.size.revision if seen and seen.size else 0)
            self._surges[w] = self._next(self._surges.get(w), kind, now, outcome, seen)
            if isinstance(action, HandOver):
                return  # it may be evicted at once
        self._refused[w] = self._next(self._refused.get(w), what, now, outcome, seen)
        if isinstance(action, Evict) and reason in pauses.SELDOM and not outcome.read:
            self._both_refused(w)

    def surge_refused(self, view: View, now: float) -> str | None:
        """The words in which somebody refused that a pod be handed over, drained or deleted."""
        last, size = self._surges.get(view.workload), view.size
        if last is None or size is None or last.what[2] != size.revision:
            return None
        return last.words if self._holds(last, now, view) else None

    def unresizable(self, view: View, uid: str, now: float) -> tuple[str, Reason | None] | None:
        """The words in which a resize of the pod to its size was refused, and their kind."""
        revision = view.size.revision if view.size else 0
        for last in (self._resizes.get((view.workload, one)) for one in (uid, "")):
            if last and last.what[2] == revision and self._holds(last, now, view):
                return last.words, last.reason
        return None

    def stuck(self, workload: Workload) -> bool:
        """Whether what nobody refuses has failed at least three times in a row."""
        last = self._refused.get(workload)
        return last is not None and last.reason is None and last.pause > 2 * pauses.AGAIN

    def granted(self, action: Action) -> None:
        """Forget what was refused."""
        if isinstance(action, Wait):
            return
        w, last = action.workload, self._refused.get(action.workload)
        if last and (isinstance(action, TAKES) or last.what == _what(action)):
            del self._refused[w]
        if isinstance(action, Delete):
            self._surges.pop(w, None)
        if isinstance(action, (*TAKES, Resize)):
            self._resizes = {k: r for k, r in self._resizes.items() if k not in _of(action)}
        if _status(action):
            self._statuses = {k: r for k, r in self._statuses.items() if k[0] != w}

    def _waits(
        self, last: _Refusal | None, about: _What | None, now: float, seen: View | None
    ) -> bool:
        """Whether it is just that which was refused, and the refusal holds."""
        return last is not None and last.what == about and self._holds(last, now, seen)

    def _holds(self, last: _Refusal, now: float, seen: View | None) -> bool:
        return last.holds(now) and last.ground == self._ground(seen, last.reason)

    def _ground(self, seen: View | None, reason: Reason | None) -> Hashable:
        """Another value where somebody has edited the owner's spec, the PodSize's, or a rule."""
        if seen is None:
            return ()
        edited = seen.owner.metadata.generation if seen.owner else 0
        sized = seen.podsize.generation if seen.podsize else 0
        policies, budgets = self.rules(seen.workload.namespace)
        match reason:
            case Reason.WEBHOOK_UNVERIFIED:
                return edited, sized, policies, self.webhook()
            case Reason.DISRUPTION_BUDGET:
                return edited, sized, policies, budgets
            case Reason.LIMIT_RANGE:
                ranges = tuple(r.metadata.resource_version for r in seen.limit_ranges)
                return edited, sized, policies, ranges
        return edited, sized, policies

    def _next(
        self, last: _Refusal | None, what: _What, now: float, out: Outcome, seen: View | None
    ) -> _Refusal:
        ground = self._ground(seen, out.reason)
        again = last is not None and (last.what, last.ground) == (what, ground)
        pause = pauses.after(last.pause if last and again else 0.0, what[0], out)
        first = last is None or last.what != what
        if what[0] not in ("take", "resize") and out.reason is not Reason.REFUSED and first:
            pause = 0.0
        return _Refusal(what, now, pause, out.message, out.reason, ground)

    def _both_refused(self, workload: Workload) -> None:
        """What would be done in an eviction's stead is asked as seldom as can be meanwhile."""
        surge = self._surges.get(workload)
        if surge:
            self._surges[workload] = replace(surge, pause=pauses.LONGEST)
        of = {k: r for k, r in self._resizes.items() if k[0] == workload}
        self._resizes |= {k: replace(r, pause=pauses.LONGEST) for k, r in of.items()}


def _of(action: Evict | HandOver | Resize) -> tuple[tuple[Workload, str], ...]:
    """Which refused resizes are over with it."""
    w, uid = action.workload, action.uid
    return ((w, uid), (w, "")) if isinstance(action, Resize) else ((w, uid),)


def _status(action: Action) -> _What | None:
    """The size whose status an action has to write first; None: it can do without."""
    if isinstance(action, TAKES):
        return "status", "", action.size.revision
    if isinstance(action, Write):
        return "status", "", action.status.size.revision if action.status.size else 0
    return None


def _written(action: Action) -> _What | None:
    """The size of the status that it writes; a pod is handed back also where that is refused."""
    if isinstance(action, HandBack) and action.status:
        return "status", "", action.status.size.revision if action.status.size else 0
    return _status(action)


def _what(action: Action) -> _What:
    """What is done to which pod for which size; how it is taken makes no difference."""
    if isinstance(action, TAKES):
        return "take", action.uid, action.size.revision
    if isinstance(action, Resize):
        return "resize", action.uid, action.size.revision
    uid = action.uid if isinstance(action, Drain | Delete | HandBack) else ""
    return type(action).__name__, uid, 0
