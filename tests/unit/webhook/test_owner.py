"""From a pod to the workload whose size it gets."""

import msgspec
import pytest

from store.model import Workload
from tests.unit.webhook.reviews import Object, owner, pod
from webhook.owner import workloads_of
from webhook.review import Pod

DEPLOYMENT = Workload("apps/v1", "Deployment", "shop", "web")


def workloads(made: Object) -> tuple[Workload, ...]:
    return workloads_of(msgspec.convert(made, Pod), "shop")


@pytest.mark.parametrize(
    ("group", "kind"),
    [
        ("v1", "ReplicationController"),
        ("apps/v1", "ReplicaSet"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1", "DaemonSet"),
    ],
)
def test_a_known_controller_is_the_workload(group: str, kind: str) -> None:
    made = pod(ownerReferences=[owner(kind, "web", group)])
    assert workloads(made) == (Workload(group, kind, "shop", "web"),)


@pytest.mark.parametrize(
    ("group", "kind"),
    [
        ("batch/v1", "Job"),
        ("apps.kruise.io/v1alpha1", "StatefulSet"),
        ("apps/v1beta2", "ReplicaSet"),
        ("v1", "ReplicaSet"),
        ("apps/v1", "ReplicationController"),
        ("apps/v1", "Deployment"),
        ("v1", "Node"),
        ("podtailor.io/v1alpha1", "PodSize"),
    ],
)
def test_a_pod_of_any_other_controller_is_unmanaged(group: str, kind: str) -> None:
    assert workloads(pod(ownerReferences=[owner(kind, "web", group)])) == ()


@pytest.mark.parametrize(
    "references",
    [None, [], [{**owner(), "controller": False}], [{**owner(), "controller": None}]],
    ids=["null", "none", "not controlling", "controller null"],
)
def test_a_pod_without_a_controller_is_not_ours(references: object) -> None:
    assert workloads(pod(ownerReferences=references)) == ()


def test_only_the_controlling_one_of_several_owners_counts() -> None:
    other = {**owner("StatefulSet", "db", "apps/v1"), "controller": False}
    assert workloads(pod(ownerReferences=[other, owner()])) == (
        Workload("v1", "ReplicationController", "shop", "web"),
    )


def test_a_replica_set_with_the_pods_hash_belongs_to_the_deployment() -> None:
    made = pod(
        ownerReferences=[owner("ReplicaSet", "web-5d59d67564", "apps/v1")],
        labels={"pod-template-hash": "5d59d67564"},
    )
    itself = Workload("apps/v1", "ReplicaSet", "shop", "web-5d59d67564")
    assert workloads(made) == (DEPLOYMENT, itself)


@pytest.mark.parametrize(
    "labels",
    [None, {}, {"pod-template-hash": ""}, {"pod-template-hash": "other"},
     {"rollouts-pod-template-hash": "abc"}],
    ids=str,
)  # fmt: skip
def test_a_replica_set_without_the_pods_hash_stands_alone(labels: object) -> None:
    made = pod(ownerReferences=[owner("ReplicaSet", "web-abc", "apps/v1")], labels=labels)
    assert workloads(made) == (Workload("apps/v1", "ReplicaSet", "shop", "web-abc"),)


def test_a_replica_set_named_by_nothing_but_the_hash_stands_alone() -> None:
    made = pod(
        ownerReferences=[owner("ReplicaSet", "-abc", "apps/v1")],
        labels={"pod-template-hash": "abc"},
    )
    assert workloads(made) == (Workload("apps/v1", "ReplicaSet", "shop", "-abc"),)
