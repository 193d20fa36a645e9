"""Each right to act is needed: without it, the installed scaler's log or a status names it.

Rights to read are in test_rights_to_read.py; one test here compares both lists with the chart.
"""

import base64
import json
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from kube.errors import Forbidden
from scaler.execution import rights_policy
from scaler.execution.label_policies import GROUPS
from scaler.execution.probe_pod import House
from scaler.execution.probe_pod import manifest as probe
from store.model import Workload
from store.reasons import Reason
from tests.e2e.test_sizes_reach_pods import status_of
from tests.e2e.workloads import Shop, manifest, until
from tests.installed.conftest import BY_HAND
from tests.installed.release import Release, run
from tests.installed.rights import Grant, as_account, grants, roles, taken_away
from tests.installed.test_rights_to_read import LEASES, STORE, USAGE, WATCHED, WEBHOOK
from tests.installed.test_trust import trust

ELSEWHERE = {Grant("list", "pods", "metrics.k8s.io"), Grant("get", "pods", "metrics.k8s.io")}
"""Used where there is a Metrics API: its own tests take these away."""
POLICIES = {Grant("list", plural, group) for group, plurals in GROUPS.items() for plural in plurals}
"""Used where there are such kinds (tests/e2e/test_policies_of_others.py)."""

NAMED = (
    Grant("get", "serviceaccounts"),
    Grant("get", "priorityclasses", "scheduling.k8s.io"),
    Grant("get", "runtimeclasses", "node.k8s.io"),
)
"""What a pod names and needs to be let in."""

Use = Callable[[Shop, Release], Workload]


def enrolled(shop: Shop, kind: str = "Deployment", **more: object) -> Workload:
    return shop.create(manifest(kind, **more), ready=False)  # type: ignore[arg-type]


def opt_in(shop: Shop, release: Release) -> Workload:
    return enrolled(shop)


def made_by_people(shop: Shop, release: Release) -> Workload:
    workload = enrolled(shop, annotations={})
    made = {
        "apiVersion": f"{STORE}/v1alpha1",
        "kind": "PodSize",
        "metadata": {"name": "deployment-web"},
        "spec": {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
    }
    run("kubectl", "-n", shop.namespace, "apply", "-f", "-", stdin=json.dumps(made))
    shop.annotate(workload, mode="auto")
    return workload


def by_hand(kind: str, **asked: str) -> Use:
    def use(shop: Shop, release: Release) -> Workload:
        workload = shop.create(manifest(kind))
        if asked:
            shop.annotate(workload, **asked)
        shop.by_hand(workload, BY_HAND)
        return workload

    return use


def handed_over(shop: Shop, release: Release) -> Workload:
    """Wait until the scaler tests its right to hand over again: an earlier test revoked it."""
    time.sleep(rights_policy.AGAIN)
    return by_hand("Deployment")(shop, release)


def trusting(shop: Shop, release: Release) -> Workload:
    return enrolled(shop)


def broken_bundle(shop: Shop, release: Release) -> Workload:
    trust(release, None)
    return enrolled(shop)


def broken_pair(shop: Shop, release: Release) -> Workload:
    path = release.path("secrets", f"{release.fullname}-webhook-tls", "api/v1")
    garbage = base64.b64encode(b"garbage").decode()
    release.gateway.patch(path, {"data": {"ca.crt": garbage}})
    return enrolled(shop)


ADMISSION = "admissionregistration.k8s.io"
LOGGED: dict[Grant, Use] = {
    Grant("create", "podsizes", STORE): opt_in,
    Grant("patch", "podsizes", STORE): made_by_people,
    Grant("update", "podsizes/status", STORE): by_hand("Deployment"),
    Grant("create", "pods/eviction"): by_hand("StatefulSet"),
    Grant("patch", "pods/resize"): by_hand("Deployment", strategy="resize"),
    Grant("patch", "pods"): by_hand("Deployment"),
    Grant("delete", "pods"): handed_over,
    Grant("list", "services"): by_hand("Deployment"),
    Grant("list", "endpointslices", "discovery.k8s.io"): by_hand("Deployment"),
    Grant("list", "networkpolicies", "networking.k8s.io"): by_hand("Deployment"),
    Grant("create", "events", "events.k8s.io"): by_hand("Deployment"),
    Grant("get", "pods"): by_hand("ReplicationController"),
    Grant("get", "replicationcontrollers"): by_hand("ReplicationController"),
    Grant("get", "replicasets", "apps"): by_hand("ReplicaSet"),
}
REPORTED: dict[Grant, Use] = {
    Grant("create", "pods"): by_hand("Deployment"),
    Grant("get", "secrets"): trusting,
    Grant("patch", "secrets"): broken_pair,
    Grant("get", "mutatingwebhookconfigurations", ADMISSION): trusting,
    Grant("patch", "mutatingwebhookconfigurations", ADMISSION): broken_bundle,
}


def test_no_right_is_without_a_test(release: Release) -> None:
    given = {
        part: set().union(*(grants(rules) for rules in roles(release, part).values()))
        for part in ("scaler", "webhook")
    }
    assert given["webhook"] == WEBHOOK
    others = {*WATCHED, USAGE, *LEASES, *ELSEWHERE, *POLICIES, *NAMED}
    assert given["scaler"] == {*LOGGED, *REPORTED, *others}


@pytest.mark.parametrize("grant", LOGGED, ids=str)
def test_the_log_names_the_right_that_is_missing(
    release: Release, shop: Shop, grant: Grant
) -> None:
    named = f'cannot {grant.verb} resource "{grant.resource}"'
    before = release.log().count(named)
    with taken_away(release, grant):
        LOGGED[grant](shop, release)
        until(lambda: release.log().count(named) > before, 20, lambda: release.log()[-3000:])


def test_the_log_names_the_rights_to_see_what_a_pod_needs(release: Release, shop: Shop) -> None:
    path = "/apis/node.k8s.io/v1/runtimeclasses"
    plain = f"plain-{shop.namespace}"
    release.gateway.post(path, {"metadata": {"name": plain}, "handler": "runc"})
    pod = {"priorityClassName": "system-cluster-critical", "runtimeClassName": plain}
    with ExitStack() as taken:
        taken.callback(release.gateway.delete, f"{path}/{plain}")
        for grant in NAMED:
            taken.enter_context(taken_away(release, grant))
        shop.by_hand(shop.create(manifest("Deployment", pod=pod)), BY_HAND)
        for grant in NAMED:
            named = f'cannot get resource "{grant.resource}"'
            until(lambda n=named: n in release.log(), 20, lambda: release.log()[-3000:])  # type: ignore[misc]


@pytest.mark.parametrize("grant", REPORTED, ids=str)
def test_the_status_names_the_right_that_is_missing(
    release: Release, shop: Shop, grant: Grant
) -> None:
    named = f'cannot {grant.verb} resource "{grant.resource}"'

    def says(workload: Workload) -> bool:
        podsize = shop.podsize(workload)
        return (
            podsize is not None
            and podsize.status.reason is Reason.WEBHOOK_UNVERIFIED
            and named in podsize.status.message
        )

    with taken_away(release, grant):
        workload = REPORTED[grant](shop, release)
        until(lambda: says(workload), 20, lambda: status_of(shop, workload))
    until(lambda: not says(workload), 40, lambda: status_of(shop, workload))


def test_a_scaler_that_cannot_list_pods_is_not_ready_and_says_so(release: Release) -> None:
    with taken_away(release, Grant("list", "pods")):
        release.kubectl("delete", "pod", "-l", "app.kubernetes.io/component=scaler", "--wait=true")
        until(lambda: 'cannot list resource "pods"' in release.log(), 30, release.log)
        assert "waiting for the first lists" in release.log()
        assert not release.ready("scaler", 1)
    until(lambda: release.ready("scaler", 1), 30)


def test_the_webhook_s_account_can_write_nothing(release: Release) -> None:
    account = as_account(release, f"{release.fullname}-webhook")
    raw = account.post(
        "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
        {"spec": {"namespace": release.namespace}},
    )
    asks_of_itself = {"authorization.k8s.io", "authentication.k8s.io"}
    given = [
        rule
        for rule in json.loads(raw)["status"]["resourceRules"]
        if not asks_of_itself.issuperset(rule["apiGroups"])
    ]
    assert {g for g in grants(given) if g.group == STORE} == {
        g for g in WEBHOOK if g.group == STORE
    }
    assert {g.verb for g in grants(given)} <= {"get", "list", "watch"}


def test_the_rights_policy_lets_the_scaler_create_pods_only_as_dry_runs(release: Release) -> None:
    account = as_account(release, f"{release.fullname}-scaler")
    pod = probe(Workload("apps/v1", "Deployment", "default", "web"), release.namespace, House())
    path = f"/api/v1/namespaces/{release.namespace}/pods"
    account.post(path, pod, dryRun="All")
    with pytest.raises(Forbidden, match="only as a dry run"):
        account.post(path, pod)
    with pytest.raises(Forbidden, match='cannot create resource "pods"'):
        account.post("/api/v1/namespaces/default/pods", pod, dryRun="All")
