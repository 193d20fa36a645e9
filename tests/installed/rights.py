"""The roles' rules as single grants, and what remains when one of them is revoked."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec
from kubernetes import client, config

from kube.gateway import Gateway
from tests.e2e.workloads import until
from tests.installed.release import Json, Release

RBAC = "apis/rbac.authorization.k8s.io/v1"
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@dataclass(frozen=True)
class Grant:
    """One verb on one resource."""

    verb: str
    resource: str
    group: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}" + (f".{self.group}" if self.group else "")


def grants(rules: list[Json]) -> set[Grant]:
    """Everything that these rules grant."""
    return {
        Grant(verb, resource, group)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def less(rules: list[Json], grant: Grant) -> list[Json]:
    """The rules without one grant."""
    left = []
    for rule in copy.deepcopy(rules):
        if grant.group not in rule["apiGroups"] or grant.resource not in rule["resources"]:
            left.append(rule)
            continue
        others = [r for r in rule["resources"] if r != grant.resource]
        verbs = [v for v in rule["verbs"] if v != grant.verb]
        if others:
            left.append({**rule, "resources": others})
        if verbs:
            left.append({**rule, "resources": [grant.resource], "verbs": verbs})
    return left


def roles(release: Release, component: str) -> dict[str, list[Json]]:
    """The path and rules of each role of a component's account."""
    paths = [f"/{RBAC}/clusterroles/{release.fullname}-{release.namespace}-{component}"]
    if component == "scaler":
        paths.append(release.path("roles", f"{release.fullname}-{component}", RBAC))
    return {path: release.get(path)["rules"] for path in paths}


def as_account(release: Release, account: str) -> Gateway:
    """The API server, called as that account of the release's namespace."""
    path = release.path("serviceaccounts", account, "api/v1")
    raw = release.gateway.post(f"{path}/token", {"spec": {"audiences": []}})
    own = client.Configuration()
    config.load_kube_config(client_configuration=own)
    own.cert_file = own.key_file = None
    own.api_key = {"authorization": "Bearer " + msgspec.json.decode(raw)["status"]["token"]}
    return Gateway(own)


def may(gateway: Gateway, namespace: str, grant: Grant, name: str = "") -> bool:
    """Whether the gateway's account has that right there."""
    resource, _, subresource = grant.resource.partition("/")
    asked = {
        "namespace": namespace,
        "verb": grant.verb,
        "group": grant.group,
        "resource": resource,
        "subresource": subresource,
        "name": name,
    }
    raw = gateway.post(_REVIEWS, {"spec": {"resourceAttributes": asked}})
    return bool(msgspec.json.decode(raw)["status"]["allowed"])


@contextmanager
def taken_away(release: Release, grant: Grant) -> Iterator[None]:
    """The installed scaler without one grant, whichever of its roles contains it."""
    before = roles(release, "scaler")
    account = as_account(release, f"{release.fullname}-scaler")
    every = [rule for rules in before.values() for rule in rules]
    names = [n for rule in every if grant in grants([rule]) for n in _names(rule)]
    name = names[0] if names else ""
    for path, rules in before.items():
        release.gateway.patch(path, {"rules": less(rules, grant)})
    try:
        until(lambda: not may(account, release.namespace, grant, name), 10)
        yield
    finally:
        for path, rules in before.items():
            release.gateway.patch(path, {"rules": rules})
        until(lambda: may(account, release.namespace, grant, name), 10)


def _names(rule: Json) -> list[str]:
    return rule.get("resourceNames") or [""]
