"""Admission policies of somebody else, in force for one namespace while a test wants them."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from kube.errors import KubeError, NotFound
from kube.gateway import Gateway
from tests.e2e.workloads import Json, container

_GROUP = "/apis/admissionregistration.k8s.io/v1"
_SPACE = "kubernetes.io/metadata.name"


@contextmanager
def refusing(  # noqa: PLR0913 (what a policy says)
    gateway: Gateway,
    namespace: str,
    operation: str,
    expression: str,
    message: str,
    resource: str = "pods",
) -> Iterator[None]:
    """A ValidatingAdmissionPolicy on pods: `expression` must hold for `operation`.

    It takes some seconds to be in force: see `in_force`.
    """
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": [operation]}
    spec = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [{**rule, "resources": [resource]}]},
        "validations": [{"expression": expression, "message": message}],
    }
    with _bound(gateway, "ValidatingAdmissionPolicy", namespace, spec):
        yield


@contextmanager
def rewriting(gateway: Gateway, namespace: str, operation: str, expression: str) -> Iterator[None]:
    """A MutatingAdmissionPolicy on pods that applies what `expression` (CEL) makes."""
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": [operation]}
    spec = {
        "failurePolicy": "Fail",
        "reinvocationPolicy": "Never",
        "matchConstraints": {"resourceRules": [{**rule, "resources": ["pods"]}]},
        "mutations": [
            {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": expression}}
        ],
    }
    with _bound(gateway, "MutatingAdmissionPolicy", namespace, spec):
        yield


@contextmanager
def _bound(gateway: Gateway, kind: str, namespace: str, spec: Json) -> Iterator[None]:
    plural = kind.lower().removesuffix("y")
    name = f"e2e-{namespace}-{time.time_ns() % 10**9}"
    version = "admissionregistration.k8s.io/v1"
    policy = {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}
    binding: Json = {"policyName": name}
    binding["matchResources"] = {"namespaceSelector": {"matchLabels": {_SPACE: namespace}}}
    if kind.startswith("Validating"):
        binding["validationActions"] = ["Deny"]
    bound = {"apiVersion": version, "kind": f"{kind}Binding", "metadata": {"name": name}}
    gateway.post(f"{_GROUP}/{plural}ies", policy)
    gateway.post(f"{_GROUP}/{plural}ybindings", {**bound, "spec": binding})
    try:
        yield
    finally:
        for path in (f"{plural}ybindings", f"{plural}ies"):
            with suppress(NotFound):
                gateway.delete(f"{_GROUP}/{path}/{name}")


def in_force(gateway: Gateway, namespace: str, seen: Callable[[Json | str], bool]) -> bool:
    """Whether the answer to a pod that is created as a dry run (or the refusal) shows it."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "asked", "labels": {"app": "asked", "tier": "silver"}},
        "spec": {"containers": [container(limits={"cpu": "900m", "memory": "900Mi"})]},
    }
    try:
        raw = gateway.post(f"/api/v1/namespaces/{namespace}/pods", pod, dryRun="All")
    except KubeError as e:
        return seen(e.message)
    return seen(json.loads(raw))
