"""Other autoscalers of a workload: podtailor leaves alone what they own. Pure.

| autoscaler                                           | it owns                                   |
| ---------------------------------------------------- | ----------------------------------------- |
| a HorizontalPodAutoscaler of the workload with a     | that resource of every container: the     |
| metric of type Resource, cpu or memory               | policy does not change it                 |
| the same, with type ContainerResource                | that resource of that container           |
| the same, with other metrics only                    | nothing                                   |
| a VerticalPodAutoscaler of the workload that updates | the workload: nothing is decided, no pod  |
| pods: any updateMode but Off, or none                | is replaced, a size by hand stays a wish  |
| the same, with updateMode Off                        | nothing: it only recommends               |
| either of them of the object that controls the       | the same: a VerticalPodAutoscaler has to  |
| workload (an operator's own kind)                    | name the topmost one with replicas        |
| one whose target has the same name, but another kind | nothing                                   |
| or API group                                         |                                           |

A size by hand wins over a HorizontalPodAutoscaler: the user asked for it explicitly.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from msgspec import Struct, field

from kube import objects
from scaler.cluster.snapshot import Key, Snapshot
from store.amounts import RESOURCES
from store.model import Workload

Target = tuple[str, str, str, str]
"""Namespace, API group, kind, name."""


class Others(Struct, frozen=True):
    """The other autoscalers of one workload.

    `by`: name of the HorizontalPodAutoscaler by (container, resource); container "" stands for
    all containers. `vertical`: name of the VerticalPodAutoscaler.
    """

    by: Mapping[tuple[str, str], str] = field(default_factory=dict)
    vertical: str | None = None

    def on(self, container: str, resource: str) -> str | None:
        """The message that names the owner of a container's resource; None: no other owns it."""
        name = self.by.get(("", resource)) or self.by.get((container, resource))
        return f"HorizontalPodAutoscaler {name} scales on its {resource}" if name else None

    @property
    def owner(self) -> str | None:
        """The message that names the owner of the whole workload; None: no other owns it."""
        if not self.vertical:
            return None
        message = f"VerticalPodAutoscaler {self.vertical} updates this workload"
        return f"{message}; set its updateMode to Off to have podtailor size it"


NOBODY = Others()
T = TypeVar("T")


OthersByTarget = Mapping[Target, Others]


def others_in(snapshot: Snapshot) -> OthersByTarget:
    """All other autoscalers in the snapshot, by target."""
    owned: dict[Target, dict[tuple[str, str], str]] = {}
    for horizontal in _in_order(snapshot.horizontal):
        target = _key(horizontal.metadata.namespace, horizontal.spec.scale_target_ref)
        for pair in _pairs(horizontal.spec.metrics or ()):
            owned.setdefault(target, {}).setdefault(pair, horizontal.metadata.name)
    updated: dict[Target, str] = {}
    for vertical in _in_order(snapshot.vertical):
        if vertical.spec.target_ref and _updates(vertical):
            target = _key(vertical.metadata.namespace, vertical.spec.target_ref)
            updated.setdefault(target, vertical.metadata.name)
    return {t: Others(owned.get(t, {}), updated.get(t)) for t in owned.keys() | updated.keys()}


def others_of(found: OthersByTarget, workload: Workload, meta: objects.Meta) -> Others | None:
    """Those of the workload and of its controller, of all that `others_in` has found."""
    own = found.get(_key(workload.namespace, workload))
    controller = meta.controller()
    over = found.get(_key(workload.namespace, controller)) if controller else None
    if own is None or over is None:
        return own or over
    return Others({**over.by, **own.by}, own.vertical or over.vertical)


def _key(namespace: str, named: Workload | objects.OwnerReference | objects.Target) -> Target:
    return namespace, named.api_version.rpartition("/")[0], named.kind, named.name


def _pairs(metrics: Iterable[objects.Metric]) -> Iterable[tuple[str, str]]:
    for metric in metrics:
        if metric.type == "Resource" and metric.resource:
            pair = "", metric.resource.name
        elif metric.type == "ContainerResource" and metric.container_resource:
            pair = metric.container_resource.container, metric.container_resource.name
        else:
            continue
        if pair[1] in RESOURCES:
            yield pair


def _updates(found: objects.VerticalAutoscaler) -> bool:
    policy = found.spec.update_policy
    return (policy.update_mode if policy else None) != "Off"


def _in_order(found: Mapping[Key, T]) -> list[T]:
    return [found[key] for key in sorted(found)]
