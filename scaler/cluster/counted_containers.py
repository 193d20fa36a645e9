"""Which containers the node agents sample. Pure.

| a container of a pod                                        | counts                         |
| ----------------------------------------------------------- | ------------------------------ |
| its workload is not enrolled, or opted out                  | no                             |
| it is switched off (`podtailor.io/mode.<container>: "off"`) | no                             |
| it does not run, or its pod is on no node                   | no                             |
| its node has as many already as one message holds           | no: the minute's rule remains  |
| otherwise                                                   | yes                            |
| that, with `podtailor.io/burst: "on"`                       | yes, and may be raised at once |
"""

from collections.abc import Iterable

from kube import pods
from link.messages import MOST_CONTAINERS, Counted
from scaler.agents.counting import Counting
from scaler.annotations.options import Mode, Settings
from scaler.cluster.view import View


def counted(views: Iterable[View]) -> Counting:
    """The table above."""
    nodes: dict[str, list[Counted]] = {}
    bursting = set()
    for view in views:
        settings = view.settings
        if not isinstance(settings, Settings) or settings.mode is Mode.OFF:
            continue
        for pod in view.pods:
            listed = nodes.setdefault(pod.spec.node_name, []) if pod.spec.node_name else []
            for name, known in pods.container_ids(pod).items():
                options = settings.container(name)
                if options.mode is Mode.OFF or len(listed) >= MOST_CONTAINERS:
                    continue
                listed.append(Counted(known, pod.metadata.uid))
                if options.burst:
                    bursting.add(known)
    return Counting(nodes, frozenset(bursting))
