"""Installs the PodSize CRD in a cluster exactly as the chart's own release would."""

from pathlib import Path

import msgspec
import yaml

from kube.gateway import APPLY_PATCH, Gateway
from tests.e2e.workloads import until

CRD = Path(__file__).parents[2] / "charts/podtailor/files/podsizes.podtailor.io.yaml"
_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_HELM_S = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {
        "meta.helm.sh/release-name": "podtailor",
        "meta.helm.sh/release-namespace": "podtailor-system",
    },
}


def define(gateway: Gateway) -> None:
    """Apply it and wait until it is served. Helm's labels let a release adopt it later."""
    definition = yaml.safe_load(CRD.read_text())
    name = definition["metadata"]["name"]
    definition["metadata"] |= _HELM_S
    gateway.patch(f"{_CRDS}/{name}", definition, APPLY_PATCH, fieldManager="helm", force="true")
    until(lambda: _established(gateway, name), 20)


def _established(gateway: Gateway, name: str) -> bool:
    found = msgspec.json.decode(gateway.get(f"{_CRDS}/{name}"))
    conditions = {c["type"]: c["status"] for c in found["status"].get("conditions") or ()}
    return conditions.get("Established") == "True"
