"""How much of a proposed step up is possible: bounds, LimitRanges, quotas and nodes. Pure.

| the proposed step                                    | outcome                       |
| ---------------------------------------------------- | ----------------------------- |
| is possible                                          | that                          |
| is not, but one of at least 10 % more is             | the largest such step         |
| is below `cpu-min`, `memory-min`                     | that minimum, or nothing      |
| is above `cpu-max` or the cluster's maximum          | else `AtMaximum`              |
| is refused by a LimitRange, or a default of it would | else `LimitRange`             |
| put the limit back that `limits: none` removes       |                               |
| changes the QoS class, and `limits` is not `none`    | else `QoSClass`               |
| needs more than a ResourceQuota leaves for all pods  | else `Quota`                  |
| fits no node                                         | else `NoNodeFits`             |
| is for a burst, and a running pod cannot have it in  | else `NoNodeFits`             |
| place, for want of room on its node or otherwise     |                               |
"""

from collections.abc import Callable, Collection, Sequence
from math import ceil

from msgspec import Struct

from kube import objects
from kube.quantity import format_cpu
from scaler.annotations.options import Bounds, Limits
from scaler.feasibility import limit_range
from scaler.model import Decision
from scaler.policies import step
from scaler.policies.policy import Container
from scaler.policies.proposal import Proposal
from store import amounts
from store.model import Size, Sizes
from store.qos import reclassed
from store.reasons import Reason


class Refusal(Struct, frozen=True, gc=False):
    """Why a size is not possible."""

    reason: Reason
    message: str


class Ceiling(Struct, frozen=True):
    """What limits all sizes of a workload.

    `fits` returns None where all its pods could be scheduled with these sizes, else a message.
    `maxima`: the cluster-wide bounds. `counted`: the containers that run side by side (None: all);
    init containers are not summed up with them. `quota` returns the same as `fits`.
    """

    ranges: Sequence[objects.LimitRange]
    fits: Callable[[Sizes], str | None]
    maxima: Bounds
    counted: Collection[str] | None = None
    quota: Callable[[Sizes], str | None] = lambda sizes: None
    in_place: Callable[[Sizes], str | None] = lambda sizes: None
    """The same as `fits`, of the running pods on the nodes where they are."""
    arriving: Sequence[Collection[str]] = ()
    """The groups of containers whose QoS class may be asked for (manifest.py); none: the pod's."""

    def refusal(self, sizes: Sizes) -> Refusal | None:
        """Why the API server or the scheduler would refuse a pod with all of these sizes."""
        side_by_side = {
            name: size
            for name, size in sizes.items()
            if self.counted is None or name in self.counted
        }
        if message := limit_range.refusal(self.ranges, side_by_side):
            return Refusal(Reason.LIMIT_RANGE, message)
        if message := self.quota(sizes):
            return Refusal(Reason.QUOTA, message)
        if message := self.fits(sizes):
            return Refusal(Reason.NO_NODE_FITS, message)
        return None

    def groups(self, sizes: Sizes) -> Sequence[Collection[str]]:
        """The groups of containers that have to keep their QoS class."""
        return self.arriving or (sizes,)

    def puts_back(self, size: Size) -> Refusal | None:
        """Whether a LimitRange would set the CPU limit again that the size removes."""
        if size.limits.cpu is not None:
            return None
        after = limit_range.with_defaults(self.ranges, {"": size})[""]
        if after.limits.cpu is None:
            return None
        message = f"a LimitRange would set the limit of {format_cpu(after.limits.cpu)} again"
        return Refusal(Reason.LIMIT_RANGE, message)


def above(
    size: Size, bounds: Bounds, maxima: Bounds, resources: Collection[str] = (*amounts.RESOURCES,)
) -> Refusal | None:
    """The maximum that the limit of a size exceeds, or its request where there is no limit."""
    for resource in resources:
        base = amounts.base_of(size, resource)
        for these in (maxima, bounds):
            most = these.most(resource)
            if base is not None and most is not None and base.value > most:
                which = (
                    f"the cluster's {resource} maximum" if these is maxima else f"{resource}-max"
                )
                text = amounts.RESOURCES[resource].text
                message = f"{text(base.value)} is above {which}, {text(most)}"
                return Refusal(Reason.AT_MAXIMUM, message)
    return None


def fitted(container: Container, proposal: Proposal, sizes: Sizes, ceiling: Ceiling) -> Decision:
    """The decision on a step up; `sizes`: those of all containers without it."""
    name, resource, options = container.name, container.resource, container.options
    wanted = proposal.message
    if proposal.value is None:
        return Decision(name, resource, None, proposal.reason, wanted, proposal.pressure)
    base = amounts.base_of(container.size, resource)
    if base is None:
        raise ValueError("a step without a base")
    stops: dict[int, Refusal | None] = {}

    def allowed(value: int) -> bool:
        stops[value] = _refusal(container, value, sizes, ceiling, burst=proposal.burst)
        return stops[value] is None

    least = _least(base, container)
    high = max(proposal.value, least)
    smallest = ceil(step.start(base, options.limits) * step.SMALLEST_STEP)
    low = max(min(proposal.value, smallest), least)
    value = step.largest(low, high, allowed)
    if value is None:
        stop = stops[low]
        reason, why = (stop.reason, stop.message) if stop else (Reason.AT_MAXIMUM, "")
        return Decision(name, resource, None, reason, f"{wanted}; {why}", proposal.pressure)
    if value < high and (stop := stops[high]):
        texts = amounts.formatted(value, resource), amounts.formatted(high, resource)
        wanted += f"; {texts[0]} instead of {texts[1]}: {stop.message}"
    target = step.with_value(container.size, resource, options.limits, value)
    return Decision(
        name, resource, target, proposal.reason, wanted, proposal.pressure, proposal.urgent
    )


def _least(base: amounts.Base, container: Container) -> int:
    """The smallest value that its minimum allows; under `limits: keep` a limit never changes."""
    options = container.options
    kept = options.limits is Limits.KEEP and base.limit is not None
    return 0 if kept else options.bounds.least(container.resource) or 0


def _refusal(
    container: Container, value: int, sizes: Sizes, ceiling: Ceiling, *, burst: bool
) -> Refusal | None:
    options = container.options
    target = step.with_value(container.size, container.resource, options.limits, value)
    changed = (container.resource,)  # a manifest above one maximum keeps nothing else from growing
    if stop := above(target, options.bounds, ceiling.maxima, changed):
        return stop
    stop = impossible(container, target, sizes, ceiling)
    if stop or not burst:
        return stop
    why = ceiling.in_place({**sizes, container.name: target})
    return Refusal(Reason.NO_NODE_FITS, why) if why else None


def impossible(
    container: Container, target: Size, sizes: Sizes, ceiling: Ceiling
) -> Refusal | None:
    """Why the container's new size is not possible, apart from the maxima."""
    removed = container.options.limits is Limits.NONE
    together = {**sizes, container.name: target}
    if not removed and (change := reclassed(sizes, together, ceiling.groups(sizes))):
        return Refusal(Reason.QOS_CLASS, f"the pod would be {change}")
    if removed and (stop := ceiling.puts_back(target)):
        return stop
    return ceiling.refusal(together)
