"""Would a pod come back as the same program? Its owner's template against its own spec. Pure.

ReplicationControllers and bare ReplicaSets leave running pods alone when their template changes,
and put no mark of the template on them. So the template itself is compared: everything that it
says must stand in the pod. A pod may say more (admission adds volumes, tolerations, defaults), and
its resources may differ: those are ours to change.

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

from collections.abc import Mapping

from store.annotations import FIRST_TO_GO, PREFIX

_OURS = "resources"


def drift(template: Mapping[str, object], pod: Mapping[str, object]) -> str | None:
    """The first place where a pod is not what its owner's template (as JSON) says."""
    return _metadata(template.get("metadata"), pod.get("metadata")) or difference(
        template.get("spec"), pod.get("spec")
    )


def difference(template: object, pod: object, path: str = "spec") -> str | None:
    """The first place where the pod is not what the template says; None where it is."""
    if template is None or template in ("", {}, []):
        return None
    if isinstance(template, Mapping):
        return _objects(template, pod, path)
    if isinstance(template, list):
        return _lists(template, pod, path)
    return None if template == pod else f"{path} is not what the template says"


def _objects(template: Mapping[str, object], pod: object, path: str) -> str | None:
    if not isinstance(pod, Mapping):
        return f"{path} is missing in the pod"
    for name, value in template.items():
        if name == _OURS:
            continue
        if message := difference(value, pod.get(name), f"{path}.{name}"):
            return message
    return None


def _lists(template: list[object], pod: object, path: str) -> str | None:
    if not isinstance(pod, list):
        return f"{path} is missing in the pod"
    for position, item in enumerate(template):
        if isinstance(item, Mapping) and "name" in item:
            where = f"{path}[{item['name']}]"
            others: list[object] = [
                o for o in pod if isinstance(o, Mapping) and o.get("name") == item["name"]
            ]
        else:
            where = f"{path}[{position}]"
            others = pod[position : position + 1]
        differences = [difference(item, other, where) for other in others or [None]]
        if None not in differences:
            return differences[0]
    return None


def _metadata(template: object, pod: object) -> str | None:
    wanted, found = ({}, {}) if not isinstance(template, Mapping) else (template, pod)
    for part in ("annotations",) if _drained(found) else ("labels", "annotations"):
        said = wanted.get(part)
        if isinstance(said, Mapping) and isinstance(found, Mapping):
            others = {k: v for k, v in said.items() if not str(k).startswith(PREFIX)}
            if message := difference(others, found.get(part) or {}, f"metadata.{part}"):
                return message
    return None


def _drained(metadata: object) -> bool:
    """Whether we took labels away; it was adopted again as its PodSize or its owner was deleted."""
    said = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return isinstance(said, Mapping) and said.items() >= FIRST_TO_GO.items()
