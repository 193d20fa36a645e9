"""PodSize objects as JSON, and the ways in which users and the scaler write them."""

import copy
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from kube.gateway import Gateway
from kube.kinds import DEPLOYMENT, OWNERS
from store.codec import PodSizeJson, podsize_from_json
from store.model import PODSIZE, PodSize, Workload
from store.naming import object_name

Json = dict[str, Any]


def podsize(kind: str = "Deployment", name: str = "web", **spec: object) -> Json:
    """A PodSize with the name that its workload requires."""
    ref = {"apiVersion": OWNERS.get(kind, DEPLOYMENT).api_version, "kind": kind, "name": name}
    return {
        "apiVersion": PODSIZE.api_version,
        "kind": PODSIZE.name,
        "metadata": {"name": object_name(Workload("", kind, "", name))},
        "spec": {"workloadRef": ref, **spec},
    }


def of(*containers: object) -> Json:
    return {"containers": list(containers)}


def c(name: str = "nginx", **parts: object) -> Json:
    return {"name": name, **parts}


def cpu(amount: object) -> Json:
    return {"cpu": amount}


def path(namespace: str, *rest: str) -> str:
    return PODSIZE.path(namespace, *rest)


def create(gateway: Gateway, namespace: str, made: object) -> Json:
    answer: Json = json.loads(gateway.post(path(namespace), made))
    return answer


def changed(made: Json, where: str, value: object) -> Json:
    """A copy in which the field at the dotted path is changed, or removed (`...`)."""
    out = copy.deepcopy(made)
    *way, last = where.split(".")
    at: Json = out
    for step in way:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return out


def decoded(raw: bytes) -> PodSize:
    return podsize_from_json(msgspec.json.decode(raw, type=PodSizeJson))


def write(gateway: Gateway, namespace: str, made: Json, status: Mapping[str, object]) -> bytes:
    """Write the complete status, as the scaler does."""
    where = path(namespace, made["metadata"]["name"])
    version = json.loads(gateway.get(where))["metadata"]["resourceVersion"]
    meta = {**made["metadata"], "resourceVersion": version}
    return gateway.put(where + "/status", {**made, "metadata": meta, "status": status})
