"""How long is waited after a refusal, in seconds, by who refused and how often. Pure.

| refused by                       | asked again after                                          |
| -------------------------------- | ---------------------------------------------------------- |
| a PodDisruptionBudget, or        | a minute, then each five. A pod whose hand-over, drain or  |
| somebody's policy, webhook or    | deletion was refused is evicted meanwhile, one that may    |
| right (`Refused`)                | not be resized is replaced: where that is refused as well, |
|                                  | only each five minutes                                     |
| our webhook, or an API server    | 6 s, 18 s, 54 s and so on, at most 5 min                   |
| that has too much to do          |                                                            |
| an owner whose template is not   | 6 s, 12 s and so on, at most 5 min: that is only read      |
| the pod's, or what any new pod   |                                                            |
| needs and is gone                |                                                            |
| whoever refuses the status       | as a policy; nothing that has to write it is tried         |
|                                  | meanwhile, except for a new size                           |
| nobody: it failed (somebody      | to replace or resize a pod: as our webhook, and after the  |
| wrote first, the server's error) | third time the status says it: `PendingReplacement`. Else  |
|                                  | with the next cycle, then 1 s, 3 s and so on               |
| nobody: no server was reached    | 6 s, 12 s, then each 24 s                                  |
"""

from msgspec import Struct

from scaler.model import Outcome
from store.reasons import Reason

AGAIN = 6.0
"""Seconds between two attempts to do the same, where it may pass by itself."""
LONGEST = 300.0
"""The same at most, however often."""
LONGEST_UNREACHED = 24.0
"""The same at most, where no server was reached: nobody is bothered."""
REFUSED_AGAIN = 60.0
"""The same, where only somebody else ends it."""
FAILED_AGAIN = 1.0
"""Seconds after the second failure in a row that is nobody's refusal, if no pod is replaced."""
LONGEST_FAILED = 8.0
"""The same at most, where no server was reached."""


class _Pauses(Struct, frozen=True):
    """Seconds: the first pause, by what each is longer than the one before, the longest."""

    first: float
    times: float = 3.0
    longest: float = LONGEST

    def after(self, last: float) -> float:
        """The pause after a pause; none is shorter, though the same fails in another way."""
        return max(self.first, last, min(self.times * last, self.longest))


_REFUSED = _Pauses(REFUSED_AGAIN, 5.0)
_READ = _Pauses(AGAIN, 2.0)
_PASSES = _Pauses(AGAIN)
_UNREACHED = _Pauses(AGAIN, 2.0, LONGEST_UNREACHED)

SELDOM = (Reason.REFUSED, Reason.DISRUPTION_BUDGET)
NO_RESIZE = (
    *(Reason.REFUSED, Reason.UNSUPPORTED, Reason.RESIZE_INFEASIBLE),
    *(Reason.QUOTA, Reason.LIMIT_RANGE, Reason.QOS_CLASS),
)
"""Why the API server does not resize a pod, so that it may be replaced instead."""
ALIKE = (Reason.REFUSED, Reason.QUOTA, Reason.LIMIT_RANGE, Reason.QOS_CLASS)
"""The same, where it is the size: no sibling would get it either."""


def after(last: float, kind: str, out: Outcome) -> float:
    """The pause after an attempt of that kind, where the one before it (0: none) was `last`."""
    if kind not in ("take", "resize") and out.reason is not Reason.REFUSED:
        return max(FAILED_AGAIN, min(3 * last, LONGEST_FAILED if out.unreached else LONGEST))
    if out.read:
        return _READ.after(last)
    if out.reason in SELDOM:
        return _REFUSED.after(last)
    return (_UNREACHED if out.unreached else _PASSES).after(last)
