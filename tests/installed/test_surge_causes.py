"""What a surge helps, and what it is not blamed for, with the installed chart."""

from collections.abc import Iterator

import pytest

from kube.gateway import Gateway
from store.model import Workload
from store.reasons import Reason
from tests.e2e import namespaces
from tests.e2e.conftest import kubectl, namespace
from tests.e2e.hungry import program
from tests.e2e.observed import await_event
from tests.e2e.policies import in_force, rewriting
from tests.e2e.test_sizes_reach_pods import status_of
from tests.e2e.workloads import Json, Shop, container, manifest, sized, sizes, until
from tests.installed.conftest import BY_HAND
from tests.installed.release import QUICK, Release
from tests.installed.served import everything, served, untouched

__all__ = ["kubectl", "namespace"]


_ASKED = "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done"


@pytest.fixture(scope="module")
def hasty(quick: Release) -> Iterator[None]:
    """Deadlines of 10 s rather than a minute."""
    quick.upgrade(*QUICK, "scaler.deadline.shortest=10")
    yield
    quick.upgrade(*QUICK)


def reason(shop: Shop, workload: Workload) -> Reason | None:
    podsize = shop.podsize(workload)
    return podsize.status.reason if podsize else None


def without_config(shop: Shop) -> Json:
    path = f"/api/v1/namespaces/{shop.namespace}/configmaps"
    shop.gateway.post(path, {"metadata": {"name": "settings"}, "data": {"A": "b"}})
    return {**served(1), "envFrom": [{"configMapRef": {"name": "settings"}}]}


def with_init(shop: Shop) -> Json:
    """Its init container ends at once where the ConfigMap is there, and waits for it otherwise."""
    made = manifest("ReplicationController", replicas=1, containers=[served(1)])
    path = f"/api/v1/namespaces/{shop.namespace}/configmaps"
    shop.gateway.post(path, {"metadata": {"name": "settings"}, "data": {"A": "b"}})
    waits = program("until [ -e /settings/A ]; do /bin/busybox sleep 1; done", "wait")
    waits["volumeMounts"] = [{"name": "settings", "mountPath": "/settings"}]
    there = {"name": "settings", "configMap": {"name": "settings", "optional": True}}
    made["spec"]["template"]["spec"] |= {"initContainers": [waits], "volumes": [there]}
    return made


def not_blamed(shop: Shop, workload: Workload, said: str) -> None:
    """Something else is gone before the size comes: the old pod stays, and so does the size."""
    before = shop.pods()[0].metadata.uid
    shop.gateway.delete(f"/api/v1/namespaces/{shop.namespace}/configmaps/settings")
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: reason(shop, workload) is Reason.BACKING_OFF,
        60,
        lambda: status_of(shop, workload),
    )
    until(lambda: untouched(shop, before), 20)
    podsize = shop.podsize(workload)
    assert podsize and said in podsize.status.message
    assert podsize.status.size is not None and not podsize.status.retreated
    await_event(shop, workload, said)


def test_a_config_map_that_is_gone_is_not_held_against_the_size(hasty: None, shop: Shop) -> None:
    whose = manifest("ReplicationController", replicas=1, containers=[without_config(shop)])
    said = 'CreateContainerConfigError: configmap "settings" not found'
    not_blamed(shop, shop.create(whose), said)


def test_an_init_container_that_waits_is_not_held_against_the_size(hasty: None, shop: Shop) -> None:
    not_blamed(shop, shop.create(with_init(shop)), "its init container wait has not ended")


GATE = "example.com/quota"
_GATE = f'Object.spec.schedulingGates{{name: "{GATE}"}}'
GATED = f"Object{{spec: Object.spec{{schedulingGates: [{_GATE}]}}}}"


def test_scheduling_gates_are_named_and_the_old_pod_stays(hasty: None, shop: Shop) -> None:
    """Somebody else decides when a new pod may have a node, and does not."""
    workload = shop.create(manifest("ReplicationController", replicas=1))
    before = shop.pods()[0].metadata.uid
    with rewriting(shop.gateway, shop.namespace, "CREATE", GATED):
        until(lambda: in_force(shop.gateway, shop.namespace, lambda a: GATE in str(a)), 30)
        shop.by_hand(workload, BY_HAND)
        said = f"its scheduling gates have not been removed: {GATE}"
        until(
            lambda: any(said in note for _, why, note in shop.events(workload)),
            40,
            lambda: status_of(shop, workload),
        )
        until(lambda: untouched(shop, before), 20)
    podsize = shop.podsize(workload)
    assert podsize and said in podsize.status.message


def test_a_pod_that_another_controller_would_adopt_is_not_handed_over(shop: Shop) -> None:
    """Two ReplicationControllers whose selectors overlap: while nobody controls a pod, each of them
    may take it, and the one that had enough removes it."""
    whole = shop.create(manifest("ReplicationController", "web", replicas=1, annotations={}))
    made = manifest("ReplicationController", "canary", replicas=1)
    labels = {"app": "web", "track": "canary"}
    made["spec"] |= {"selector": labels}
    made["spec"]["template"]["metadata"]["labels"] = labels
    canary = shop.create(made, ready=False)
    until(lambda: len(shop.pods()) == 2 and all(p.ready for p in shop.pods()), 30)
    before = {p.metadata.uid for p in shop.pods()}
    shop.by_hand(canary, BY_HAND)
    until(
        lambda: reason(shop, canary) is Reason.SINGLE_REPLICA, 30, lambda: status_of(shop, canary)
    )
    podsize = shop.podsize(canary)
    said = f"the selector of ReplicationController {whole.name} matches it too"
    assert podsize and said in podsize.status.message
    shop.annotate(canary, single_replica="restart")
    until(
        lambda: len({p.metadata.uid for p in shop.pods() if p.ready} - before) == 1,
        40,
        lambda: status_of(shop, canary),
    )
    controllers = [c.name for p in shop.pods() if (c := p.metadata.controller())]
    assert sorted(controllers) == ["canary", "web"]
    await_event(shop, canary, said)


@pytest.fixture(scope="module", autouse=True)
def busy(gateway: Gateway) -> Iterator[Shop]:
    """A pod that is too busy to be Ready; until its test it is not enrolled.

    From the start on, so that two of its minutes pass while other tests run.
    """
    with namespaces.fresh(gateway) as name:
        shop, containers = Shop(gateway, name), [overloaded()]
        made = manifest("Deployment", replicas=1, annotations={}, containers=containers)
        shop.create(made, ready=False)
        yield shop


def overloaded() -> Json:
    """Uses all that it may, and answers its probe only with more than that."""
    made = container(**sized("50m", "100m"))
    made["command"][-1] = f"/bin/busybox touch /tmp/load; {made['command'][-1]}"
    made["readinessProbe"] = {
        "exec": {"command": ["/bin/busybox", "sh", "-c", _ASKED]},
        "timeoutSeconds": 1,
        "periodSeconds": 3,
        "failureThreshold": 2,
    }
    return made


def test_a_pod_that_is_too_busy_to_be_ready_gets_a_bigger_one_beside_it(
    release: Release, busy: Shop
) -> None:
    workload = Workload("apps/v1", "Deployment", busy.namespace, "web")
    until(lambda: len(busy.pods()) == 1, 30)
    (before,) = busy.pods()
    busy.annotate(workload, mode="auto")
    until(
        lambda: before.metadata.uid not in [p.metadata.uid for p in everything(busy)],
        400,
        lambda: status_of(busy, workload),
    )
    assert all((sizes(p).limits.cpu or 0) >= 200 for p in busy.pods())
