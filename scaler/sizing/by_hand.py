"""Sizes that people set by hand in `spec.containers`. Pure.

A size by hand wins over the policy for the container and resource that it names, is vetted like any
other, and is never altered: it is taken as a whole or refused as a whole, with the reason.

| by hand                                  | outcome                                       |
| ---------------------------------------- | --------------------------------------------- |
| as it is in force already                | nothing to do                                 |
| a container that the pods do not have    | `Unsupported`                                 |
| would change the pod's QoS class         | `QoSClass`                                    |
| a request above the limit in force       | `QoSClass`: the pod would be invalid          |
| above a maximum                          | `AtMaximum`                                   |
| refused by a LimitRange, a quota;        | `LimitRange`, `Quota`;                        |
| fits no node                             | `NoNodeFits`                                  |
| otherwise                                | `Manual`                                      |
"""

from collections.abc import Sequence

from scaler.annotations.options import Mode, Settings
from scaler.cluster.view import View
from scaler.sizing.vetting import Ceiling, Refusal, above
from store import amounts
from store.model import ContainerSize, Pair, Size, Sizes
from store.qos import changes_class, qos_class
from store.reasons import Reason

Named = frozenset[tuple[str, str]]
SizesByHand = Sequence[ContainerSize]


def hands(view: View, settings: Settings) -> SizesByHand:
    """What people have set, but for containers that are left alone."""
    given = view.podsize.by_hand if view.podsize else ()
    return [c for c in given if settings.container(c.name).mode is not Mode.OFF]


def named(hands: SizesByHand) -> Named:
    """The (container, resource) pairs that people have set."""
    return frozenset(
        (c.name, resource) for c in hands for resource in amounts.RESOURCES if _names(c, resource)
    )


def applied(hands: SizesByHand, basis: Sizes, sizes: Sizes) -> dict[str, Size]:
    """`sizes` with every value set by hand in its place.

    What a hand does not name of a resource (only the limit, say) comes from the basis, so that the
    outcome is always a whole request and limit. Containers that the pods lack are left out.
    """
    out = dict(sizes)
    for c in hands:
        for resource in amounts.RESOURCES:
            if _names(c, resource) and c.name in out:
                request, limit = _pair(c.size, resource, basis[c.name])
                out[c.name] = amounts.with_pair(out[c.name], resource, request, limit)
    return out


def refusal(
    hands: SizesByHand,
    settings: Settings,
    before: Sizes,
    sizes: Sizes,
    ceiling: Ceiling,
) -> Refusal | None:
    """Why the sizes by hand (already in `sizes`) cannot be taken; None: they can, or are none.

    What is in force already is not asked for again: the ground may have shrunk under it.
    """
    if strangers := [c.name for c in hands if c.name not in before]:
        return Refusal(Reason.UNSUPPORTED, f"the pods have no container {', '.join(strangers)}")
    if all(sizes[c.name] == before[c.name] for c in hands):
        return None
    for c in hands:
        if told := _invalid(c.name, sizes[c.name]):
            return Refusal(Reason.QOS_CLASS, told)
        if stop := above(sizes[c.name], settings.container(c.name).bounds, ceiling.maxima):
            return Refusal(stop.reason, f"by hand, {c.name}: {stop.message}")
    was, would = qos_class(before.values()), qos_class(sizes.values())
    if was != would:
        return Refusal(Reason.QOS_CLASS, f"by hand: the pod would be {would} instead of {was}")
    return ceiling.refusal(sizes)


def never_given(hands: SizesByHand, came: Sizes, sizes: Sizes) -> Refusal | None:
    """Why the webhook would not give these sizes to pods that come like that."""
    if not hands or not changes_class(came, sizes):
        return None
    was, would = qos_class(came.values()), qos_class(sizes.values())
    told = f"by hand: a pod would be {would}, it comes as {was}"
    return Refusal(Reason.QOS_CLASS, told)


def _invalid(name: str, size: Size) -> str | None:
    for resource in amounts.RESOURCES:
        base = amounts.base_of(size, resource)
        if base and base.limit is not None and base.request > base.limit:
            return f"by hand, {name}: the {resource} request is above the limit"
    return None


def _names(c: ContainerSize, resource: str) -> bool:
    return amounts.base_of(c.size, resource) is not None


def _pair(size: Size, resource: str, basis: Size) -> Pair:
    request, limit = size.pair(resource)
    came, most = basis.pair(resource)
    if limit is None:
        limit = most
    if request is None:
        request = came if came is None or limit is None else min(came, limit)
    return request, limit
