"""The loop while users edit: annotations, PodSizes, manifests, the kill switch."""

from store.reasons import Reason
from tests.unit.scaler.builders import ours
from tests.unit.scaler.world import PODS, PODSIZE, RC, World


def test_a_podsize_that_a_user_made_is_adopted_and_obeyed(world: World) -> None:
    spec = {
        "workloadRef": {"apiVersion": "v1", "kind": "ReplicationController", "name": "web"},
        "containers": [{"name": "nginx", "limits": {"cpu": "700m"}}],
    }
    meta = {"name": "replicationcontroller-web", "namespace": "shop", "generation": 1}
    world.api.set(PODSIZE, {"metadata": meta, "spec": spec})
    world.cycle(8)
    assert world.podsize.owned
    assert world.limits() == ["700m", "700m"]
    assert world.status.reason is Reason.MANUAL


def test_a_template_that_moved_on_is_left_alone(hot: World) -> None:
    hot.cycle()
    made = hot.api.objects[RC]
    made["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:2"
    made["metadata"]["generation"] = 2
    made["status"] = {**made.get("status", {}), "observedGeneration": 2}
    hot.api.set(RC, made)
    uids = {p["metadata"]["uid"] for p in hot.api.list(PODS)}
    hot.cycle(5)
    assert {p["metadata"]["uid"] for p in hot.api.list(PODS)} == uids
    assert hot.status.reason is Reason.TEMPLATE_CHANGED
    assert "image" in hot.status.message and hot.status.restarts.count == 0


def test_an_edited_manifest_is_in_force_and_doubled_from_there(hot: World) -> None:
    hot.cycle(8)
    hot.load.used = 500
    made = hot.api.objects[RC]
    resources = made["spec"]["template"]["spec"]["containers"][0]["resources"]
    resources |= {"requests": {"cpu": "300m"}, "limits": {"cpu": "600m"}}
    hot.api.set(RC, made)
    hot.api.remove(f"{PODS}/{hot.api.list(PODS)[0]['metadata']['name']}")
    hot.api.settle()
    hot.cycle(3, seconds=1)
    assert hot.status.changes[0].reason is Reason.MANIFEST_CHANGED
    hot.cycle(8)
    assert hot.limits() == ["600m", "600m"]
    hot.load.used = 590
    hot.cycle(20)
    assert hot.limits() == ["1200m", "1200m"]


def test_no_pod_is_replaced_of_a_workload_that_is_paused_in_the_middle(hot: World) -> None:
    hot.cycle(2)
    assert hot.limits() == ["1", "500m"]
    hot.annotate(mode="auto", paused="true")
    hot.cycle(10)
    assert hot.limits() == ["1", "500m"] and hot.status.reason is Reason.PAUSED
    hot.annotate(mode="auto")
    hot.cycle(8)
    assert hot.limits() == ["1", "1"]


def test_a_mode_that_changes_to_and_fro_restarts_no_pod(hot: World) -> None:
    """auto, observe, auto, off, auto: pods stay, revisions grow."""
    hot.cycle(8)
    hot.load.used = 500
    uids = {p["metadata"]["uid"] for p in hot.api.list(PODS)}
    revisions = []
    for mode in ("observe", "auto", "off", "auto"):
        hot.annotate(mode=mode)
        hot.cycle(4)
        revisions.append(hot.status.size.revision if hot.status.size else None)
    assert revisions == [1, 1, None, 2]
    assert {p["metadata"]["uid"] for p in hot.api.list(PODS)} == uids
    hot.load.used = 990
    hot.cycle(20)
    assert hot.limits() == ["2", "2"]


def test_a_deleted_podsize_is_made_again_and_no_pod_replaced(hot: World) -> None:
    hot.cycle(8)
    hot.load.used = 500
    hot.api.remove(PODSIZE)
    uids = {p["metadata"]["uid"] for p in hot.api.list(PODS)}
    hot.cycle(6)
    assert hot.limits() == ["1", "1"] and hot.status.size and hot.status.size.revision == 2
    assert {p["metadata"]["uid"] for p in hot.api.list(PODS)} == uids


def test_the_kill_switch_on_our_own_deployment_stops_everything(hot: World) -> None:
    hot.start(deployment="podtailor-scaler")
    meta = {
        "name": "podtailor-scaler",
        "namespace": "podtailor-system",
        "annotations": ours({"paused": "true"}),
    }
    path = "/apis/apps/v1/namespaces/podtailor-system/deployments/podtailor-scaler"
    hot.api.set(path, {"metadata": meta})
    hot.cycle(5)
    assert hot.limits() == ["500m", "500m"] and hot.status.reason is Reason.PAUSED
    hot.api.remove(path)
    hot.cycle(8)
    assert hot.limits() == ["1", "1"]


def test_a_dry_run_only_reports(hot: World) -> None:
    hot.start(dry_run=True)
    hot.cycle(5)
    assert hot.status.size is None and hot.status.reason is Reason.PAUSED
    assert [c.name for c in hot.status.wish] == ["nginx"]
