"""What the manifest gives each container, and whether it was edited. Pure.

The basis of a size is what a pod *came with*: its values after defaults and other webhooks. It is
read from the webhook's stamp on a pod of the newest template that has pods. A pod older than the
opt-in has no stamp; then its own values are used, which later webhooks may have changed.

| newest pod's stamp, compared with stored basis    | template  | basis    | result             |
| ------------------------------------------------- | --------- | -------- | ------------------ |
| equal, or no pod has a stamp                      | any       | any      | unchanged          |
| other values                                      | unchanged | no stamp | the basis is read  |
|                                                   |           |          | again: a new       |
|                                                   |           |          | revision           |
| the same, and the QoS class would change          | unchanged | no stamp | `ManifestChanged`  |
| other values                                      | unchanged | stamped  | `ManifestChanged`  |
| other values                                      | edited    | any      | `ManifestChanged`  |
| other values, and the basis came from pods of an  | any       | no stamp | `ManifestChanged`  |
| older template                                    |           |          |                    |

`ManifestChanged`: the resource is removed from the size, the manifest's value applies, and the
policy starts from that value.
"""

import hashlib
from collections.abc import Iterable

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kube import objects, quantity
from kube.memo import once
from scaler.cluster import rollout
from scaler.cluster.pod_sizes import size_of, sizes_of
from scaler.cluster.view import View
from store import amounts
from store.model import ContainerSize, Size, Sizes, StoredSize
from store.stamp import stamped_basis

_UNROLLED = ("ReplicationController", "ReplicaSet")


class Basis(Struct, frozen=True):
    """What the newest pod came with, by container; `stamped`: read from the webhook's stamp."""

    sizes: Sizes
    stamped: bool


@once
def learnt(view: View) -> Basis | None:
    """The basis of the pods of the newest template; None if the workload has no pod."""
    pods = rollout.newest(view)
    if stamped := [s for s in pods if s.stamped]:
        return Basis(stamped[-1].original, stamped=True)
    return Basis(pods[-1].original, stamped=False) if pods else None


@once
def arriving(view: View) -> tuple[frozenset[str], ...]:
    """The groups of containers of which the webhook might be asked to keep the QoS class.

    It sees those that come to it, as the stamp says; others are added later by other webhooks.
    Where no pod has a stamp, that is all of them or only the template's: either may be right.
    """
    newest = rollout.newest(view)
    if stamped := [s for s in newest if s.stamped]:
        return (frozenset(stamped_basis(stamped[-1].pod) or ()),)
    template = [*view.template.containers, *(view.template.init_containers or ())]
    there = [frozenset(s.actual) for s in newest[-1:]]
    named = frozenset(c.name for c in template)
    return (*there, *([named] if named not in there else []))


def kept(known: Basis, size: StoredSize) -> Basis:
    """`known`, but without a stamp the stored basis is kept: a pod's own values may be the size."""
    if known.stamped:
        return known
    stored = {c.name: c.basis for c in size.containers if c.name in known.sizes}
    return replace(known, sizes={**known.sizes, **stored})


@once
def fingerprint(template: objects.PodSpec) -> str:
    """Eight hexadecimal digits that change when a container's resources in the manifest change."""
    parts = [
        (c.name, sorted((c.resources.requests or {}).items()), sorted(_limits(c)))
        for c in [*template.containers, *(template.init_containers or ())]
    ]
    return hashlib.sha256(msgspec.json.encode(sorted(parts))).hexdigest()[:8]


def recorded(view: View, known: Basis, template: str) -> str:
    """The fingerprint to store with a basis; "" if the basis is of an older template.

    Pods of an older template exist where the owner does not roll out changes, and while a rollout
    is stuck. Without a stamp this is recognised by the pods' resources alone: a value that the
    manifest names and the pods do not have was edited after they were created.
    """
    rolled_out = view.workload.kind not in _UNROLLED and not rollout.unfinished(view)
    if known.stamped or rolled_out:
        return template
    return "" if asks_otherwise(view.template, known.sizes) else template


def expected(view: View, size: StoredSize | None) -> tuple[objects.Pod, Sizes]:
    """A new pod of the template, and what it comes with: the stored basis, if any."""
    pod = objects.Pod(objects.Meta(name="a new pod"), view.template)
    known = {c.name: c.basis for c in size.containers} if size else {}
    return pod, {name: known.get(name, had) for name, had in sizes_of(pod).items()}


def asks_otherwise(template: objects.PodSpec, came: Sizes) -> bool:
    """Whether the template names values other than those that the pods came with (`came`)."""
    asked = _asked(template)
    for name, size in asked.items():
        had = came.get(name, size)
        for part, other in ((size.requests, had.requests), (size.limits, had.limits)):
            for r in amounts.RESOURCES:
                if part[r] is not None and part[r] != other[r]:
                    return True
    return False


def as_asked(template: objects.PodSpec, came: Sizes) -> dict[str, Size]:
    """What pods of a template come with, if else they come like this: where it names values, those.

    A resource of which it names one value comes with just what it names.
    """
    asked = _asked(template)
    out = dict(came)
    for name in out:
        for r in amounts.RESOURCES if name in asked else ():
            pair, had = asked[name].pair(r), out[name].pair(r)
            if any(a is not None and a != h for a, h in zip(pair, had, strict=True)):
                out[name] = amounts.with_pair(out[name], r, *pair)
    return out


def _asked(template: objects.PodSpec) -> dict[str, Size]:
    """What the template names, of init containers as well."""
    found = [*template.containers, *(template.init_containers or ())]
    return {c.name: size_of(c.resources) for c in found}


def without(c: ContainerSize, pairs: Iterable[tuple[str, str]], came: Sizes) -> ContainerSize:
    """A container's size without these (container, resource) pairs; its basis is from `came`."""
    size = c.size
    for name, resource in pairs:
        if name == c.name:
            size = amounts.with_pair(size, resource, None, None)
    return replace(c, size=size, basis=came.get(c.name, c.basis))


def _limits(c: objects.Container) -> list[tuple[str, quantity.Quantity]]:
    return list((c.resources.limits or {}).items())
