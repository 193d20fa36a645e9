"""Surge on the real cluster: the replacement serves before the old pod goes, under load.

A single pod that exits at once and is Ready 4 s after its start, clients with a new connection for
each request, and a budget that allows no eviction: a replacement is only possible by surge.
"""

import subprocess
from collections.abc import Callable, Iterator

import pytest

from kube.errors import Forbidden
from kube.objects import Pod
from store.model import Workload
from store.reasons import Reason
from tests.e2e.hungry import HUNGRY, both, healed, program
from tests.e2e.observed import only_pod
from tests.e2e.test_sizes_reach_pods import status_of
from tests.e2e.workloads import Json, Shop, manifest, sized, sizes, until
from tests.installed.conftest import BY_HAND, HAND
from tests.installed.release import QUICK, Release, run
from tests.installed.rights import as_account
from tests.installed.served import (
    READY_AFTER,
    crash_looping,
    everything,
    loaded,
    no_eviction,
    pending,
    served,
    serving,
    untouched,
)

_POLICY = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic"


def alone(shop: Shop, uid: str, *, size: object = HAND) -> bool:
    """Whether exactly one Ready pod is left, and it is a different one."""
    pods = shop.pods()
    return len(everything(shop)) == 1 and all(
        p.ready and p.metadata.uid != uid and sizes(p) == size for p in pods
    )


@pytest.mark.parametrize("kind", ["ReplicationController", "ReplicaSet", "Deployment"])
def test_no_request_fails_while_the_only_pod_is_exchanged(shop: Shop, kind: str) -> None:
    workload = serving(shop, kind)
    before = shop.pods()[0].metadata.uid
    with loaded(shop) as tally:
        shop.by_hand(workload, BY_HAND)
        until(lambda: alone(shop, before), 40, lambda: status_of(shop, workload))
    failed, answered = sum(tally.failed.values()), sum(tally.answered.values())
    gap = tally.longest_gap
    print(f"{kind}: {failed} of {answered} failed, longest gap {gap:.2f} s")
    assert failed == 0, dict(tally.errors)
    assert gap < READY_AFTER / 2, "nobody answered for as long as a pod takes to start"


def test_a_surge_that_does_not_fit_is_not_tried(shop: Shop) -> None:
    workload = serving(shop)
    before = shop.pods()[0].metadata.uid
    shop.by_hand(workload, {"name": "app", **sized("98", "99")})
    until(lambda: _reason(shop, workload) is Reason.NO_NODE_FITS, 20)
    assert [p.metadata.uid for p in everything(shop)] == [before]


def _reason(shop: Shop, workload: Workload) -> Reason | None:
    podsize = shop.podsize(workload)
    return podsize.status.reason if podsize else None


@pytest.mark.parametrize(
    ("fails", "why"), [(pending, Reason.NO_NODE_FITS), (crash_looping, Reason.ROLLED_BACK)]
)
def test_a_replacement_that_fails_is_undone_and_nobody_notices(
    hasty: None, shop: Shop, fails: Callable[[Shop], tuple[Workload, Json]], why: Reason
) -> None:
    workload, hand = fails(shop)
    before = shop.pods()[0].metadata.uid
    with loaded(shop) as tally:
        shop.by_hand(workload, hand)
        until(lambda: len(everything(shop)) == 2, 20, lambda: status_of(shop, workload))
        until(lambda: len(everything(shop)) == 1, 60, lambda: status_of(shop, workload))
        until(
            lambda: _reason(shop, workload) in (why, Reason.BACKING_OFF),
            5,
            lambda: status_of(shop, workload),
        )
    assert untouched(shop, before)
    failed, answered = sum(tally.failed.values()), sum(tally.answered.values())
    print(f"{failed} of {answered} failed, longest gap {tally.longest_gap:.2f} s")
    assert failed == 0, dict(tally.errors)


def test_a_replacement_that_is_ready_stays_whoever_pauses_within_min_ready_seconds(
    shop: Shop,
) -> None:
    """Handed back then, its owner would have removed one of two pods that are Ready."""
    made = manifest("Deployment", replicas=1, minReadySeconds=8, containers=[served(1)])
    workload = shop.create(made)
    before = shop.pods()[0].metadata.uid
    shop.by_hand(workload, BY_HAND)
    until(lambda: [p.ready for p in everything(shop)] == [True, True], 30)
    [new] = {p.metadata.uid for p in everything(shop)} - {before}
    shop.annotate(workload, paused="true")
    until(lambda: alone(shop, before), 30, lambda: status_of(shop, workload))
    assert shop.pods()[0].metadata.uid == new


def test_two_replicas_are_exchanged_one_by_one_and_two_always_serve(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment", replicas=2, containers=[served()]))
    before = {p.metadata.uid for p in shop.pods()}
    least: list[int] = []

    def exchanged() -> bool:
        pods = everything(shop)
        least.append(sum(p.ready for p in pods))
        return len(pods) == 2 and all(
            p.ready and sizes(p) == HAND and p.metadata.uid not in before for p in pods
        )

    shop.by_hand(workload, BY_HAND)
    until(exchanged, 60, lambda: status_of(shop, workload))
    assert min(least) >= 2


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_mode_delete_replaces_a_pod_past_its_disruption_budget(shop: Shop, kind: str) -> None:
    annotations = {"podtailor.io/mode": "auto", "podtailor.io/disruption": "delete"}
    more = {"podtailor.io/single-replica": "restart"}
    workload = serving(shop, kind, annotations={**annotations, **more})
    before = shop.pods()[0].metadata.uid
    shop.by_hand(workload, BY_HAND)
    until(lambda: alone(shop, before), 40, lambda: status_of(shop, workload))
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.restarts.count == 1


APART: Json = {"labelSelector": {"matchLabels": {"app": "web"}}}
APART["topologyKey"] = "kubernetes.io/hostname"
REPELS = {"requiredDuringSchedulingIgnoredDuringExecution": [APART]}
KINDS: dict[str, tuple[str, Json, str]] = {
    "repels itself": (
        "Deployment",
        {"pod": {"affinity": {"podAntiAffinity": REPELS}}},
        "near a pod that its anti-affinity selects",
    ),
    "a StatefulSet": ("StatefulSet", {}, "StatefulSet"),
    "a DaemonSet": ("DaemonSet", {}, "DaemonSet"),
    "Recreate": ("Deployment", {"strategy": {"type": "Recreate"}}, "Recreate"),
    "opts out": ("ReplicationController", {}, "disruption: evict"),
}


@pytest.mark.parametrize("case", KINDS)
def test_a_pod_that_cannot_surge_is_evicted_and_the_reason_is_reported(
    shop: Shop, case: str
) -> None:
    kind, spec, why = KINDS[case]
    annotations = {"podtailor.io/mode": "auto", "podtailor.io/single-replica": "restart"}
    if case == "opts out":
        annotations["podtailor.io/disruption"] = "evict"
    workload = shop.create(manifest(kind, replicas=1, annotations=annotations, **spec))
    shop.by_hand(workload, BY_HAND)
    until(lambda: _unavailable(shop, workload, why), 30, lambda: status_of(shop, workload))


def _unavailable(shop: Shop, workload: Workload, why: str) -> bool:
    events = shop.events(workload)
    return any(reason == "SurgeUnavailable" and why in note for _, reason, note in events)


@pytest.fixture(scope="module")
def hasty(quick: Release) -> Iterator[None]:
    """Deadlines of 10 s rather than a minute."""
    quick.upgrade(*QUICK, "scaler.deadline.shortest=10")
    yield
    quick.upgrade(*QUICK)


@pytest.fixture
def restored_policy(release: Release) -> Iterator[None]:
    """Restore the rights policy afterwards, whatever was done to it."""
    yield
    release.upgrade(*QUICK, force=True)


def _audit(release: Release) -> None:
    path = f"{_POLICY}ybindings/{release.fullname}-{release.namespace}-fence"
    release.gateway.patch(path, {"spec": {"validationActions": ["Audit"]}})


def _unbound(release: Release) -> None:
    release.gateway.delete(f"{_POLICY}ybindings/{release.fullname}-{release.namespace}-fence")


def _gone(release: Release) -> None:
    release.gateway.delete(f"{_POLICY}ies/{release.fullname}-{release.namespace}-fence")


@pytest.mark.parametrize("breach", [_audit, _unbound, _gone])
def test_without_the_rights_policy_pods_are_replaced_by_eviction(
    restored_policy: None, shop: Shop, release: Release, breach: Callable[[Release], None]
) -> None:
    workload = shop.create(manifest("ReplicationController", replicas=2))
    until(lambda: shop.podsize(workload) is not None, 20)
    breach(release)
    until(lambda: not _policy_in_force(shop, release), 10)
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: _unavailable(shop, workload, "is not in force"),
        40,
        lambda: status_of(shop, workload),
    )


def test_with_surge_switched_off_pods_are_replaced_by_eviction(
    restored_policy: None, shop: Shop, release: Release
) -> None:
    # The tests of rights have changed the roles that this upgrade writes.
    release.upgrade(*QUICK, "scaler.surge.enabled=false", force=True)
    workload = shop.create(manifest("Deployment", replicas=2))
    shop.by_hand(workload, BY_HAND)

    def exchanged() -> bool:
        pods = everything(shop)
        return len(pods) == 2 and all(p.ready and sizes(p) == HAND for p in pods)

    until(exchanged, 60, lambda: status_of(shop, workload))
    assert _unavailable(shop, workload, "scaler.surge.enabled is false")


def _policy_in_force(shop: Shop, release: Release) -> bool:
    """Whether the API server still enforces the rights policy: changes take a moment."""
    account = as_account(release, f"{release.fullname}-scaler")
    path = f"/api/v1/namespaces/{shop.namespace}/pods/{shop.pods()[0].metadata.name}"
    try:
        account.patch(path, {"metadata": {"annotations": {"a": "b"}}}, dryRun="All")
    except Forbidden:
        return True
    return False


def test_after_an_uninstall_in_the_middle_of_a_hand_over_one_command_frees_the_pods(
    shop: Shop, release: Release
) -> None:
    made = served()
    made["readinessProbe"] = {"exec": {"command": ["/bin/busybox", "test", "-e", "/tmp/go"]}}
    made["readinessProbe"]["periodSeconds"] = 1
    workload = shop.create(
        manifest("ReplicationController", replicas=1, containers=[made]), ready=False
    )
    until(lambda: (pod := only_pod(shop)) is not None and bool(pod.status.container_statuses), 20)
    first = shop.pods()[0]
    until(lambda: _went(shop, first), 20)
    shop.by_hand(workload, BY_HAND)
    until(lambda: len(shop.pods()) == 2, 30, lambda: status_of(shop, workload))
    release.uninstall()
    run("kubectl", "delete", "podsizes", "-A", "--all")
    until(lambda: len(everything(shop)) == 1, 30)
    pod = everything(shop)[0]
    assert pod.metadata.uid == first.metadata.uid
    references = pod.metadata.owner_references or []
    assert [(r.kind, r.controller) for r in references] == [("ReplicationController", True)]
    release.install(*QUICK)


def _went(shop: Shop, pod: Pod) -> bool:
    """Let this one pod become Ready; the next one will not."""
    try:
        shop.exec(pod, "touch", "/tmp/go")
    except subprocess.CalledProcessError:
        return False
    return shop.pods()[0].ready


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_a_pod_that_is_down_for_want_of_memory_is_replaced_past_its_budget(
    shop: Shop, kind: str
) -> None:
    """The only pod, `single-replica: wait`, and nothing may be evicted."""
    hungry = program(HUNGRY, **both("300m", "28Mi"))
    no_eviction(shop)
    workload = shop.create(manifest(kind, replicas=1, containers=[hungry]), ready=False)
    until(lambda: healed(shop, workload), 150, lambda: status_of(shop, workload))
    found = shop.podsize(workload)
    assert found and found.status.restarts.count == 2
    assert [c.reason for c in found.status.changes] == [Reason.OOM_KILLED] * 2
