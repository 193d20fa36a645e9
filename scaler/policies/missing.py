"""What keeps a policy from a step whatever is used: no size, one that stays, no usage. Pure."""

from collections.abc import Sequence

from msgspec.structs import replace

from scaler.annotations.options import Limits
from scaler.policies import step
from scaler.policies.policy import Container
from scaler.policies.proposal import Proposal
from scaler.usage.window import Minute, NoMinute
from store import amounts
from store.amounts import Base
from store.reasons import Reason

_BY_PRIORITY = (Reason.STALE_USAGE, Reason.WARMING_UP, Reason.NO_USAGE)


_WORDS = {"cpu": "CPU"}


def base_of(container: Container) -> Base | Proposal:
    """What a policy steps from; where there is nothing, or it is zero, the proposal to say so."""
    base = amounts.base_of(container.size, container.resource)
    if base is not None and step.start(base, container.options.limits):
        return base
    resource = _WORDS.get(container.resource, container.resource)
    message = f"{container.name} has no {resource} request or limit: set a request"
    return Proposal(None, Reason.NOTHING_TO_SCALE, message)


def kept(container: Container, base: Base, wanted: Proposal) -> Proposal | None:
    """`AtMaximum` where `limits: keep` leaves no step up; None: there is one."""
    if container.options.limits is not Limits.KEEP or base.request != base.limit:
        return None
    message = f"{wanted.message}; its request is its limit, which `limits: keep` leaves as written"
    return replace(wanted, reason=Reason.AT_MAXIMUM, message=message, urgent=False)


def why(name: str, minutes: Sequence[Minute | NoMinute]) -> Proposal:
    """The proposal to do nothing, of a container of which no pod has a minute."""
    for reason in _BY_PRIORITY:
        for found in minutes:
            if isinstance(found, NoMinute) and found.reason is reason:
                return Proposal(None, reason, f"{name}: {found.message}")
    return Proposal(None, Reason.NO_USAGE, f"{name}: no pod at the current size")
