"""How soon an attempt that was refused is made again. Pure but for what it remembers.

Cycles come many times a second where a cluster is busy; whoever refuses (a budget, the webhook, a
policy) is not to be asked that often. Nothing is lost with it: a new scaler asks once more.

| refused by                       | asked again after                                          |
| -------------------------------- | ---------------------------------------------------------- |
| a PodDisruptionBudget, our       | 6 s, 12 s, 24 s and so on: with the next cycle at most 30  |
| webhook, or an API server that   |                                                            |
| has too much to do               |                                                            |
| somebody's policy, webhook or    | 6 s, 12 s and so on, at most 5 min; a pod whose hand-over, |
| right (`Refused`)                | drain or deletion was refused is evicted meanwhile         |
| an owner whose template is not   | the same                                                   |
| the pod's (`TemplateChanged`)    |                                                            |
| whoever refuses the status       | the same; nothing that has to write it is tried meanwhile, |
|                                  | except for a new size                                      |
| whoever refuses a resize         | 6 s, 12 s and so on, at most 5 min, for each pod; it is    |
|                                  | replaced meanwhile, where that may be                      |
| nobody: it failed (somebody      | with the next cycle, then 1 s, 2 s and so on, at most 8 s; |
| wrote first, the server's error) | to replace or resize a pod: as for a budget, and after the |
|                                  | third time the status says it: `PendingReplacement`        |

Whoever edits the owner's spec ends the wait: what was refused is asked again at once.
"""

from msgspec import Struct

from scaler.cluster.view import View
from scaler.model import (
    TAKES,
    Action,
    Delete,
    Drain,
    HandBack,
    HandOver,
    Outcome,
    Resize,
    Wait,
    Write,
)
from store.model import Workload
from store.reasons import Reason

AGAIN = 6.0
"""Seconds between two attempts to do the same."""
LONGEST = 24.0
"""The same, several times in a row."""
LONGEST_REFUSED = 300.0
"""The same, where somebody's policy refuses, or what only an edit ends."""
FAILED_AGAIN = 1.0
"""Seconds after the second failure in a row that is nobody's refusal."""
LONGEST_FAILED = 8.0
"""The same, after many: somebody else is at work, or the server is, and both pass."""

_SELDOM = (Reason.REFUSED, Reason.TEMPLATE_CHANGED)
_SURGE = (HandOver, Drain, Delete)
_NO_RESIZE = (
    *(Reason.REFUSED, Reason.UNSUPPORTED, Reason.RESIZE_INFEASIBLE),
    *(Reason.QUOTA, Reason.LIMIT_RANGE, Reason.QOS_CLASS),
)
"""Why the API server does not resize a pod, so that it may be replaced instead."""


_What = tuple[str, str, int]
"""What is done, to which pod, for which revision of the size."""


class _Refusal(Struct, frozen=True):
    what: _What
    at: float
    pause: float
    words: str = ""
    reason: Reason | None = None
    generation: int = 0
    """Of the owner, as it was refused."""

    def holds(self, now: float) -> bool:
        """A clock that steps back holds nobody up."""
        return 0 <= now - self.at < self.pause


class Pace:
    """When each workload's last refusal was, and of what."""

    def __init__(self) -> None:
        self._refused: dict[Workload, _Refusal] = {}
        self._surges: dict[Workload, _Refusal] = {}
        self._statuses: dict[Workload, _Refusal] = {}
        """Statuses that may not be written: what needs one waits with them."""
        self._resizes: dict[str, _Refusal] = {}
        """Refused resizes, by the pod's UID."""

    def early(self, action: Action, now: float, seen: View | None = None) -> bool:
        """Whether just this was refused a moment ago, or the status that it needs."""
        if isinstance(action, Wait):
            return False
        last, needs = self._refused.get(action.workload), _status(action)
        status = self._statuses.get(action.workload)
        unwritten = status is not None and status.what == needs and status.holds(now)
        same = last is not None and (last.what, last.generation) == (_what(action), _edit(seen))
        return unwritten or (last is not None and same and last.holds(now))

    def refused(
        self, action: Action, now: float, outcome: Outcome, seen: View | None = None
    ) -> None:
        """Remember it. `seen`: the workload as it was then."""
        reason = outcome.reason
        if isinstance(action, Wait) or outcome.soon:
            return
        w, what = action.workload, _what(action)
        if outcome.unwritten and (needs := _status(action)):
            self._statuses[w] = _next(self._statuses.get(w), needs, now, outcome)
            return
        if isinstance(action, Resize) and reason in _NO_RESIZE:
            kept = {u: r for u, r in self._resizes.items() if now - r.at < 2 * LONGEST_REFUSED}
            self._resizes = {**kept, action.uid: _next(kept.get(action.uid), what, now, outcome)}
            return
        if not isinstance(action, (*TAKES, Resize)) and reason is not Reason.REFUSED:
            self._refused[w] = _failed(self._refused.get(w), what, now, outcome, _edit(seen))
            return
        if reason is Reason.REFUSED and isinstance(action, _SURGE):
            kind = ("surge", "", seen.size.revision if seen and seen.size else 0)
            self._surges[w] = _next(self._surges.get(w), kind, now, outcome)
            if isinstance(action, HandOver):
                return  # it may be evicted at once
        self._refused[w] = _next(self._refused.get(w), what, now, outcome, _edit(seen))

    def surge_refused(self, view: View, now: float) -> str | None:
        """The words in which somebody refused that a pod be handed over, drained or deleted."""
        last, size = self._surges.get(view.workload), view.size
        if last is None or size is None or last.what[2] != size.revision or not last.holds(now):
            return None
        return last.words

    def unresizable(self, uid: str, revision: int, now: float) -> tuple[str, Reason | None] | None:
        """The words in which a resize of the pod to this size was refused, and their kind."""
        last = self._resizes.get(uid)
        if last is None or last.what[2] != revision or not last.holds(now):
            return None
        return last.words, last.reason

    def stuck(self, workload: Workload) -> bool:
        """Whether what nobody refuses has failed at least three times in a row."""
        last = self._refused.get(workload)
        return last is not None and last.reason is None and last.pause >= LONGEST

    def granted(self, action: Action) -> None:
        """Forget what was refused."""
        if isinstance(action, Wait):
            return
        last = self._refused.get(action.workload)
        if last and (isinstance(action, TAKES) or last.what == _what(action)):
            del self._refused[action.workload]
        if isinstance(action, Delete):
            self._surges.pop(action.workload, None)
        if _status(action):
            self._statuses.pop(action.workload, None)


def _next(
    last: _Refusal | None, what: _What, now: float, out: Outcome, generation: int = 0
) -> _Refusal:
    seldom = out.reason in (_NO_RESIZE if what[0] == "resize" else _SELDOM)
    again = last is not None and (last.what, last.generation) == (what, generation)
    most = LONGEST_REFUSED if seldom else LONGEST
    pause = max(last.pause, min(2 * last.pause, most)) if last and again else AGAIN
    return _Refusal(what, now, pause, out.message, out.reason, generation)


def _failed(
    last: _Refusal | None, what: _What, now: float, out: Outcome, generation: int
) -> _Refusal:
    again = last is not None and last.what == what
    pause = max(FAILED_AGAIN, min(2 * last.pause, LONGEST_FAILED)) if last and again else 0.0
    return _Refusal(what, now, pause, out.message, generation=generation)


def _edit(seen: View | None) -> int:
    """The owner's generation: another one where somebody has edited its spec."""
    return seen.owner.metadata.generation if seen and seen.owner else 0


def _status(action: Action) -> _What | None:
    """The size whose status an action has to write first; None: it can do without."""
    if isinstance(action, TAKES):
        return "status", "", action.size.revision
    if isinstance(action, Write):
        return "status", "", action.status.size.revision if action.status.size else 0
    return None


def _what(action: Action) -> _What:
    """What is done to which pod for which size; how it is taken makes no difference."""
    if isinstance(action, TAKES):
        return "take", action.uid, action.size.revision
    if isinstance(action, Resize):
        return "resize", action.uid, action.size.revision
    uid = action.uid if isinstance(action, Drain | Delete | HandBack) else ""
    return type(action).__name__, uid, 0
