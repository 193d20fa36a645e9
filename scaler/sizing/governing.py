"""Which resources of which containers a policy governs. Pure.

A policy states which resources it changes (policies/policy.py). Of those, it governs the ones that
`podtailor.io/resources` names, in containers whose mode lets a policy decide (cluster/modes.py).
"""

from msgspec.structs import replace

from scaler.annotations.options import ContainerPolicy, Limits, Settings
from scaler.cluster import modes
from scaler.cluster.view import View
from scaler.policies import table
from scaler.policies.policy import Policy


def policy_of(settings: Settings, container: str) -> Policy:
    """The policy of a container, whether or not it governs any of its resources."""
    return table.POLICIES[settings.container(container).policy]


def options_of(settings: Settings, container: str, resource: str) -> ContainerPolicy:
    """How one resource of a container is treated: `limits: none` removes the CPU limit alone."""
    options = settings.container(container)
    if resource == "cpu" or options.limits is not Limits.NONE:
        return options
    return replace(options, limits=Limits.RATIO)


def governs(view: View, settings: Settings, container: str, resource: str) -> bool:
    """Whether the container's policy governs this resource of it."""
    asked_for = resource in settings.container(container).resources
    changes = asked_for and resource in policy_of(settings, container).resources
    return changes and modes.decided_on(view, settings, container)
