"""Who refuses what a hand-over leads to? Everything that will be done is asked as a dry run before.

| asked                                                        | done then, by     |
| ------------------------------------------------------------ | ----------------- |
| its PodSize becomes the pod's controller                     | the hand-over     |
| the same, and it loses its Services' labels and is marked:   | the drain, on the |
| it must be held to be drained, and a dry run holds nothing   | pod that is held  |
| it is deleted                                                | the deletion      |

Whoever does not answer dry runs is tried on the pod itself, as handover.py says.
"""

from collections.abc import Callable, Iterator

import msgspec

from kube import kinds, objects
from kube.errors import KubeError
from kube.gateway import Gateway
from scaler.execution import draining, label_policies, pod_calls, preflight, refusal
from scaler.model import HandOver
from store.annotations import FIRST_TO_GO

_Ask = Callable[[], object]


def refused(gateway: Gateway, action: HandOver) -> str | None:
    """What of it is refused, in the refuser's words; None: nothing is. Raises KubeError.

    Asked is the pod as it is now: whoever writes to it meanwhile is seen by what is done then.
    """
    path = kinds.POD.path(action.workload.namespace, action.pod)
    pod = msgspec.json.decode(gateway.get(path), type=objects.Pod)
    for what, ask in _asks(gateway, action, pod):
        try:
            ask()
        except KubeError as e:
            if message := refusal.words(e) or preflight.held_up(gateway, path, e):
                return f"{action.pod} may not be {what}: {message}"
            if not refusal.unasked(e):
                raise
    return None


def _asks(gateway: Gateway, action: HandOver, pod: objects.Pod) -> Iterator[tuple[str, _Ask]]:
    held = {"ownerReferences": pod_calls.handed(action, pod)}
    yield "handed over", lambda: pod_calls.patch(gateway, pod, dry=True, **held)
    if keys := _stripped(gateway, pod):
        drained = {**held, "labels": dict.fromkeys(keys), "annotations": FIRST_TO_GO}
        yield "drained", lambda: pod_calls.patch(gateway, pod, dry=True, **drained)
    yield "deleted", lambda: pod_calls.end(gateway, pod, dry=True)


def _stripped(gateway: Gateway, pod: objects.Pod) -> tuple[str, ...]:
    """The labels that a drain would take."""
    space = pod.metadata.namespace
    services = pod_calls.listed(gateway, kinds.SERVICE.path(space), draining.Service)
    policies = pod_calls.listed(gateway, kinds.NETWORK_POLICY.path(space), draining.NetworkPolicy)
    strip = draining.leave(pod, draining.Surroundings(services, (), policies, ()))
    if not isinstance(strip, draining.Strip):
        return ()
    labels = pod.metadata.labels or {}
    return () if label_policies.why_kept(gateway, space, labels, strip.keys) else strip.keys
