"""A pod's requests and a node's allocatable resources, as the scheduler counts them. Pure.

| of a pod                                       | counts as                                       |
| ---------------------------------------------- | ----------------------------------------------- |
| containers and sidecars                        | the sum of their requests                       |
| an init container                              | its request plus the sidecars before it, if     |
|                                                | that is more than the sum                       |
| `spec.resources` (pod level)                   | replaces all of that for what it names          |
| overhead                                       | is added                                        |
| a limit without a request                      | a request of the same amount                    |
| a container with a new size                    | that size's requests; for a resource that the   |
|                                                | size does not name, what the pod has            |
| a new limit without a request                  | the pod's request, at most the limit            |
| extended resources (devices), hugepages        | like any other: sizes never change them         |
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

from kube import objects
from kube.memo import once
from kube.quantity import Quantity
from scaler.feasibility.room import Extended, Room
from store.amounts import RESOURCES, WHOLE
from store.model import Size, Sizes

_PLAIN = frozenset({*RESOURCES, "ephemeral-storage", "pods"})
"""Resources with a field of their own; all others are extended ones."""
FINISHED = ("Succeeded", "Failed")
"""The phases in which a pod no longer uses capacity."""
_NOTHING: Mapping[str, Quantity] = {}
_NONE = Room()


@once
def allocatable(node: objects.Node) -> Room:
    """What a node can allocate to pods."""
    found = node.status.allocatable or _NOTHING
    return _room(found) + Room(pods=_amount("pods", found.get("pods", 0)))


def needed(pod: objects.Pod, sizes: Sizes) -> Room:
    """What a new pod like this one requests, with `sizes` for the containers that it names."""
    return _needed(pod, sizes) if sizes else held(pod)


@once
def held(pod: objects.Pod) -> Room:
    """What the pod requests now."""
    return _needed(pod, {})


def _needed(pod: objects.Pod, sizes: Sizes) -> Room:
    own = _requested(pod)
    total = _together(pod, lambda c: _changed(own[c.name], sizes.get(c.name)))
    if pod.spec.resources:
        total = _instead(total, pod.spec.resources)
    return total + _added(pod)


def limited(pod: objects.Pod, sizes: Sizes) -> Room:
    """The sum of the pod's limits; a size without a limit counts as no limit."""
    return _together(pod, lambda c: _limits(c, sizes.get(c.name))) + _overhead(pod)


@once
def _requested(pod: objects.Pod) -> Mapping[str, Room]:
    """What each container requests now, by name."""
    every = (*pod.spec.containers, *(pod.spec.init_containers or ()))
    given = ((c.name, c.resources.limits, c.resources.requests) for c in every)
    return {n: _room({**(lim or _NOTHING), **(req or _NOTHING)}) for n, lim, req in given}


@once
def _added(pod: objects.Pod) -> Room:
    """What a pod counts with beside its containers."""
    return _overhead(pod) + Room(pods=1)


def _overhead(pod: objects.Pod) -> Room:
    return _room(pod.spec.overhead) if pod.spec.overhead else _NONE


def _together(pod: objects.Pod, of: Callable[[objects.Container], Room]) -> Room:
    running = peak = _NONE
    for container in pod.spec.init_containers or ():
        own = of(container)
        if container.restart_policy == "Always":
            running += own
        else:
            peak = peak.at_least(running + own)
    for container in pod.spec.containers:
        running += of(container)
    return running if peak is _NONE else running.at_least(peak)


def _limits(container: objects.Container, size: Size | None) -> Room:
    if size is None:
        return _room(container.resources.limits or _NOTHING)
    return Room(size.limits.cpu or 0, size.limits.memory or 0)


def _changed(own: Room, size: Size | None) -> Room:
    if size is None:
        return own
    return Room(
        cpu=_new(own.cpu, size.requests.cpu, size.limits.cpu),
        memory=_new(own.memory, size.requests.memory, size.limits.memory),
        storage=own.storage,
        extended=own.extended,
    )


def _new(own: int, request: int | None, limit: int | None) -> int:
    if request is not None:
        return request
    if limit is not None:
        return min(own or limit, limit)
    return own


def _instead(total: Room, pod_level: objects.Requirements) -> Room:
    named = {**(pod_level.limits or {}), **(pod_level.requests or {})}
    room = _room(named)
    return Room(
        cpu=room.cpu if "cpu" in named else total.cpu,
        memory=room.memory if "memory" in named else total.memory,
        storage=total.storage,
        extended=total.extended,
    )


def _room(amounts: Mapping[str, Quantity]) -> Room:
    return Room(
        cpu=_amount("cpu", amounts.get("cpu", 0)),
        memory=_amount("memory", amounts.get("memory", 0)),
        storage=_amount("storage", amounts.get("ephemeral-storage", 0)),
        extended=_extended(amounts),
    )


def _extended(amounts: Mapping[str, Quantity]) -> Extended:
    if amounts.keys() <= _PLAIN:
        return ()
    named = ((n, _amount(n, amounts[n])) for n in sorted(amounts) if n not in _PLAIN)
    return tuple((name, amount) for name, amount in named if amount)


@lru_cache(maxsize=4096, typed=True)
def _amount(resource: str, given: Quantity) -> int:
    # A cluster has few distinct quantities, and each cycle reads those of all pods.
    return RESOURCES.get(resource, WHOLE).parse(given)
