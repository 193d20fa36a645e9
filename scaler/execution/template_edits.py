"""Has an owner's template been edited since a pod was made from it? Pure, over JSON.

A pod that is not what its owner's template says may have been made so by admission: whoever changes
a field of each pod does so again. What may have moved is the template itself, and the API server
notes who wrote it last and when (`managedFields`, to the second).

| the owner's template                                         | then the pod              |
| ------------------------------------------------------------ | ------------------------- |
| has the owner's first generation                             | was made from it          |
| was last written with the owner, or before the pod           | was made from it          |
| was written since, and a pod made after that differs from it | was made from it: so do   |
| in just the same places and values                           | all that are made now     |
| was written since                                            | is of another template    |
| nobody is noted as its writer                                | is of another template    |

A write is a change of anything by a writer who also set the template, so this may say "another" of
one that is the same, never the other way round. Resources are not compared: manifest.py.
"""

from collections.abc import Iterable, Mapping
from math import inf

from kube import timestamps
from scaler.execution.template_drift import Difference, drift

_SPEC, _TEMPLATE = "f:spec", "f:template"
Json = Mapping[str, object]


def another(owner: Json, pod: Json, siblings: Iterable[Json]) -> Difference | None:
    """Where the pod would come back as another program; None: as the same.

    `siblings`: the owner's pods, read only where they are needed.
    """
    template = _part(_part(owner, "spec"), "template")
    found = drift(template, pod)
    if not found:
        return None
    written, made = _written(owner), _created(pod)
    if written < made or written <= _created(owner):
        return None
    later = (s for s in siblings if _created(s) > written)
    return None if any(drift(template, s) == found for s in later) else found[0]


def _written(owner: Json) -> float:
    """When the template was last written, in seconds since the epoch; infinity: unknown."""
    meta = _part(owner, "metadata")
    if meta.get("generation") == 1:
        return 0.0
    entries = meta.get("managedFields")
    times = [
        timestamps.seconds(str(entry.get("time"))) or inf
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, Mapping) and not entry.get("subresource")
        if _TEMPLATE in _part(_part(entry, "fieldsV1"), _SPEC)
    ]
    return max(times, default=inf)


def _created(thing: Json) -> float:
    return timestamps.seconds(str(_part(thing, "metadata").get("creationTimestamp"))) or 0.0


def _part(thing: Json, name: str) -> Json:
    found = thing.get(name)
    return found if isinstance(found, Mapping) else {}
