"""Which resources of which containers a policy looks after. Pure.

A policy's own statement says which resources it moves (policies/policy.py); of those, it looks
after the ones that `podtailor.io/resources` names, where cluster/modes.py has it decide at all.
"""

from scaler.annotations.options import Settings
from scaler.cluster import modes
from scaler.cluster.view import View
from scaler.policies import table
from scaler.policies.policy import Policy


def policy_of(settings: Settings, container: str) -> Policy:
    """The policy that a container has, whether or not it looks after anything of it."""
    return table.POLICIES[settings.container(container).policy]


def governs(view: View, settings: Settings, container: str, resource: str) -> bool:
    """Whether the container's policy looks after a resource of it."""
    asked_for = resource in settings.container(container).resources
    moves = asked_for and resource in policy_of(settings, container).resources
    return moves and modes.decided_on(view, settings, container)
