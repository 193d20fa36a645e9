"""The QoS class that Kubernetes assigns to a pod with containers of these sizes.

A size never changes the class (unless the user asked for no limits): the class decides which pod is
killed first when a node runs out of memory. Same rule as the API server's `ComputePodQOS`: zero
amounts do not count, and a request that is not set equals the limit.

| requests and limits of all containers                     | class      |
| --------------------------------------------------------- | ---------- |
| none at all                                               | BestEffort |
| each container has limits of both, requests equal in sum  | Guaranteed |
| anything else                                             | Burstable  |
"""

from collections.abc import Collection, Iterable

from store.amounts import RESOURCES
from store.model import Size, Sizes


def changes_class(came: Sizes, wanted: Sizes) -> bool:
    """Whether these sizes would change the class of a pod that came with those values.

    The webhook never injects such a size, so the scaler must never store one. A limit is removed
    only where the user asked for it, and that does not count as a change here.
    """
    removed = any(
        came[name].limits[resource] is not None and wanted[name].limits[resource] is None
        for name in came
        for resource in RESOURCES
    )
    return not removed and qos_class(came.values()) != qos_class(wanted.values())


def reclassed(came: Sizes, wanted: Sizes, groups: Iterable[Collection[str]]) -> str | None:
    """How the class of one of these groups of containers would change; None: of none.

    A group is what some party sees of the pod. A limit that was asked to be removed is no change.
    """
    for group in groups:
        was, would = ({n: s for n, s in of.items() if n in group} for of in (came, wanted))
        if changes_class(was, would):
            return f"{qos_class(would.values())} instead of {qos_class(was.values())}"
    return None


def qos_class(sizes: Iterable[Size]) -> str:
    """The QoS class of a pod with containers of these sizes, init containers included."""
    requests, limits = dict.fromkeys(RESOURCES, 0), dict.fromkeys(RESOURCES, 0)
    all_limited = True
    for size in sizes:
        for resource in RESOURCES:
            request, limit = size.pair(resource)
            requests[resource] += (limit if request is None else request) or 0
            limits[resource] += limit or 0
            all_limited = all_limited and bool(limit)
    if not any(requests.values()) and not any(limits.values()):
        return "BestEffort"
    return "Guaranteed" if all_limited and requests == limits else "Burstable"
