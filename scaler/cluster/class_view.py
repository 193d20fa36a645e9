"""A workload as its pods on one kind of node show it, so that the same rules decide on each. Pure.

| of the workload                                   | in the view of a class                       |
| ------------------------------------------------- | -------------------------------------------- |
| its pods                                          | those whose size is for that class           |
| the same, of the default, where no pod has it     | all, for what they came with: their usage is |
|                                                   | that of other sizes, and does not count      |
| its stored size                                   | what that class gets                         |
| the log of changes, and how long it was quiet     | the lines about that class                   |
| anything else                                     | as it is                                     |

What is kept of a class between cycles is kept by the name of its container and its own (`keyed`).
"""

from collections.abc import Mapping
from typing import TypeVar

from msgspec.structs import replace

from kube import objects
from scaler.cluster.pod_state import PodState, pods
from scaler.cluster.view import View
from store.model import PodSize, StoredSize

T = TypeVar("T")
DEFAULT = None
"""The class of the pods that have the default size."""
_SEPARATOR = "@"


def classes(view: View) -> tuple[str | None, ...]:
    """The default, then the classes of its pods."""
    if view.nodes is None:
        return (DEFAULT,)
    there = {s.node_class for s in view.states if s.node_class is not None and not s.undecided}
    return (DEFAULT, *sorted(there))


def of(view: View, name: str | None) -> View:
    """The view of a class, by the table above; `DEFAULT`: of the default."""
    podsize = _narrowed(view.podsize, name) if view.podsize else None
    return replace(view, podsize=podsize, pods=tuple(pods(_states(view, name))), nodes=None)


def of_default(view: View) -> View:
    """The view of all pods with the default size; itself where no class has another."""
    size = view.size
    if view.podsize is None or size is None or not size.classes:
        return view
    return replace(view, podsize=_narrowed(view.podsize, DEFAULT), nodes=None)


def has_pods(view: View, name: str | None) -> bool:
    """Whether the size of pods that there are is for that class."""
    return any(s.node_class == name and not s.undecided for s in view.states)


def _states(view: View, name: str | None) -> list[PodState]:
    found = [s for s in view.states if s.node_class == name and not s.undecided]
    alone = name is DEFAULT and all(s.terminating for s in found)
    return [*view.states] if alone else found


def only_resized(whole: View, its: View) -> list[objects.Pod]:
    """The pods of a class that have its size only as they are resized; none: others would get it
    as they are made."""
    if whole.nodes is None:
        return []
    uids = {s.uid for s in whole.not_terminating if s.only_resized}
    return [p for p in its.pods if p.metadata.uid in uids]


def keyed(container: str, name: str | None) -> str:
    """Under which name something is kept of a container and a class."""
    return container if name is None else f"{container}{_SEPARATOR}{name}"


def unkeyed(key: str) -> tuple[str, str | None]:
    """The container and the class again."""
    container, _, name = key.partition(_SEPARATOR)
    return container, name or None


def kept(of_all: Mapping[str, T], name: str | None) -> dict[str, T]:
    """What is kept of a class, by container."""
    split = ((unkeyed(key), one) for key, one in of_all.items())
    return {container: one for (container, its), one in split if its == name}


def _narrowed(podsize: PodSize, name: str | None) -> PodSize:
    status = podsize.status
    last, size = status.last_good, status.size
    return replace(
        podsize,
        status=replace(
            status,
            size=_size(size, name),
            last_good=_size(last, name),
            changes=tuple(c for c in status.changes if c.node_class == name),
            quiet=tuple(q for q in status.quiet if q.node_class == name),
        ),
    )


def _size(size: StoredSize | None, name: str | None) -> StoredSize | None:
    return size.of_class(name) if size else None
