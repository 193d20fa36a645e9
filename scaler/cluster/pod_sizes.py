"""The requests and limits that a pod has, and those that it came with. Pure.

| the webhook's stamp                      | what the pod came with                           |
| ---------------------------------------- | ------------------------------------------------ |
| absent, or unreadable                    | its present values                               |
| names all containers                     | the stamp                                        |
| names some: others were injected later   | the stamp for those, present values for others   |

A pod that was resized in place has what its kubelet made of that, which its spec does not say:

| a container of a pod that was resized    | it has                                           |
| ---------------------------------------- | ------------------------------------------------ |
| its status says nothing of resources     | what its spec says                               |
| its status says other values             | those: the resize was not carried out yet        |
| the same, but for the rounding of the    | what its spec says: a CPU limit in steps of 10m  |
| kernel's settings                        | (systemd), 10m at least; memory in pages         |
"""

from functools import lru_cache

from kube import objects
from kube.memo import once
from kube.quantity import Quantity
from store import amounts
from store.model import Resources, Size, Sizes
from store.stamp import stamped_basis


@once
def sizes_of(pod: objects.Pod) -> Sizes:
    """Present size of each container, init containers included.

    Raises ValueError on an unreadable quantity.
    """
    spec = pod.spec
    return {c.name: size_of(c.resources) for c in [*spec.containers, *(spec.init_containers or ())]}


def size_of(resources: objects.Requirements) -> Size:
    """CPU and memory of a container's resources. Raises ValueError on an unreadable quantity."""
    return Size(_amounts(resources.requests), _amounts(resources.limits))


@once
def present(pod: objects.Pod) -> Sizes:
    """What each container has, by the second table. Raises ValueError as `sizes_of` does."""
    asked = sizes_of(pod)
    if pod.metadata.generation <= 1:
        return asked
    status = pod.status
    known = [*(status.container_statuses or ()), *(status.init_container_statuses or ())]
    given = {s.name: s for s in known if s.resources is not None}
    return {n: _present(size, given[n]) if n in given else size for n, size in asked.items()}


def _present(asked: Size, status: objects.ContainerStatus) -> Size:
    resources = status.resources or objects.Requirements()
    allocated = status.allocated_resources
    requests = resources.requests if allocated is None else allocated
    limits = _amounts(resources.limits)
    cpu, memory = asked.limits.cpu, asked.limits.memory
    return Size(
        _amounts(requests),
        Resources(
            cpu if _rounds(cpu, limits.cpu, _CPU_STEP, up=True) else limits.cpu,
            memory if _rounds(memory, limits.memory, _PAGE, up=False) else limits.memory,
        ),
    )


_CPU_STEP, _PAGE = 10, 4096


def _rounds(asked: int | None, has: int | None, step: int, *, up: bool) -> bool:
    """Whether `has` is what the kernel makes of `asked`, in multiples of `step`."""
    if asked is None or has is None:
        return False
    return has == max(step, -(-asked // step) * step if up else asked // step * step)


def came_with(pod: objects.Pod) -> Sizes:
    """Size of each container before the webhook changed it, by the table above."""
    had, stamped = present(pod), stamped_basis(pod)
    if not stamped:
        return had
    return {name: stamped.get(name, size) for name, size in had.items()}


def _amounts(raw: objects.Quantities | None) -> Resources:
    return _read(*map(raw.get, amounts.RESOURCES)) if raw else _NOTHING


_NOTHING = Resources()


@lru_cache(maxsize=4096, typed=True)
def _read(*given: Quantity | None) -> Resources:
    # A cluster's pods share few different amounts, and each cycle reads them several times.
    named = zip(amounts.RESOURCES, given, strict=True)
    return amounts.read({resource: one for resource, one in named if one is not None})
