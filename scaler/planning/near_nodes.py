"""The nodes on which usage is read each interval (usage/at_rest.py says why). Pure.

| a workload                                     | of it count                                     |
| ---------------------------------------------- | ----------------------------------------------- |
| with something under way: no plan of it stands | the nodes of all of its pods                    |
| any other                                      | those of the pods with a container that is near |
| `off`, or with a mistake in an annotation      | none                                            |
"""

from collections.abc import Container, Iterable

from scaler.cluster.view import View
from scaler.sizing.evidence import MinuteOf
from scaler.usage import at_rest


def of(views: Iterable[View], calm: Container[int], minute_of: MinuteOf) -> frozenset[str]:
    """By name. `calm`: the identities of the views whose plan stands."""
    found: set[str] = set()
    for view in views:
        if not view.enrolled:
            continue
        states = view.states if id(view) in calm else ()
        if not states:
            found.update(p.spec.node_name or "" for p in view.pods)
        for state in states:
            node = state.pod.spec.node_name or ""
            if node not in found and any(
                at_rest.near(minute_of(state.pod, name), size)
                for name, size in state.actual.items()
            ):
                found.add(node)
    return frozenset(found)
