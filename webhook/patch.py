"""The smallest JSON patch that gives a new pod its stored size and the stamp of what it came with.

`store.injection` computes what each container should have; this module turns it into operations on
exactly the quantities that differ. Everything else in a pod belongs to others: other resources,
claims, unknown keys and containers are never written, not even with the same value.

| pod                                              | patch                                     |
| ------------------------------------------------ | ----------------------------------------- |
| values equal the basis                           | size, stamp                               |
| values differ from the basis (edited manifest)   | stamp                                     |
| no size in the store                             | stamp with revision 0                     |
| already sized, with our stamp                    | none                                      |
| a stamp that does not match (copied, old, junk)  | as without a stamp; the stamp is replaced |
| a stamp, and no PodSize                          | the stamp is removed (answer.py)          |
| stamped by us, containers added since            | size and stamp for those                  |
| a container with unreadable quantities           | that container is left unchanged          |
| the QoS class would change, no limit removed     | stamp                                     |
| pod-level resources, Windows, mirror pod         | none                                      |
| a container that a resize is to restart          | `resizePolicy`, too (resize_policy.py)    |
"""

from collections.abc import Iterator, Mapping, Sequence

from kube.quantity import Quantity
from store import stamp
from store.amounts import RESOURCES
from store.annotations import BASIS, SIZE_REVISION
from store.injection import inject, mismatched
from store.model import Size, Sizes, StoredSize
from store.qos import changes_class
from store.records import RestartOnResize
from store.sizes import size_from_json, size_to_json
from webhook import resize_policy
from webhook.outcome import Outcome
from webhook.review import Container, Operation, Pod

_MIRROR = "kubernetes.io/config.mirror"
_PARTS = ("requests", "limits")


def build(
    pod: Pod, size: StoredSize | None, restarts: Sequence[RestartOnResize] = ()
) -> tuple[list[Operation], Outcome]:
    """The patch for a pod whose workload has a PodSize, and the reason for it."""
    if not _supported(pod):
        return [], Outcome.UNSUPPORTED
    came = {c.name: read for _, c in _containers(pod) if (read := _size_of(c)) is not None}
    basis = _basis(pod, came, size)
    wanted: Sizes = inject(size, basis)
    refused = changes_class(basis, wanted)
    if refused:
        wanted = basis
    resizing = [
        operation
        for path, container in _containers(pod)
        if container.name in came
        for operation in _resize(path, container, came[container.name], wanted[container.name])
    ]
    stamping = annotate(pod, {SIZE_REVISION: revision(size), BASIS: stamp.write(basis)})
    operations = [*resizing, *resize_policy.operations(pod, restarts), *stamping]
    if not operations:
        return [], Outcome.UNCHANGED
    if refused:
        return operations, Outcome.QOS_CLASS
    if size and mismatched(size, basis):
        return operations, Outcome.MANIFEST_CHANGED
    return operations, Outcome.SIZED if resizing else Outcome.STAMPED


def annotate(pod: Pod, wanted: Mapping[str, str]) -> list[Operation]:
    """The operations that set the pod's annotations to these values."""
    held = pod.metadata.annotations
    if held is None:
        return [Operation("add", "/metadata/annotations", dict(wanted))]
    return [
        Operation(
            "replace" if key in held else "add", "/metadata/annotations/" + _escape(key), text
        )
        for key, text in wanted.items()
        if held.get(key) != text
    ]


def unstamped(pod: Pod) -> list[Operation]:
    """The operations that remove our stamp from the pod."""
    held = pod.metadata.annotations or {}
    if _MIRROR in held:
        return []
    found = (key for key in (SIZE_REVISION, BASIS) if key in held)
    return [Operation("remove", "/metadata/annotations/" + _escape(key)) for key in found]


def revision(size: StoredSize | None) -> str:
    """The revision as it is stamped; "0" where no size is stored."""
    return str(size.revision if size else 0)


def _supported(pod: Pod) -> bool:
    return (
        pod.spec.resources is None
        and (pod.spec.os is None or pod.spec.os.name != "windows")
        and _MIRROR not in (pod.metadata.annotations or {})
    )


def _containers(pod: Pod) -> Iterator[tuple[str, Container]]:
    for part, containers in (
        ("containers", pod.spec.containers),
        ("initContainers", pod.spec.init_containers),
    ):
        for i, container in enumerate(containers or ()):
            yield f"/spec/{part}/{i}/resources", container


def _size_of(container: Container) -> Size | None:
    """The container's size; None where it cannot be read."""
    parts: dict[str, Mapping[str, Quantity]] = {}
    for part in _PARTS:
        held = (container.resources or {}).get(part)
        if held is not None and not isinstance(held, dict):
            return None
        parts[part] = held or {}
    try:
        return size_from_json(parts)
    except ValueError:
        return None


def _basis(pod: Pod, came: Sizes, size: StoredSize | None) -> Sizes:
    """What the pod came with: from its stamp if that is valid, otherwise its current values."""
    carried = pod.metadata.annotations or {}
    if carried.get(SIZE_REVISION) != revision(size):
        return came
    try:
        stamped = stamp.read(carried.get(BASIS, ""))
    except ValueError:
        return came
    known = {name: stamped[name] for name in stamped if name in came}
    if inject(size, known) != {name: came[name] for name in known}:
        return came
    return {**came, **known}


def _resize(path: str, container: Container, came: Size, wanted: Size) -> Iterator[Operation]:
    if came == wanted:
        return
    texts = size_to_json(wanted)
    if container.resources is None:
        yield Operation("add", path, texts)
        return
    pairs = zip(_PARTS, (came.requests, came.limits), (wanted.requests, wanted.limits), strict=True)
    for part, before, after in pairs:
        held = container.resources.get(part)
        if before == after:
            continue
        if held is None:
            yield Operation("add", f"{path}/{part}", texts[part])
            continue
        for r in RESOURCES:
            if before[r] == after[r]:
                continue
            if after[r] is None:
                yield Operation("remove", f"{path}/{part}/{r}")
            else:
                op = "replace" if r in held else "add"
                yield Operation(op, f"{path}/{part}/{r}", texts[part][r])


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
