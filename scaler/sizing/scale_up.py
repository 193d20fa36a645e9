"""The policies' steps up, vetted one after the other. Pure.

| a resource of a container                   | the decision                             |
| ------------------------------------------- | ---------------------------------------- |
| set by hand, or not governed by a policy    | none                                     |
| another autoscaler scales on it             | `OtherAutoscaler`                        |
| its policy proposes no step                 | why                                      |
| it proposes one                             | as much of it as is allowed (vetting.py) |
"""

from kube.memo import once
from scaler.model import Decision
from scaler.policies.policy import Container
from scaler.sizing import governing, vetting
from scaler.sizing.evidence import UsageOf
from scaler.sizing.stored_size import SizingCase
from scaler.sizing.vetting import Ceiling
from store import amounts
from store.model import Sizes
from store.reasons import Reason


def decided(
    case: SizingCase, sizes: Sizes, usage_of: UsageOf, ceiling: Ceiling
) -> tuple[Decision, ...]:
    """The table above; `sizes`: with those by hand. Each step builds on the ones before it."""
    view, settings = case.view, case.settings
    out: list[Decision] = []
    for name, resource in governed(case):
        if autoscaler := view.others.on(name, resource):
            out.append(Decision(name, resource, None, Reason.OTHER_AUTOSCALER, autoscaler))
            continue
        came = case.known.sizes[name]
        options = governing.options_of(settings, name, resource, ceiling.maxima)
        container = Container(name, resource, sizes[name], came, options)
        proposal = governing.policy_of(settings, name).up(container, usage_of(name, resource))
        decision = vetting.fitted(container, proposal, sizes, ceiling)
        out.append(decision)
        if decision.target:
            sizes = {**sizes, name: decision.target}
    return tuple(out)


@once
def governed(case: SizingCase) -> list[tuple[str, str]]:
    """The containers' resources that a policy decides on."""
    return [
        (name, resource)
        for name in case.before
        for resource in amounts.RESOURCES
        if (name, resource) not in case.by_hand
        and governing.governs(case.view, case.settings, name, resource)
    ]
