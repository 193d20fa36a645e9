"""The policies by name: what `podtailor.io/policy` may say. Nothing else knows one by its name.

Adding one: CONTRIBUTING.md.
"""

from collections.abc import Mapping

from scaler.annotations.options import PolicyNames
from scaler.policies import double, track
from scaler.policies.policy import Policy
from store.reasons import Reason
from store.records import Change

POLICIES: Mapping[str, Policy] = {
    "double": double.POLICY,
    "track": track.POLICY,
}

NAMES = PolicyNames(default="double", here=tuple(POLICIES))

REASONS: frozenset[Reason] = frozenset().union(*(p.reasons for p in POLICIES.values()))
"""The reasons of all changes that policies make."""


def lowered(change: Change) -> bool:
    """Whether the change was a policy's step down, also of one that the workload no longer has."""
    return any(p.lowered(change) for p in POLICIES.values())


def floors(change: Change) -> bool:
    """Whether the size after it is a floor for days, so that the log must not lose it."""
    return (change.resource, change.reason) == ("memory", Reason.OOM_KILLED)
