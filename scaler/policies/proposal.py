"""What a policy wants of one resource, and why. Frozen values."""

from dataclasses import dataclass

from store.reasons import Reason


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the policy wants of one resource. `value` None: leave it, for `reason`."""

    value: int | None
    reason: Reason
    message: str
    pressure: float = 0.0
