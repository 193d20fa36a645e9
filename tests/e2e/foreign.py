"""Kinds of other projects, as CRDs that accept anything; none of their programs run."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec

from kube.errors import NotFound
from kube.gateway import APPLY_PATCH, Gateway
from tests.e2e.workloads import until

_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@contextmanager
def installed(gateway: Gateway, kind: str, group: str, version: str) -> Iterator[str]:
    """Install a namespaced kind while the block runs; the path of its objects in a namespace,
    with `{}` in the namespace's place."""
    singular = kind.lower()
    plural = singular.removesuffix("y") + "ies"
    name = f"{plural}.{group}"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    served = {"name": version, "served": True, "storage": True}
    spec = {
        "group": group,
        "scope": "Namespaced",
        "names": {"plural": plural, "singular": singular, "kind": kind},
        "versions": [{**served, "schema": {"openAPIV3Schema": schema}}],
    }
    body = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": name},
        "spec": spec,
    }
    gateway.patch(f"{_CRDS}/{name}", body, APPLY_PATCH, fieldManager="e2e", force="true")

    def established() -> bool:
        found = msgspec.json.decode(gateway.get(f"{_CRDS}/{name}"))
        conditions = found.get("status", {}).get("conditions") or ()
        gateway.get(f"/apis/{group}/{version}/{plural}")
        return {c["type"]: c["status"] for c in conditions}.get("Established") == "True"

    try:
        until(established, 20)
        yield f"/apis/{group}/{version}/namespaces/{{}}/{plural}"
    finally:
        with suppress(NotFound):
            gateway.delete(f"{_CRDS}/{name}")
