"""Which resources of which containers a policy governs, and within which bounds. Pure.

A policy states which resources it changes (policies/policy.py). Of those, it governs the ones that
`podtailor.io/resources` names, in containers whose mode lets a policy decide (cluster/modes.py).

| the bounds of a container                   | are                              |
| ------------------------------------------- | -------------------------------- |
| nothing is set for the cluster              | its own                          |
| the cluster's maximum is below its own      | the cluster's                    |
| its minimum is above the maximum            | the maximum, which wins          |
"""

from functools import lru_cache

from msgspec.structs import replace

from scaler.annotations.options import Bounds, ContainerPolicy, Limits, Settings
from scaler.cluster import modes
from scaler.cluster.view import View
from scaler.policies import table
from scaler.policies.policy import Policy

_NONE = Bounds()


def policy_of(settings: Settings, container: str) -> Policy:
    """The policy of a container, whether or not it governs any of its resources."""
    return table.POLICIES[settings.container(container).policy]


def options_of(
    settings: Settings, container: str, resource: str, maxima: Bounds = _NONE
) -> ContainerPolicy:
    """How one resource of a container is treated: `limits: none` removes the CPU limit alone.

    `maxima`: the cluster-wide bounds, which bound the container's own as well.
    """
    options = settings.container(container)
    if maxima != _NONE:
        options = _bounded(options, maxima)
    if resource == "cpu" or options.limits is not Limits.NONE:
        return options
    return replace(options, limits=Limits.RATIO)


def governs(view: View, settings: Settings, container: str, resource: str) -> bool:
    """Whether the container's policy governs this resource of it."""
    asked_for = resource in settings.container(container).resources
    changes = asked_for and resource in policy_of(settings, container).resources
    return changes and modes.decided_on(view, settings, container)


@lru_cache(maxsize=4096)  # the same few in each cycle
def _bounded(options: ContainerPolicy, maxima: Bounds) -> ContainerPolicy:
    """With the smaller maxima, and minima that are not above these."""
    own = options.bounds
    cpu, memory = _least(own.cpu_max, maxima.cpu_max), _least(own.memory_max, maxima.memory_max)
    lowest = _under(own.cpu_min, cpu), _under(own.memory_min, memory)
    return replace(options, bounds=Bounds(lowest[0], cpu, lowest[1], memory))


def _least(*values: int | None) -> int | None:
    return min((v for v in values if v is not None), default=None)


def _under(minimum: int | None, maximum: int | None) -> int | None:
    return None if minimum is None else _least(minimum, maximum)
