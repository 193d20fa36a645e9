"""Pods that are never replaced: nothing would recreate them, or the user excluded them."""

import json

from kube.objects import Pod
from store.model import Workload
from store.reasons import Reason
from tests.e2e.observed import only_pod
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, settled, status_of, uids
from tests.e2e.test_what_stands_in_the_way import reason
from tests.e2e.workloads import Json, Shop, container, manifest, sized, sizes, steadily, until

SAFE = "cluster-autoscaler.kubernetes.io/safe-to-evict"
OURS = {"podtailor.io/mode": "auto", "podtailor.io/single-replica": "restart"}


def pod(shop: Shop, name: str, *references: Json) -> None:
    """A pod that carries our annotation itself."""
    meta = {"name": name, "labels": {"app": name}, "annotations": OURS}
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**meta, "ownerReferences": [*references]},
        "spec": {"containers": [container()], "terminationGracePeriodSeconds": 0},
    }
    shop.gateway.post(f"/api/v1/namespaces/{shop.namespace}/pods", body)


def of_node(shop: Shop) -> Json:
    """The metadata that a kubelet sets on the mirror pod of a static pod."""
    found = shop.gateway.get("/api/v1/nodes")
    node = json.loads(found)["items"][0]["metadata"]
    reference = {"apiVersion": "v1", "kind": "Node", "name": node["name"], "uid": node["uid"]}
    return {**reference, "controller": True}


def job(name: str) -> Json:
    template = manifest("Deployment", name)["spec"]["template"]
    spec = {**template["spec"], "restartPolicy": "Never"}
    meta = {"labels": {"app": name}, "annotations": OURS}
    return {
        "metadata": {"name": name, "annotations": OURS},
        "spec": {"template": {"metadata": meta, "spec": spec}},
    }


def cron(name: str) -> Json:
    made = job(name)
    spec = {
        "schedule": "0 0 1 1 *",
        "jobTemplate": {"metadata": {"annotations": OURS}, "spec": made["spec"]},
    }
    return {"metadata": {"name": name, "annotations": OURS}, "spec": spec}


def test_pods_that_would_not_come_back_are_never_replaced(shop: Shop) -> None:
    batch = f"/apis/batch/v1/namespaces/{shop.namespace}"
    pod(shop, "bare")
    pod(shop, "mirror", of_node(shop))
    shop.gateway.post(f"{batch}/jobs", job("job"))
    shop.gateway.post(f"{batch}/cronjobs", cron("cron"))
    of_cron = {**job("of-cron")}
    controller = json.loads(shop.gateway.get(f"{batch}/cronjobs/cron"))["metadata"]
    of_cron["metadata"] |= {
        "ownerReferences": [
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "name": "cron",
                "uid": controller["uid"],
                "controller": True,
            }
        ]
    }
    shop.gateway.post(f"{batch}/jobs", of_cron)
    witness = shop.create(manifest("Deployment"))
    names = ("bare", "mirror", "job", "of-cron")
    until(lambda: all((pod := only_pod(shop, n)) is not None and pod.ready for n in names), 60)
    before = {n: uids(shop.pods(n)) for n in names}
    made = {n: sizes(shop.pods(n)[0]) for n in names}
    shop.by_hand(witness, BY_HAND)
    until(lambda: settled(shop, witness, LARGE, 2), 60, lambda: status_of(shop, witness))
    path = shop.podsize_path(witness).rpartition("/")[0]
    known = [p["metadata"]["name"] for p in json.loads(shop.gateway.get(path))["items"]]
    assert known == ["deployment-web"], "nobody else has a PodSize"
    assert {n: uids(shop.pods(n)) for n in names} == before
    events = [("Pod", "bare"), ("Job", "job"), ("CronJob", "cron")]
    until(lambda: all(len(_alone(shop, *one)) == 1 for one in events), 20)
    assert not _alone(shop, "Job", "of-cron")
    assert {n: sizes(shop.pods(n)[0]) for n in names} == made


def _alone(shop: Shop, kind: str, name: str) -> list[str]:
    events = shop.events(Workload("", kind, shop.namespace, name))
    return [note for _, why, note in events if why == "NotRecreatable"]


def test_a_replicaset_of_an_unknown_controller_is_left_alone(shop: Shop) -> None:
    path = f"/api/v1/namespaces/{shop.namespace}/configmaps"
    owner = json.loads(shop.gateway.post(path, {"metadata": {"name": "rollout"}}))
    made = manifest("ReplicaSet", annotations=OURS)
    made["metadata"]["ownerReferences"] = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": "rollout",
            "uid": owner["metadata"]["uid"],
            "controller": True,
        }
    ]
    workload = shop.create(made)
    until(lambda: "Unsupported" in [e[1] for e in shop.events(workload)], 20)
    assert shop.podsize(workload) is None


def annotated(shop: Shop, found: Pod, value: str | None) -> None:
    meta = {"annotations": {SAFE: value}}
    path = f"/api/v1/namespaces/{shop.namespace}/pods/{found.metadata.name}"
    shop.gateway.patch(path, {"metadata": meta})


def test_a_pod_that_may_not_be_evicted_is_kept_and_the_others_are_replaced(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment", replicas=3))
    kept = shop.pods()[0]
    annotated(shop, kept, "false")
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: reason(shop, workload) is Reason.DISRUPTION_BUDGET,
        60,
        lambda: status_of(shop, workload),
    )
    assert sum(sizes(p) == LARGE for p in shop.pods()) == 2
    steadily(lambda: kept.metadata.uid in uids(shop.pods()), 3)
    podsize = shop.podsize(workload)
    assert podsize and f'{kept.metadata.name}; annotated {SAFE}: "false"' in podsize.status.message
    assert podsize.status.restarts.count == 2
    annotated(shop, kept, None)
    until(lambda: settled(shop, workload, LARGE, 3), 60, lambda: status_of(shop, workload))


def test_karpenter_s_annotation_on_the_template_protects_all_pods(shop: Shop) -> None:
    made = manifest("Deployment")
    made["spec"]["template"]["metadata"]["annotations"] = {"karpenter.sh/do-not-disrupt": "true"}
    workload = shop.create(made)
    before = uids(shop.pods())
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: reason(shop, workload) is Reason.DISRUPTION_BUDGET,
        20,
        lambda: status_of(shop, workload),
    )
    steadily(lambda: uids(shop.pods()) == before, 3)


def test_a_pod_with_a_bound_volume_is_evicted_and_comes_back_to_it(shop: Shop) -> None:
    name = f"disk-{shop.namespace}"
    spec: Json = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": name,
        "capacity": {"storage": "1Mi"},
        "hostPath": {"path": f"/tmp/{name}", "type": "DirectoryOrCreate"},
    }
    shop.gateway.post("/api/v1/persistentvolumes", {"metadata": {"name": name}, "spec": spec})
    try:
        claim = {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": name,
            "resources": {"requests": {"storage": "1Mi"}},
        }
        path = f"/api/v1/namespaces/{shop.namespace}/persistentvolumeclaims"
        shop.gateway.post(path, {"metadata": {"name": "disk"}, "spec": claim})
        volumes = [{"name": "disk", "persistentVolumeClaim": {"claimName": "disk"}}]
        annotations = {**OURS}
        made = manifest("Deployment", replicas=1, annotations=annotations, pod={"volumes": volumes})
        workload = shop.create(made)
        shop.by_hand(workload, BY_HAND)
        until(lambda: settled(shop, workload, LARGE, 1), 60, lambda: status_of(shop, workload))
        shop.gateway.delete(f"{path}/disk")
        shop.by_hand(workload, {**BY_HAND, **sized("160m", "300m")})
        until(
            lambda: reason(shop, workload) is Reason.NO_NODE_FITS,
            20,
            lambda: status_of(shop, workload),
        )
        before, podsize = uids(shop.pods()), shop.podsize(workload)
        assert podsize and "disk, which is being deleted" in podsize.status.message
        steadily(lambda: uids(shop.pods()) == before, 3)
    finally:
        shop.gateway.delete(f"/api/v1/persistentvolumes/{name}")
