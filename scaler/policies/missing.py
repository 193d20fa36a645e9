"""Why nothing is known of a container's usage: the most important reason of all its pods. Pure."""

from collections.abc import Sequence

from scaler.policies.proposal import Proposal
from scaler.usage.window import Minute, NoMinute
from store.reasons import Reason

_BY_PRIORITY = (Reason.STALE_USAGE, Reason.WARMING_UP, Reason.NO_USAGE)


def why(name: str, minutes: Sequence[Minute | NoMinute]) -> Proposal:
    """The proposal to do nothing, of a container of which no pod has a minute."""
    for reason in _BY_PRIORITY:
        for found in minutes:
            if isinstance(found, NoMinute) and found.reason is reason:
                return Proposal(None, reason, f"{name}: {found.message}")
    return Proposal(None, Reason.NO_USAGE, f"{name}: no pod at the current size")
