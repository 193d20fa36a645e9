"""Users of the measured programs, so that the audit log tells whose writes are whose."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kube.gateway import APPLY_PATCH, Gateway
from tests.cluster.certificates import Subject
from tests.cluster.controlplane import MEASURED, audit_log
from tests.cluster.layout import API_URL, Layout, layout_of
from tests.cluster.pki import Authority

_ROOT = Path(__file__).parents[3]
_BINDING = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/podtailor-measured"


def here() -> Layout:
    """The cluster of this checkout."""
    return layout_of(_ROOT, os.environ)


def allow(gateway: Gateway) -> None:
    """Measured users may do everything: rights are tested elsewhere."""
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    group = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": MEASURED}
    body = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "podtailor-measured"},
        "roleRef": role,
        "subjects": [group],
    }
    gateway.patch(_BINDING, body, APPLY_PATCH, fieldManager="bench", force="true")


def kubeconfig(name: str, group: str = MEASURED) -> Path:
    """That user's."""
    home = here()
    path = home.pki / f"bench-{name}.kubeconfig"
    return Authority(home.pki).kubeconfig(path, API_URL, Subject(name, group=group))


class Writes:
    """The writes of measured users from now on, by user, verb and resource."""

    def __init__(self) -> None:
        self._log = audit_log(here())
        self._from = self._log.stat().st_size if self._log.exists() else 0

    def made(self) -> Counter[str]:
        """`user verb resource`, a review of rights and a dry run left out: they change nothing."""
        return Counter(self._lines())

    def _lines(self) -> Iterator[str]:
        with self._log.open("rb") as log:
            log.seek(self._from)
            for line in log:
                one = json.loads(line)
                about = one.get("objectRef", {})
                resource = "/".join(filter(None, (about.get("resource"), about.get("subresource"))))
                if resource.endswith("accessreviews") or "dryRun=" in one["requestURI"]:
                    continue
                yield f"{one['user']['username']} {one['verb']} {resource}"
