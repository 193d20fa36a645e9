"""What a wanted step may become: bounds, LimitRanges, quotas and room on the nodes. Pure.

| the wanted step                                      | outcome                       |
| ---------------------------------------------------- | ----------------------------- |
| is allowed                                           | taken                         |
| is not, but one of at least 10 % more is             | the largest such step         |
| below `cpu-min`                                      | `cpu-min` instead, or nothing |
| above `cpu-max` or the cluster's maximum             | else `AtMaximum`              |
| refused by a LimitRange, or its default would be put | else `LimitRange`             |
| back where `limits: none` removed the limit          |                               |
| changes the QoS class, and `limits` is not `none`    | else `QoSClass`               |
| more than a ResourceQuota leaves, for all its pods   | else `Quota`                  |
| fits no node                                         | else `NoNodeFits`             |
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from math import ceil

from kube import objects
from kube.quantity import format_cpu
from scaler.annotations.options import Bounds, ContainerPolicy, Limits
from scaler.feasibility import limit_range
from scaler.model import Decision
from scaler.policies import step
from scaler.policies.proposal import Proposal
from store import amounts
from store.model import Size, Sizes
from store.qos import qos_class
from store.reasons import Reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a size cannot be."""

    reason: Reason
    message: str


@dataclass(frozen=True)
class Ceiling:
    """What stands above all of a workload's sizes.

    `fits` answers None where all its pods could be scheduled with these sizes, else a sentence.
    `maxima`: the cluster-wide bounds. `counted`: the containers that run side by side (None: all);
    init containers are not summed up with them. `quota` answers as `fits` does.
    """

    ranges: Sequence[objects.LimitRange]
    fits: Callable[[Sizes], str | None]
    maxima: Bounds
    counted: Container[str] | None = None
    quota: Callable[[Sizes], str | None] = lambda sizes: None

    def refusal(self, sizes: Sizes) -> Refusal | None:
        """Why a pod with all of these sizes could not be, by the API server or the scheduler."""
        side_by_side = {
            name: size
            for name, size in sizes.items()
            if self.counted is None or name in self.counted
        }
        if told := limit_range.refusal(self.ranges, side_by_side):
            return Refusal(Reason.LIMIT_RANGE, told)
        if told := self.quota(sizes):
            return Refusal(Reason.QUOTA, told)
        if told := self.fits(sizes):
            return Refusal(Reason.NO_NODE_FITS, told)
        return None

    def puts_back(self, size: Size) -> Refusal | None:
        """Whether a LimitRange would give the CPU limit back that the size does without."""
        if size.limits.cpu is not None:
            return None
        after = limit_range.with_defaults(self.ranges, {"": size})[""]
        if after.limits.cpu is None:
            return None
        told = f"a LimitRange would set the limit of {format_cpu(after.limits.cpu)} again"
        return Refusal(Reason.LIMIT_RANGE, told)


def above(size: Size, bounds: Bounds, maxima: Bounds) -> Refusal | None:
    """The maximum that a size exceeds: of the limit, or of the request where there is none."""
    for resource in amounts.RESOURCES:
        base = amounts.base_of(size, resource)
        for who in (bounds, maxima):
            most = who.most(resource)
            if base is not None and most is not None and base.value > most:
                whose = f"{resource}-max" if who is bounds else f"the cluster's {resource} maximum"
                text = amounts.RESOURCES[resource].text
                told = f"{text(base.value)} is above {whose}, {text(most)}"
                return Refusal(Reason.AT_MAXIMUM, told)
    return None


def fitted(
    name: str,
    proposal: Proposal,
    policy: ContainerPolicy,
    sizes: Sizes,
    ceiling: Ceiling,
) -> Decision:
    """The decision on one container's CPU; `sizes`: all containers as they will be otherwise."""
    if proposal.value is None:
        return Decision(name, None, proposal.reason, proposal.message, proposal.pressure)
    base = amounts.base_of(sizes[name], "cpu")
    if base is None:
        raise ValueError("a step without a base")
    stops: dict[int, Refusal | None] = {}

    def allowed(value: int) -> bool:
        stops[value] = _refusal(name, value, policy, sizes, ceiling)
        return stops[value] is None

    least = _least(base, policy)
    high = max(proposal.value, least)
    low = max(
        min(proposal.value, ceil(step.start(base, policy.limits) * step.SMALLEST_STEP)), least
    )
    value = step.largest(low, high, allowed)
    if value is None:
        stop = stops[low]
        reason, why = (stop.reason, stop.message) if stop else (Reason.AT_MAXIMUM, "")
        return Decision(name, None, reason, f"{proposal.message}; {why}", proposal.pressure)
    target = step.with_value(sizes[name], "cpu", policy.limits, value)
    message = proposal.message
    if value < high and (stop := stops[high]):
        message += f"; {format_cpu(value)} instead of {format_cpu(high)}: {stop.message}"
    return Decision(name, target, proposal.reason, message, proposal.pressure)


def _least(base: amounts.Base, policy: ContainerPolicy) -> int:
    """The smallest value that `cpu-min` allows; a limit that is kept is not ours to move."""
    kept = policy.limits is Limits.KEEP and base.limit is not None
    return 0 if kept else policy.bounds.cpu_min or 0


def _refusal(
    name: str,
    value: int,
    policy: ContainerPolicy,
    sizes: Sizes,
    ceiling: Ceiling,
) -> Refusal | None:
    target = step.with_value(sizes[name], "cpu", policy.limits, value)
    if stop := above(target, policy.bounds, ceiling.maxima):
        return stop
    return impossible(name, target, policy, sizes, ceiling)


def impossible(
    name: str,
    target: Size,
    policy: ContainerPolicy,
    sizes: Sizes,
    ceiling: Ceiling,
) -> Refusal | None:
    """Why the container's new size could not be, whatever the maxima say."""
    together = {**sizes, name: target}
    was = qos_class(sizes.values())
    if policy.limits is not Limits.NONE and qos_class(together.values()) != was:
        return Refusal(Reason.QOS_CLASS, f"the pod would no longer be {was}")
    if policy.limits is Limits.NONE and (stop := ceiling.puts_back(target)):
        return stop
    return ceiling.refusal(together)
