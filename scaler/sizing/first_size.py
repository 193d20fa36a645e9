"""The first size of a kind of node of which no usage is known yet, from another kind's. Pure.

| the class                                              | its first size                          |
| ------------------------------------------------------ | --------------------------------------- |
| has a size of its own already, or known usage, or      | none from here                          |
| usage that will be known within two minutes, as its    |                                         |
| pods have been there for longer                        |                                         |
| no other class has one, of a speed that is known       | none: it has the default                |
| otherwise                                              | the other's CPU times the ratio of the  |
|                                                        | speeds, eight times more or less at     |
|                                                        | most;                                   |
|                                                        | the other's memory                      |
| what follows is not allowed, or not 10 % another value | as much of it as is; else the default   |

The other class is the one with most pods. What is set by hand, and what no policy governs, is left
alone; with `direction: up` nothing gets smaller, nor with a policy that never goes below the
manifest gets anything less than that.
"""

from functools import partial

from msgspec import Struct

from scaler.annotations.options import Direction
from scaler.cluster import class_view
from scaler.cluster.view import View
from scaler.model import Decision
from scaler.policies import step
from scaler.policies.policy import Container, Policy
from scaler.policies.proposal import Proposal
from scaler.sizing import governing, scale_down, scale_up, vetting
from scaler.sizing.stored_size import SizingCase
from scaler.sizing.vetting import Ceiling, Refusal
from store import amounts
from store.amounts import Base
from store.injection import inject
from store.model import Size, Sizes
from store.node_classes import NodeClasses
from store.reasons import Reason

MOST = 8.0
"""How many times more, or less, a first size may be than the size that it comes from."""
_LEAST = {"cpu": 10, "memory": 1}  # millicores: below that a limit does nothing


class Source(Struct, frozen=True):
    """Another class, by whose size the first one of a class is made; `ratio`: of their speeds."""

    name: str
    ratio: float
    sizes: Sizes


def source(view: View, nodes: NodeClasses, name: str, came: Sizes) -> Source | None:
    """What the first size of a class comes from; `came`: the manifest's sizes."""
    size = view.size
    if size is None or name not in nodes.speeds or name in {c.name for c in size.classes}:
        return None
    others = [c.name for c in size.classes if c.name in nodes.speeds]
    if not others:
        return None
    pods = {other: len(class_view.of(view, other).pods) for other in others}
    chosen = max(sorted(others), key=lambda other: pods[other])
    ratio = nodes.speeds[chosen] / nodes.speeds[name]
    bounded = min(max(ratio, 1 / MOST), MOST)
    return Source(chosen, bounded, inject(size.of_class(chosen), came))


def decided(
    case: SizingCase, sizes: Sizes, name: str, found: Source, ceiling: Ceiling
) -> tuple[Decision, ...]:
    """The decisions on each resource of the class `name` that a policy governs."""
    out: list[Decision] = []
    for container, resource in scale_up.governed(case):
        if case.view.others.on(container, resource) or container not in found.sizes:
            continue
        came = case.known.sizes[container]
        options = governing.options_of(case.settings, container, resource, ceiling.maxima)
        about = Container(container, resource, sizes[container], came, options)
        if decision := _one(case, about, (name, found), sizes, ceiling):
            out.append(decision)
            sizes = {**sizes, container: decision.target} if decision.target else sizes
    return tuple(out)


def _one(
    case: SizingCase, about: Container, whose: tuple[str, Source], sizes: Sizes, ceiling: Ceiling
) -> Decision | None:
    name, found = whose
    base, limits = amounts.base_of(about.size, about.resource), about.options.limits
    theirs = amounts.base_of(found.sizes[about.name], about.resource)
    if base is None or theirs is None:
        return None
    ratio = found.ratio if about.resource == "cpu" else 1.0
    value = max(round(step.start(theirs, limits) * ratio), _LEAST[about.resource])
    message = _message(about, name, found, theirs.value)
    policy = governing.policy_of(case.settings, about.name)
    if value >= step.start(base, limits) * step.SMALLEST_STEP:
        return vetting.fitted(about, Proposal(value, policy.larger, message), sizes, ceiling)
    if about.resource in policy.rising or about.options.direction is Direction.UP:
        return None
    floor, request = _floor(about, policy, base)
    proposal = Proposal(max(value, floor), policy.smaller, message, least_request=request)
    if max(value, floor) > step.most_down(base, limits):
        return None
    stop = partial(_refusal, about, sizes, ceiling)
    calm = Decision(about.name, about.resource, None, Reason.IN_BOUNDS, "no usage is known yet")
    return scale_down.fitted(about, proposal, calm, stop)


def _floor(about: Container, policy: Policy, base: Base) -> tuple[int, int]:
    """The least value, and the least request, as of a policy's own steps down (halve.py)."""
    came = amounts.base_of(about.came, about.resource)
    lowest = about.options.bounds.least(about.resource)
    if not policy.above_manifest or came is None or lowest is not None:
        return _LEAST[about.resource], 0
    value = came.request if base.limit is None else step.start(came, about.options.limits)
    return value, came.request


def _refusal(about: Container, sizes: Sizes, ceiling: Ceiling, made: Size) -> Refusal | None:
    least = about.options.bounds.least(about.resource)
    base = amounts.base_of(made, about.resource)
    if least is not None and base is not None and base.value < least:
        return Refusal(Reason.AT_MINIMUM, f"{about.resource}-min")
    stop = vetting.above(made, about.options.bounds, ceiling.maxima)
    return stop or vetting.impossible(about, made, sizes, ceiling)


def _message(about: Container, name: str, found: Source, theirs: int) -> str:
    text = amounts.formatted(theirs, about.resource)
    of = f"{about.name} has no usage on {name} yet, and starts from the {text} of {found.name}"
    if about.resource != "cpu":
        return of
    return f"{of}, as {found.name} counts as {found.ratio:g} times as fast"
