"""Would a pod come back as the same program? Its owner's template against its own spec. Pure.

ReplicationControllers and bare ReplicaSets leave running pods alone when their template changes,
and put no mark of the template on them. So the template itself is compared: everything that it
says must stand in the pod. A pod may say more (admission adds volumes, tolerations, defaults), and
its resources may differ: those are ours to change. A difference alone does not say that the
template has changed, as admission may make the same one in each pod: see template_edits.py.

| template              | pod                                        | same                      |
| --------------------- | ------------------------------------------ | ------------------------- |
| absent, null, ""      | anything                                   | yes                       |
| a scalar              | the same scalar                            | yes                       |
| an object             | each of its fields                         | yes, fields may be more   |
| list of named items   | for each, one of its name that is the same | yes, items may be more    |
| any other list        | the same items in order                    | yes, items may follow     |
| `resources`           | anything                                   | yes                       |
| labels, annotations   | each of them                               | yes, there may be more    |
| labels, of a pod that | anything                                   | yes: what comes in its    |
| was drained           |                                            | place serves again        |
| our own annotations   | anything                                   | yes: no program sees them |

Names need not be unique: a volume may be mounted in several places.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from store.annotations import FIRST_TO_GO, PREFIX

_OURS = "resources"


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where a pod is not what its owner's template says, and what it has there."""

    path: str
    found: object

    def __str__(self) -> str:
        if self.found is None:
            return f"{self.path} is missing in the pod"
        return f"{self.path} is not what the template says"


def drift(template: Mapping[str, object], pod: Mapping[str, object]) -> list[Difference]:
    """All places where a pod is not what its owner's template (as JSON) says."""
    metadata = _metadata(template.get("metadata"), pod.get("metadata"))
    return [*metadata, *differences(template.get("spec"), pod.get("spec"))]


def differences(template: object, pod: object, path: str = "spec") -> Iterator[Difference]:
    """All places where the pod is not what the template says."""
    if template is None or template in ("", {}, []):
        return
    if isinstance(template, Mapping):
        yield from _objects(template, pod, path)
    elif isinstance(template, list):
        yield from _lists(template, pod, path)
    elif template != pod or type(template) is not type(pod):
        yield Difference(path, pod)


def _objects(template: Mapping[str, object], pod: object, path: str) -> Iterator[Difference]:
    if not isinstance(pod, Mapping):
        yield Difference(path, pod)
        return
    for name, value in template.items():
        if name != _OURS:
            yield from differences(value, pod.get(name), f"{path}.{name}")


def _lists(template: list[object], pod: object, path: str) -> Iterator[Difference]:
    if not isinstance(pod, list):
        yield Difference(path, pod)
        return
    for position, item in enumerate(template):
        if isinstance(item, Mapping) and "name" in item:
            where = f"{path}[{item['name']}]"
            others: list[object] = [
                o for o in pod if isinstance(o, Mapping) and o.get("name") == item["name"]
            ]
        else:
            where = f"{path}[{position}]"
            others = pod[position : position + 1]
        found = [[*differences(item, other, where)] for other in others or [None]]
        if all(found):
            yield from found[0]


def _metadata(template: object, pod: object) -> Iterator[Difference]:
    wanted, found = ({}, {}) if not isinstance(template, Mapping) else (template, pod)
    for part in ("annotations",) if _drained(found) else ("labels", "annotations"):
        said = wanted.get(part)
        if isinstance(said, Mapping) and isinstance(found, Mapping):
            others = {k: v for k, v in said.items() if not str(k).startswith(PREFIX)}
            yield from differences(others, found.get(part) or {}, f"metadata.{part}")


def _drained(metadata: object) -> bool:
    """Whether we took labels away; it was adopted again as its PodSize or its owner was deleted."""
    said = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return isinstance(said, Mapping) and said.items() >= FIRST_TO_GO.items()
