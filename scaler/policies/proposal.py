"""What a policy proposes for one resource, and why. Frozen values."""

from msgspec import Struct

from store.reasons import Reason


class Proposal(Struct, frozen=True, gc=False):
    """What the policy proposes for one resource. `value` None: no change, for `reason`.

    `value`: millicores or bytes of what a step changes (see step.start); the other of request and
    limit follows. `pressure`: used / base, 0 unknown. `least_request`: on a step down, the lower
    bound of the request that follows. `urgent`: it does not wait for the cool-down.
    """

    value: int | None
    reason: Reason
    message: str
    pressure: float = 0.0
    least_request: int = 0
    urgent: bool = False
    burst: bool = False
    """It is for running pods, in place: without room on their nodes there is none (burst.py)."""
