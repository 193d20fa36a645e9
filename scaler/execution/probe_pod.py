"""The pod with which the webhook is probed: within what our own namespace asks of pods. Pure.

It is never created, but everything that admits pods there is asked about it.

| the namespace has                        | the probe                                         |
| ---------------------------------------- | ------------------------------------------------- |
| the restricted Pod Security standard     | meets it                                          |
| a policy about images                    | has the scaler's own image, which was admitted    |
| LimitRanges                              | asks for their largest minimum, as request and    |
|                                          | limit (a ratio of 1), else for next to nothing    |
| a used-up quota, a policy about anything | is refused: `WebhookUnverified`, with the message |
| else                                     |                                                   |
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kube import objects, quantity
from store import annotations
from store.model import Workload
from store.naming import object_name

NOBODY_S = "podtailor.io/probe:never-pulled"
_NEXT_TO_NOTHING = {"cpu": "1m", "memory": "1Mi"}
_TYPES = ("Container", "Pod")


@dataclass(frozen=True)
class House:
    """What is known of our own namespace: its LimitRanges, and the image that runs in it."""

    ranges: tuple[objects.LimitRange, ...] = ()
    image: str = NOBODY_S


def house(namespace: str, ranges: Iterable[objects.LimitRange], own: objects.Owner | None) -> House:
    """What the watches show of it; `own`: the scaler's own Deployment."""
    images = [c.image for c in own.spec.template.spec.containers if c.image] if own else []
    here = tuple(r for r in ranges if r.metadata.namespace == namespace)
    return House(here, images[0] if images else NOBODY_S)


def manifest(workload: Workload, namespace: str, known: House) -> dict[str, object]:
    """The pod that asks which revision the workload's pods are given."""
    amounts = least(known.ranges)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": "podtailor-probe-",
            "namespace": namespace,
            "labels": {annotations.PROBE_LABEL: "true"},
            "annotations": {annotations.PROBE_FOR: f"{workload.namespace}/{object_name(workload)}"},
        },
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "probe",
                    "image": known.image,
                    "resources": {"requests": amounts, "limits": amounts},
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "readOnlyRootFilesystem": True,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }
            ],
        },
    }


def least(ranges: Iterable[objects.LimitRange]) -> Mapping[str, str]:
    """The smallest amounts that all of the LimitRanges admit, by resource."""
    found: dict[str, str] = dict(_NEXT_TO_NOTHING)
    for item in (i for r in ranges for i in r.spec.limits if i.type in _TYPES):
        for resource, amount in (item.min or {}).items():
            if resource not in found or _larger(str(amount), found[resource]):
                found[resource] = str(amount)
    return found


def _larger(amount: str, than: str) -> bool:
    try:
        return quantity.cpu(amount) > quantity.cpu(than)
    except ValueError:  # the API server lets no such amount pass
        return False
