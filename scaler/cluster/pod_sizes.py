"""What one pod has, what it came with, and whether it is as the store says. Pure.

| the webhook's stamp                      | what the pod came with                           |
| ---------------------------------------- | ------------------------------------------------ |
| none, or one that cannot be read         | what it has                                      |
| of all its containers                    | the stamp                                        |
| of some: others were added after us      | the stamp for those, for others what they have   |
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from kube import objects, quantity, timestamps
from kube.memo import once
from store import annotations, stamp
from store.injection import inject
from store.model import Resources, Size, StoredSize

_OVER = ("Succeeded", "Failed")
_DIGITS = 18  # a revision that somebody made up must not cost us anything


def living(pods: Iterable[objects.Pod]) -> tuple[objects.Pod, ...]:
    """Those that run or will run, oldest first."""
    return tuple(sorted((p for p in pods if p.status.phase not in _OVER), key=_age))


def staying(pods: Iterable[objects.Pod]) -> list[objects.Pod]:
    """Those that nobody has begun to delete."""
    return [p for p in pods if not p.metadata.deletion_timestamp]


@once
def sizes_of(pod: objects.Pod) -> Mapping[str, Size]:
    """What the pod's containers have, init containers included. Raises ValueError."""
    spec = pod.spec
    return {c.name: size_of(c.resources) for c in [*spec.containers, *(spec.init_containers or ())]}


def size_of(resources: objects.Requirements) -> Size:
    """The scaled part of a container's resources. Raises ValueError on an unreadable quantity."""
    return Size(_amounts(resources.requests), _amounts(resources.limits))


@once
def stamped_basis(pod: objects.Pod) -> Mapping[str, Size] | None:
    """What the pod came with, by the webhook's stamp; None where it has none that can be read."""
    text = pod.metadata.annotation(annotations.BASIS)
    return None if text is None else _stamp(text)


@once
def stamped_revision(pod: objects.Pod) -> int | None:
    """The revision that the webhook saw; None where the pod never passed it."""
    text = pod.metadata.annotation(annotations.SIZE_REVISION) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


@once
def came_with(pod: objects.Pod) -> Mapping[str, Size]:
    """What each container had before us, by the table above."""
    had, stamped = sizes_of(pod), stamped_basis(pod)
    if not stamped:
        return had
    return {name: stamped.get(name, size) for name, size in had.items()}


def is_current(pod: objects.Pod, size: StoredSize | None, passive: Iterable[str] = ()) -> bool:
    """Whether the pod has just what the store would give it today.

    Values count, not revisions: a pod that a rollout made with an edited manifest's values is as
    it should be. `passive` containers are as they are.
    """
    had, expected = sizes_of(pod), inject(size, came_with(pod))
    return all(had[c] == expected[c] for c in had.keys() - set(passive))


def counted(pod: objects.Pod) -> list[str]:
    """The containers that run side by side: regular ones and sidecars."""
    sidecars = [c for c in pod.spec.init_containers or () if c.restart_policy == "Always"]
    return [c.name for c in [*pod.spec.containers, *sidecars]]


@lru_cache(maxsize=4096)  # the pods of a workload bear the same, and are asked each cycle
def _stamp(text: str) -> Mapping[str, Size] | None:
    try:
        return stamp.read(text)
    except ValueError:
        return None


def started(pod: objects.Pod, container: str) -> float | None:
    """When the container that runs now began, by the pod's status; None where none runs."""
    status = pod.status
    for one in [*(status.container_statuses or ()), *(status.init_container_statuses or ())]:
        if one.name == container and one.state.running:
            return timestamps.seconds(one.state.running.started_at)
    return None


def _age(pod: objects.Pod) -> tuple[str, str]:
    return pod.metadata.creation_timestamp or "", pod.metadata.name


def _amounts(raw: Mapping[str, quantity.Quantity] | None) -> Resources:
    return _pair(raw.get("cpu"), raw.get("memory")) if raw else _NOTHING


_NOTHING = Resources()


@lru_cache(maxsize=4096, typed=True)
def _pair(cpu: quantity.Quantity | None, memory: quantity.Quantity | None) -> Resources:
    # A cluster's pods share few different amounts, and each cycle reads them several times.
    return Resources(
        cpu=None if cpu is None else quantity.cpu(cpu),
        memory=None if memory is None else quantity.memory(memory),
    )
