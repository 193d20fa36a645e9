"""Only the CRD of the VerticalPodAutoscaler, without its programs."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec

from kube.errors import NotFound
from kube.gateway import APPLY_PATCH, Gateway
from tests.e2e.workloads import until

_CRD = (
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    "/verticalpodautoscalers.autoscaling.k8s.io"
)
_DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {
        "name": "verticalpodautoscalers.autoscaling.k8s.io",
        "annotations": {
            "api-approved.kubernetes.io": "https://github.com/kubernetes/kubernetes/pull/63797"
        },
    },
    "spec": {
        "group": "autoscaling.k8s.io",
        "scope": "Namespaced",
        "names": {
            "plural": "verticalpodautoscalers",
            "singular": "verticalpodautoscaler",
            "kind": "VerticalPodAutoscaler",
        },
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": True,
                    }
                },
            }
        ],
    },
}


@contextmanager
def installed(gateway: Gateway) -> Iterator[None]:
    """Install the CRD while the block runs."""
    gateway.patch(_CRD, _DEFINITION, APPLY_PATCH, fieldManager="e2e", force="true")
    try:
        until(lambda: _served(gateway), 20)
        yield
    finally:
        with suppress(NotFound):
            gateway.delete(_CRD)


def _served(gateway: Gateway) -> bool:
    found = msgspec.json.decode(gateway.get(_CRD))
    conditions = {c["type"]: c["status"] for c in found.get("status", {}).get("conditions") or ()}
    gateway.get("/apis/autoscaling.k8s.io/v1/verticalpodautoscalers")
    return conditions.get("Established") == "True"
