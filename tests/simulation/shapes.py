"""Manifests of the model's cluster as JSON: nodes, namespaces, workloads, budgets, limits."""

from random import Random

from tests.simulation.apps import LABEL
from tests.simulation.etcd import Json
from tests.simulation.routes import APPS

NAMESPACE = "shop"
RELEASE = "podtailor-system"
SERVES = "serves"
"""The label by which Services select; the program of a pod is known by another one."""
MISTYPED = "2 cores"
"""What users write by mistake as `cpu-max`."""


def nights(chance: Random, length: float, quiet: float) -> list[tuple[float, float]]:
    """A load that falls: when, and the demand on the main container since.

    A night is shorter or longer than the `quiet` seconds that a halving takes.
    """
    out, at = [], 0.0
    while at < length:
        out.append((at, chance.choice([300.0, 600.0, 1200.0])))
        at += chance.uniform(200.0, 700.0)
        out.append((at, chance.choice([5.0, 20.0, 60.0])))
        at += 150.0 + quiet * chance.uniform(0.4, 2.5)
    return out


def node(name: str, cpu: str, memory: str, *, labels: Json | None = None) -> Json:
    """A node that is Ready."""
    return {
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, **(labels or {})}},
        "spec": {},
        "status": {
            "allocatable": {"cpu": cpu, "memory": memory, "pods": "30"},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def namespace(name: str) -> Json:
    """A namespace."""
    return {"metadata": {"name": name}}


def container(name: str, requests: Json | None, limits: Json | None) -> Json:
    """A container with what it asks for."""
    parts = {"requests": requests, "limits": limits}
    resources = {part: dict(given) for part, given in parts.items() if given}
    return {"name": name, "image": f"registry.test/{name}:1", "resources": resources}


def workload(kind: str, name: str, replicas: int, containers: list[Json], more: Json) -> Json:
    """An owner of pods. `more`: annotations, labels, podSpec, strategy and so on, where given."""
    labels = {LABEL: name}
    template = {
        "metadata": {"labels": {**labels, SERVES: name, **more.get("labels", {})}},
        "spec": {"containers": containers, **more.get("podSpec", {})},
    }
    if "marks" in more:
        template["metadata"]["annotations"] = dict(more["marks"])
    spec: Json = {"template": template, "selector": {"matchLabels": labels}}
    if kind == "ReplicationController":
        spec["selector"] = labels
    if kind != "DaemonSet":
        spec["replicas"] = replicas
    for field in ("strategy", "updateStrategy", "revisionHistoryLimit", "minReadySeconds"):
        if field in more:
            spec[field] = more[field]
    return {
        "apiVersion": "v1" if kind == "ReplicationController" else APPS,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "annotations": dict(more.get("annotations", {})),
        },
        "spec": spec,
    }


def apart(app: str) -> Json:
    """A pod spec by which no two pods of a workload are on one node."""
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {LABEL: app}}}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    return {"affinity": {"podAntiAffinity": required}}


def service(app: str) -> Json:
    """A Service that leads to one workload's pods."""
    return {
        "metadata": {"name": app, "namespace": NAMESPACE},
        "spec": {"selector": {SERVES: app}},
    }


def budget(app: str, spec: Json) -> Json:
    """A PodDisruptionBudget for one workload's pods."""
    selector = {"matchLabels": {LABEL: app}}
    return {
        "metadata": {"name": f"{app}-budget", "namespace": NAMESPACE},
        "spec": {"selector": selector, **spec},
    }


def limit_range(item: Json) -> Json:
    """A LimitRange of one item."""
    return {
        "metadata": {"name": "limits", "namespace": NAMESPACE},
        "spec": {"limits": [item]},
    }


def quota(hard: Json) -> Json:
    """A ResourceQuota."""
    return {"metadata": {"name": "quota", "namespace": NAMESPACE}, "spec": {"hard": hard}}
