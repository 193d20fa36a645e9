"""The policies' steps down, vetted, and what they remember of the usage. Pure.

They are asked for after the steps up: in a cycle in which any container of the workload grows, none
shrinks. A step down considers all pods, also those of another revision, as they would get the
smaller size as well.

| a resource that was decided on (scale_up.py)   | its policy's step down                       |
| ---------------------------------------------- | -------------------------------------------- |
| any                                            | is asked for; what was observed is kept      |
| of a container that is only observed           | nothing of that is stored                    |
| not `InBounds`, or the workload grows          | the proposal is ignored                      |
| it proposes a step down                        | that, or the smallest size above it that is  |
|                                                | allowed and 10 % less than now; `AtMinimum`  |
| it proposes one that is above a maximum still  | nothing: less would not cover the use;       |
|                                                | `AtMaximum`                                  |
| a size that was rolled back for a larger one   | is not allowed, as far as the log goes back  |
| less memory than after a kill for want of it   | is not allowed for a week                    |
| less than it was raised to soon after a step   | waits for a day, two, four (regret.py)       |
| down                                           |                                              |
"""

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from kube import timestamps
from scaler.cluster import modes
from scaler.model import Decision, Stretch, Stretches
from scaler.policies import memory, regret, step
from scaler.policies.policy import Container, Down, Policy, Usage
from scaler.policies.proposal import Proposal
from scaler.sizing import governing, vetting
from scaler.sizing.evidence import UsageOf
from scaler.sizing.stored_size import SizingCase
from scaler.sizing.vetting import Ceiling, Refusal
from store import amounts
from store.model import Size, Sizes
from store.reasons import Reason
from store.records import Change, Quiet


class Lowered(Struct, frozen=True):
    """The decisions with their steps down, and how long each container has been quiet."""

    decisions: tuple[Decision, ...]
    stretches: Stretches
    kept: tuple[Quiet, ...]
    """What should be stored of that."""


def lowered(
    case: SizingCase,
    sizes: Sizes,
    decisions: Sequence[Decision],
    usage_of: UsageOf,
    ceiling: Ceiling,
) -> Lowered:
    """The table above; `sizes`: with those by hand, before the policies' steps."""
    grows = any(d.target for d in decisions)
    out: list[Decision] = []
    stretches: dict[str, Stretch] = {}
    kept: list[Quiet] = []
    for calm in decisions:
        name, settings = calm.container, case.settings
        policy = governing.policy_of(settings, name)
        if calm.resource in policy.rising:
            out.append(calm)
            continue
        came = case.known.sizes[name]
        options = governing.options_of(settings, name, calm.resource, ceiling.maxima)
        container = Container(name, calm.resource, sizes[name], came, options)
        usage = usage_of(name, calm.resource)
        decision, down = asked(Asked(policy, container, usage), calm, sizes, ceiling, grows=grows)
        if down.stretch is not None:
            stretches[name] = down.stretch
        if down.keep is not None and modes.acts(settings, name):
            kept.append(down.keep)
        out.append(decision)
        sizes = {**sizes, name: decision.target} if decision.target else sizes
    return Lowered(tuple(out), stretches, tuple(kept))


class Asked(Struct, frozen=True):
    """The policy of one resource of a container, and what it is asked about."""

    policy: Policy
    container: Container
    usage: Usage


def asked(
    about: Asked, calm: Decision, sizes: Sizes, ceiling: Ceiling, *, grows: bool
) -> tuple[Decision, Down]:
    """The decision with the policy's step down, where that counts; `calm`: the one without it."""
    container, usage = about.container, about.usage
    down = about.policy.down(container, usage)
    if down.proposal is None or calm.reason is not Reason.IN_BOUNDS or grows:
        return calm, down
    stop = partial(refusal, container, usage, sizes, ceiling)
    return fitted(container, down.proposal, calm, stop), down


def fitted(
    container: Container,
    proposal: Proposal,
    calm: Decision,
    stopped_by: Callable[[Size], Refusal | None],
) -> Decision:
    """The decision on a proposal, as small as is allowed; `calm`: the decision without it."""
    resource, limits = container.resource, container.options.limits
    message = f"{calm.message}; {proposal.message}"
    base, least = amounts.base_of(container.size, resource), proposal.value
    if least is None or base is None:
        return replace(calm, reason=proposal.reason, message=message)
    highest = step.highest_down(base, resource, container.options)
    stops: dict[int, Refusal | None] = {}

    def made(value: int) -> Size:
        size = step.with_value(container.size, resource, limits, value)
        return step.floored(size, resource, proposal.least_request)

    def allowed(negative: int) -> bool:
        stops[-negative] = stopped_by(made(-negative))
        return stops[-negative] is None

    found = step.largest(-max(highest, least), -least, allowed)
    stop = stops[least]
    if found is None:
        why = f"; {stop.message}" if stop else ""
        over = stop is not None and stop.reason is Reason.AT_MAXIMUM
        reason = Reason.AT_MAXIMUM if over else Reason.AT_MINIMUM
        return replace(calm, reason=reason, message=message + why)
    if stop is not None:
        texts = amounts.formatted(-found, resource), amounts.formatted(least, resource)
        message += f"; {texts[0]} instead of {texts[1]}: {stop.message}"
    return replace(calm, target=made(-found), reason=proposal.reason, message=message)


def refusal(
    container: Container,
    usage: Usage,
    sizes: Sizes,
    ceiling: Ceiling,
    made: Size,
) -> Refusal | None:
    """Why a step down to the size `made` is not allowed."""
    base = amounts.base_of(made, container.resource)
    changes, name, resource = usage.changes, container.name, container.resource
    failed = rolled_back(changes, name, resource)
    barred = regret.forbidden(changes, name, resource, usage.now)
    if base is not None and barred is not None and base.value < barred[0]:
        text, until = amounts.formatted(barred[0], resource), timestamps.text(barred[1])
        return Refusal(Reason.AT_MINIMUM, f"raised to {text} soon after; not before {until}")
    if base is not None and base.value <= failed:
        text = amounts.formatted(failed, resource)
        return Refusal(Reason.AT_MINIMUM, f"{text} was rolled back")
    least = memory.floor(changes, name, usage.now) if resource == "memory" else 0
    if base is not None and base.value < least:
        text = amounts.formatted(least, resource)
        return Refusal(Reason.AT_MINIMUM, f"it was killed with less than {text}")
    bounds, maxima = container.options.bounds, ceiling.maxima
    bound = base is not None and step.bounded(base, container.options)
    if bound and (stop := vetting.above(made, bounds, maxima)):
        return stop
    return vetting.impossible(container, made, sizes, ceiling)


def rolled_back(changes: Sequence[Change], name: str, resource: str) -> int:
    """The largest base that was rolled back for a larger one, 0 for none."""
    parse = amounts.RESOURCES[resource].parse
    values = [0]
    for c in changes:
        if (c.container, c.resource, c.reason) == (name, resource, Reason.ROLLED_BACK):
            before, after = (parse(t) if t else 0 for t in (c.before, c.after))
            values += [before] if before < after else []
    return max(values)
