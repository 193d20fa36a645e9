"""Sizes that users set by hand in `spec.containers`. Pure.

A size by hand wins over the policy for the container and resource that it names. It is vetted like
any other size, and never altered: all of it is accepted, or all of it is refused with the reason.

| by hand                                  | outcome                                       |
| ---------------------------------------- | --------------------------------------------- |
| what is in force already                 | nothing to do                                 |
| a container that the pods do not have    | `Unsupported`                                 |
| would change the pod's QoS class         | `QoSClass`                                    |
| a request above the limit in force       | `AtMaximum`: the pod would be invalid         |
| above a maximum                          | `AtMaximum`                                   |
| refused by a LimitRange                  | `LimitRange`                                  |
| refused by a ResourceQuota               | `Quota`                                       |
| fits no node                             | `NoNodeFits`                                  |
| otherwise                                | `Manual`                                      |
"""

from collections.abc import Sequence

from scaler.annotations.options import Mode, Settings
from scaler.cluster.view import View
from scaler.sizing.vetting import Ceiling, Refusal, above
from store import amounts
from store.model import ContainerSize, Pair, Size, Sizes
from store.qos import reclassed
from store.reasons import Reason

Named = frozenset[tuple[str, str]]
SizesByHand = Sequence[ContainerSize]


def sizes_by_hand(view: View, settings: Settings) -> SizesByHand:
    """What users have set, except for containers in mode `off`."""
    given = view.podsize.by_hand if view.podsize else ()
    return [c for c in given if settings.container(c.name).mode is not Mode.OFF]


def named(by_hand: SizesByHand) -> Named:
    """The (container, resource) pairs that are set by hand."""
    return frozenset(
        (c.name, resource) for c in by_hand for resource in amounts.RESOURCES if _names(c, resource)
    )


def applied(by_hand: SizesByHand, basis: Sizes, sizes: Sizes) -> dict[str, Size]:
    """`sizes` with every value set by hand in its place.

    Where only the request or only the limit is set, the other comes from the basis. Containers that
    the pods do not have are left out.
    """
    out = dict(sizes)
    for c in by_hand:
        for resource in amounts.RESOURCES:
            if _names(c, resource) and c.name in out:
                request, limit = _pair(c.size, resource, basis[c.name])
                out[c.name] = amounts.with_pair(out[c.name], resource, request, limit)
    return out


def refusal(
    by_hand: SizesByHand,
    settings: Settings,
    before: Sizes,
    sizes: Sizes,
    ceiling: Ceiling,
) -> Refusal | None:
    """Why the sizes by hand (already in `sizes`) are refused; None: they are accepted.

    Sizes in force already are not vetted again, as what was possible then may not be any more.
    """
    if unknown := [c.name for c in by_hand if c.name not in before]:
        return Refusal(Reason.UNSUPPORTED, f"the pods have no container {', '.join(unknown)}")
    if all(sizes[c.name] == before[c.name] for c in by_hand):
        return None
    for c in by_hand:
        if message := _invalid(c.name, sizes[c.name]):
            return Refusal(Reason.AT_MAXIMUM, message)
        if stop := above(sizes[c.name], settings.container(c.name).bounds, ceiling.maxima):
            return Refusal(stop.reason, f"by hand, {c.name}: {stop.message}")
    if change := reclassed(before, sizes, ceiling.groups(before)):
        return Refusal(Reason.QOS_CLASS, f"by hand: the pod would be {change}")
    return ceiling.refusal(sizes)


def never_given(
    by_hand: SizesByHand, basis: Sizes, sizes: Sizes, ceiling: Ceiling
) -> Refusal | None:
    """Why the webhook would not give these sizes to pods that come with this basis."""
    change = reclassed(basis, sizes, ceiling.groups(basis)) if by_hand else None
    if change is None:
        return None
    return Refusal(Reason.QOS_CLASS, f"by hand: a pod would be {change}, as it comes")


def _invalid(name: str, size: Size) -> str | None:
    for resource in amounts.RESOURCES:
        base = amounts.base_of(size, resource)
        if base and base.limit is not None and base.request > base.limit:
            text = amounts.RESOURCES[resource].text
            which = f"the {resource} request of {text(base.request)} is above the limit"
            return f"by hand, {name}: {which}, {text(base.limit)}: set that as well"
    return None


def _names(c: ContainerSize, resource: str) -> bool:
    return amounts.base_of(c.size, resource) is not None


def _pair(size: Size, resource: str, basis: Size) -> Pair:
    request, limit = size.pair(resource)
    basis_request, basis_limit = basis.pair(resource)
    if limit is None:
        limit = basis_limit
    if request is None:
        request = basis_request
        if request is not None and limit is not None:
            request = min(request, limit)
    return request, limit
