"""A cluster in memory as far as trust goes: Secrets, the configuration, versions, and faults."""

import base64
import json
from typing import Any

from kube.errors import Conflict, Forbidden, KubeError, NotFound, Unreachable
from kube.gateway import APPLY_PATCH, MERGE_PATCH, Gateway
from scaler.certificates.issuing import Pair
from scaler.certificates.options import TrustSettings
from scaler.certificates.renewal import flaw
from scaler.certificates.trust import Trust, TrustState

NOW = 1_800_000_000.0
DAY = 86400.0
SETTINGS = TrustSettings("system", "webhook", "podtailor", "podtailor-ca", "podtailor-tls")
CA, LEAF = SETTINGS.ca_secret, SETTINGS.leaf_secret
SECRETS = "/api/v1/namespaces/system/secrets/"
CONFIGURATION = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podtailor"


class Cluster(Gateway):
    """What an API server does to these objects; `writes` are the paths that were written."""

    def __init__(self) -> None:
        self.writes: list[str] = []
        self.reads = 0
        self.faults: dict[tuple[str, str], KubeError] = {}
        """What a call of that method with a path that ends so is answered with."""
        self.left: int | None = None
        """Calls until the server cannot be reached any more; None: indefinitely."""
        self._version = 0
        self._objects: dict[str, dict[str, Any]] = {}
        for name in (SETTINGS.ca_secret, SETTINGS.leaf_secret):
            self.make(SECRETS + name, {"type": "Opaque"}, name, namespace="system")
        entries = [{"name": name, "clientConfig": {"service": {}}} for name in SETTINGS.entries]
        self.make(CONFIGURATION, {"webhooks": entries}, "podtailor", uid="u1")

    def make(self, path: str, made: dict[str, Any], name: str, **meta: str) -> None:
        self._objects[path] = {**made, "metadata": {"name": name, **meta}}
        self._touch(path)

    def remove(self, path: str) -> None:
        del self._objects[path]

    def data(self, name: str) -> dict[str, bytes]:
        held: dict[str, str] = self._objects[SECRETS + name].get("data") or {}
        return {key: base64.b64decode(value) for key, value in held.items()}

    def set_data(self, name: str, **data: bytes) -> None:
        """Replace a Secret's data, as a user would; keys with an underscore for the dot."""
        encoded = {k.replace("_", "."): base64.b64encode(v).decode() for k, v in data.items()}
        self._objects[SECRETS + name]["data"] = encoded
        self._touch(SECRETS + name)

    def bundles(self) -> list[bytes]:
        entries = self._objects[CONFIGURATION]["webhooks"]
        return [base64.b64decode(e["clientConfig"].get("caBundle") or "") for e in entries]

    def set_bundle(self, at: int, bundle: bytes) -> None:
        entry = self._objects[CONFIGURATION]["webhooks"][at]
        entry["clientConfig"]["caBundle"] = base64.b64encode(bundle).decode()
        self._touch(CONFIGURATION)

    def drop_entry(self, at: int) -> None:
        del self._objects[CONFIGURATION]["webhooks"][at]
        self._touch(CONFIGURATION)

    def get(self, path: str, **query: str) -> bytes:
        self.reads += 1
        self._fail("GET", path)
        if path not in self._objects:
            raise NotFound(404, "NotFound", path)
        return json.dumps(self._objects[path]).encode()

    def patch(self, path: str, body: object, kind: str = MERGE_PATCH, **query: str) -> bytes:
        self._fail("PATCH", path)
        assert isinstance(body, dict)
        held = self._objects[path]
        asked = body["metadata"]
        for key in asked.keys() & {"uid", "resourceVersion"}:
            if asked[key] != held["metadata"][key]:
                raise Conflict(409, "Conflict", f"another {key}")
        if kind == APPLY_PATCH:
            assert query == {"fieldManager": "podtailor-trust", "force": "true"}
            self._apply(held, body)
        else:
            merged = {**(held.get("data") or {}), **_encoded(body["data"])}
            held["data"] = {key: value for key, value in merged.items() if value is not None}
        self._touch(path)
        self.writes.append(path.rpartition("/")[2])
        return json.dumps(held).encode()

    def _apply(self, held: dict[str, Any], body: dict[str, Any]) -> None:
        assert body.keys() == {"apiVersion", "kind", "metadata", "webhooks"}
        for applied in body["webhooks"]:
            assert applied.keys() == {"name", "clientConfig"}
            entry = next(e for e in held["webhooks"] if e["name"] == applied["name"])
            entry["clientConfig"].update(_encoded(applied["clientConfig"]))

    def _fail(self, method: str, path: str) -> None:
        if self.left is not None:
            if self.left == 0:
                raise Unreachable(0, "Timeout", "no answer")
            self.left -= 1
        for (m, end), error in self.faults.items():
            if m == method and path.endswith(end):
                raise error

    def _touch(self, path: str) -> None:
        self._version += 1
        self._objects[path]["metadata"]["resourceVersion"] = str(self._version)


def forbidden(what: str) -> KubeError:
    return Forbidden(403, "Forbidden", f"cannot {what}")


def _encoded(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for key, value in values.items()
    }


def cycle(cluster: Cluster, now: float = NOW) -> TrustState:
    return Trust(cluster, SETTINGS).cycle(now)


def settled(now: float = NOW) -> Cluster:
    """A cluster where everything has been issued, and the overlap is over."""
    cluster = Cluster()
    for at in (now, now + 300):
        assert cycle(cluster, at).ok
    cluster.writes.clear()
    return cluster


def pair(cluster: Cluster, name: str) -> Pair:
    data = cluster.data(name)
    return Pair(data["tls.crt"], data["tls.key"])


def trusts(cluster: Cluster, leaf: Pair, now: float) -> bool:
    """Whether both entries trust the leaf."""
    return all(flaw(leaf, bundle, SETTINGS.names, now) is None for bundle in cluster.bundles())
