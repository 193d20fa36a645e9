"""Reviews as large as real ones, for workloads that have a size. Pure except for `written`.

Their pods have everything that the API server adds to a pod: defaults, a projected token,
tolerations, managed fields. Each size cycles through several workloads, so that not everything is
cached.
"""

import json
import uuid
from pathlib import Path
from typing import Any

from tests.unit.webhook import reviews

SIZES = (2500, 5000)
"""Bytes of a review."""
WORKLOADS = 50

Object = dict[str, Any]

_TOKEN = {
    "name": "kube-api-access-x7k2p",
    "projected": {
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt"}]}},
        ],
        "defaultMode": 420,
    },
}
_SPEC = {
    "volumes": [_TOKEN],
    "dnsPolicy": "ClusterFirst",
    "terminationGracePeriodSeconds": 30,
    "schedulerName": "default-scheduler",
    "enableServiceLinks": True,
    "preemptionPolicy": "PreemptLowerPriority",
    "priority": 0,
    "tolerations": [
        {"key": f"node.kubernetes.io/{why}", "operator": "Exists", "effect": "NoExecute"}
        for why in ("not-ready", "unreachable")
    ],
}

_ASKED_FOR = {
    "requestKind": {"group": "", "version": "v1", "kind": "Pod"},
    "requestResource": {"group": "", "version": "v1", "resource": "pods"},
}


def podsizes(workloads: int = WORKLOADS) -> list[Object]:
    """The PodSizes: one for each workload."""
    return [reviews.podsize(reviews.DOUBLED, name=name(i)) for i in range(workloads)]


def written(folder: Path, size: int, workloads: int = WORKLOADS) -> Path:
    """Write a file with one review per workload and line, each about `size` bytes."""
    path = folder / f"reviews-{size}"
    path.write_bytes(b"".join(_review(i, size) + b"\n" for i in range(workloads)))
    return path


def _review(number: int, size: int) -> bytes:
    """Additional containers make it larger; the remainder is filled with environment variables."""
    containers = [reviews.NGINX]
    if size > 4000:
        containers += [_sidecar("proxy"), _sidecar("logs")]
    short = size - len(_of(number, containers))
    while short > 60:
        setting = f"SETTING_{short:04}"
        env = [*containers[0].get("env", ()), {"name": setting, "value": "x" * min(40, short - 50)}]
        containers = [{**containers[0], "env": env}, *containers[1:]]
        short = size - len(_of(number, containers))
    return _of(number, containers)


def _of(number: int, containers: list[Object]) -> bytes:
    pod = reviews.pod(
        *containers,
        name="",
        namespace="shop",
        labels={"app": name(number)},
        ownerReferences=[reviews.owner(name=name(number))],
    )
    pod["spec"] |= _SPEC
    uid = str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))
    review = json.loads(reviews.review(pod, uid=uid, **_ASKED_FOR))
    return json.dumps(review, separators=(",", ":")).encode()


def _sidecar(name: str) -> Object:
    size = {"requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}}
    return reviews.container(name, **size)


def name(number: int) -> str:
    """Of a workload."""
    return f"web-{number}"
