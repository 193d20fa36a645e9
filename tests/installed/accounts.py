"""A test's own accounts, with all of the chart's rules except one: the release is not disturbed."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from kube.errors import NotFound
from kube.gateway import Gateway
from tests.e2e.workloads import until
from tests.installed.release import Json, Release
from tests.installed.rights import RBAC, Grant, as_account, less, may, roles

LEASE = "own-scaler"  # a Lease's name, instead of the installed one in the rules


@dataclass(frozen=True)
class Account:
    """`gateway` has all rights of the component except one."""

    gateway: Gateway
    name: str


@contextmanager
def without(release: Release, component: str, grant: Grant) -> Iterator[Account]:
    """An account with all rights of the component except this one."""
    name = f"without-{uuid.uuid4().hex[:8]}"
    made = [release.path("serviceaccounts", name, "api/v1")]
    _make(release, made[0], {})
    try:
        for number, (path, rules) in enumerate(roles(release, component).items()):
            made += _bound(release, name, path, _renamed(less(rules, grant)), number)
        gateway = as_account(release, name)
        kept = Grant("list", "podsizes", "podtailor.io")
        kept = kept if kept != grant else Grant("watch", "podsizes", "podtailor.io")
        until(lambda: may(gateway, release.namespace, kept), 10)
        assert not may(gateway, release.namespace, grant, LEASE)
        yield Account(gateway, name)
    finally:
        for path in made:
            with suppress(NotFound):
                release.gateway.delete(path)


def _bound(release: Release, name: str, path: str, rules: list[Json], number: int) -> list[str]:
    folder, kind = path.rsplit("/", 1)[0], "Role" if "/namespaces/" in path else "ClusterRole"
    ours = f"{name}-{number}"
    role, binding = f"{folder}/{ours}", f"{folder[:-1]}bindings/{ours}"
    subject = {"kind": "ServiceAccount", "name": name, "namespace": release.namespace}
    reference = {"apiGroup": RBAC.split("/")[1], "kind": kind, "name": ours}
    _make(release, role, {"rules": rules})
    _make(release, binding, {"roleRef": reference, "subjects": [subject]})
    return [role, binding]


def _make(release: Release, path: str, body: Json) -> None:
    collection, name = path.rsplit("/", 1)
    release.gateway.post(collection, {"metadata": {"name": name}, **body})


def _renamed(rules: list[Json]) -> list[Json]:
    return [
        {**r, "resourceNames": [LEASE]}
        if "leases" in r["resources"] and "resourceNames" in r
        else r
        for r in rules
    ]
