"""The sizes in a PodSize from and to JSON; quantities become integers here and nowhere else.

Strict, because a pod's resources depend on it: an unreadable quantity raises ValueError.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

import msgspec

from kube.objects import Quantities
from kube.quantity import Quantity
from store import amounts
from store.model import Apply, ClassSize, ContainerSize, Size, StoredSize


class Json(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    pass


class SizeJson(Json, frozen=True):
    requests: Quantities | None = None
    limits: Quantities | None = None


class ContainerJson(Json, frozen=True):
    name: str
    requests: Quantities | None = None
    limits: Quantities | None = None
    basis: SizeJson | None = None


class ClassJson(Json, frozen=True):
    name: str = msgspec.field(name="class")
    containers: list[ContainerJson] = []


class StoredSizeJson(Json, frozen=True):
    revision: int = 0
    apply: str = "all"
    containers: list[ContainerJson] = []
    template: str = ""
    stamped: bool = True
    classes: list[ClassJson] = []


def size_from_json(raw: Mapping[str, Mapping[str, Quantity] | None]) -> Size:
    """Requests and limits of one container. Raises ValueError on an unreadable quantity."""
    return Size(amounts.read(raw.get("requests")), amounts.read(raw.get("limits")))


def size_to_json(size: Size) -> dict[str, dict[str, str]]:
    """The reverse, in canonical text; values that are not set are left out."""
    parts = {"requests": amounts.written(size.requests), "limits": amounts.written(size.limits)}
    return {name: texts for name, texts in parts.items() if texts}


def container_from_json(raw: ContainerJson) -> ContainerSize:
    basis = raw.basis or SizeJson()
    return ContainerSize(
        raw.name,
        Size(amounts.read(raw.requests), amounts.read(raw.limits)),
        Size(amounts.read(basis.requests), amounts.read(basis.limits)),
    )


def container_to_json(container: ContainerSize) -> dict[str, object]:
    out: dict[str, object] = {"name": container.name, **size_to_json(container.size)}
    if basis := size_to_json(container.basis):
        out["basis"] = basis
    return out


def stored_from_json(raw: StoredSizeJson | None) -> StoredSize | None:
    if raw is None or raw.revision == 0:
        return None
    return StoredSize(
        revision=raw.revision,
        apply=member(Apply, raw.apply) or Apply.NEW,
        containers=tuple(container_from_json(c) for c in raw.containers),
        template=raw.template,
        stamped=raw.stamped,
        classes=tuple(
            ClassSize(one.name, tuple(container_from_json(c) for c in one.containers))
            for one in raw.classes
        ),
    )


def stored_to_json(size: StoredSize) -> dict[str, object]:
    out: dict[str, object] = {
        "revision": size.revision,
        "apply": size.apply,
        "containers": [container_to_json(c) for c in size.containers],
        "template": size.template,
        "stamped": size.stamped,
    }
    if size.classes:
        out["classes"] = [
            {"class": one.name, "containers": [container_to_json(c) for c in one.containers]}
            for one in size.classes
        ]
    return out


E = TypeVar("E", bound=StrEnum)


def member(kind: Callable[[str], E], text: str) -> E | None:
    try:
        return kind(text)
    except ValueError:
        return None
