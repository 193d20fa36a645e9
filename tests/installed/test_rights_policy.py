"""The rights policy: each of its rules, with the scaler's own token.

The scaler itself is stopped meanwhile, so that it does not hand back what is held here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from kube.errors import Forbidden
from kube.gateway import Gateway
from kube.objects import Pod
from store.annotations import FIRST_TO_GO
from store.model import Workload
from tests.e2e.conftest import kubectl, namespace
from tests.e2e.workloads import Json, Shop, manifest, until
from tests.installed.release import Release
from tests.installed.rights import as_account

__all__ = ["kubectl", "namespace"]

NOWHERE = {"nodeSelector": {"podtailor.io/no-such": "node"}}
"""The pods need not run: nothing here is about what is in them."""


@dataclass(frozen=True)
class Subject:
    """A pod that its ReplicationController created, and the scaler's account."""

    shop: Shop
    scaler: Gateway
    pod: Pod
    podsize: Json
    owner: Json

    @property
    def path(self) -> str:
        """The pod's path."""
        return f"/api/v1/namespaces/{self.shop.namespace}/pods/{self.pod.metadata.name}"

    def patch(self, **metadata: object) -> None:
        """Patch the pod as the scaler would, but as a dry run."""
        self.scaler.patch(self.path, {"metadata": metadata}, dryRun="All")

    def hold(self) -> None:
        """Hand the pod over to its PodSize, for good."""
        self.scaler.patch(self.path, {"metadata": {"ownerReferences": self.holding}})

    @property
    def holding(self) -> list[Json]:
        """The pod's owners while it is held."""
        return [self.podsize, {**self.owner, "controller": False}]


@pytest.fixture(scope="module")
def stopped(fresh: tuple[Release, float]) -> Iterator[Release]:
    release = fresh[0]
    name = f"deployment/{release.fullname}-scaler"
    release.kubectl("scale", name, "--replicas=0")
    until(lambda: not release.pods("scaler"), 60)
    yield release
    release.kubectl("scale", name, "--replicas=1")
    until(lambda: release.ready("scaler", 1), 60)


@pytest.fixture
def subject(stopped: Release, gateway: Gateway, namespace: str) -> Subject:
    shop = Shop(gateway, namespace)
    made = manifest("ReplicationController", replicas=1, annotations={}, pod=NOWHERE)
    workload = shop.create(made, ready=False)
    until(lambda: len(shop.pods()) == 1, 20)
    pod = shop.pods()[0]
    found = shop.owner(workload).metadata
    owner = {"apiVersion": "v1", "kind": "ReplicationController", "name": "web", "uid": found.uid}
    uid = _podsize(shop, workload)
    podsize: Json = {"apiVersion": "podtailor.io/v1alpha1", "kind": "PodSize", "uid": uid}
    podsize |= {"name": "replicationcontroller-web", "controller": True}
    account = as_account(stopped, f"{stopped.fullname}-scaler")
    return Subject(
        shop, account, pod, podsize, {**owner, "controller": True, "blockOwnerDeletion": True}
    )


def _podsize(shop: Shop, workload: Workload) -> str:
    path = shop.podsize_path(workload)
    collection, name = path.rsplit("/", 1)
    reference = {"apiVersion": "v1", "kind": workload.kind, "name": workload.name}
    body = {
        "apiVersion": "podtailor.io/v1alpha1",
        "kind": "PodSize",
        "metadata": {"name": name},
        "spec": {"workloadRef": reference},
    }
    shop.gateway.post(collection, body)
    found = shop.podsize(workload)
    assert found is not None
    return found.uid


def _spec(subject: Subject) -> None:
    container = {"name": "app", "image": "elsewhere/else:1"}
    body = {"spec": {"containers": [container]}}
    kind = "application/strategic-merge-patch+json"
    subject.scaler.patch(subject.path, body, kind, dryRun="All")


def _config_map(subject: Subject) -> None:
    body = {"metadata": {"name": "other"}}
    subject.shop.gateway.post(f"/api/v1/namespaces/{subject.shop.namespace}/configmaps", body)
    other = {"apiVersion": "v1", "kind": "ConfigMap", "name": "other", "uid": "1"}
    subject.patch(ownerReferences=[subject.owner, other])


Rows = dict[str, tuple[Callable[[Subject], object], str]]
REFUSED: Rows = {
    "an image": (_spec, "may not change a pod's spec"),
    "an annotation": (lambda f: f.patch(annotations={"a": "b"}), "may not change a pod's annot"),
    "that it goes first, not held": (
        lambda f: f.patch(annotations=FIRST_TO_GO),
        "may not change a pod's annotations",
    ),
    "a finalizer": (lambda f: f.patch(finalizers=["a/b"]), "may not change a pod's finalizers"),
    "a label more": (lambda f: f.patch(labels={"a": "b"}), "may only remove labels"),
    "a label less, not held": (lambda f: f.patch(labels={"app": None}), "may only remove labels"),
    "its owner taken away": (lambda f: f.patch(ownerReferences=None), "may not remove an owner"),
    "its owner exchanged for a PodSize": (
        lambda f: f.patch(ownerReferences=[f.podsize]),
        "may not remove an owner",
    ),
    "its owner's control alone taken away": (
        lambda f: f.patch(ownerReferences=[{**f.owner, "controller": False}]),
        "may hold only pods",
    ),
    "a ConfigMap as owner": (_config_map, "may give a pod no owner and no controller except"),
    "deleted, not held": (lambda f: f.scaler.delete(f.path), "may delete only pods that it holds"),
    "drained as it is asked to be held, and a label more": (
        lambda f: f.patch(ownerReferences=f.holding, labels={"app": None, "a": "b"}),
        "may only remove labels",
    ),
    "drained as it is asked to be held, and an annotation": (
        lambda f: f.patch(ownerReferences=f.holding, annotations={"a": "b"}),
        "may not change a pod's annotations",
    ),
    "drained as it is held, for good": (
        lambda f: f.scaler.patch(
            f.path, {"metadata": {"ownerReferences": f.holding, "labels": {"app": None}}}
        ),
        "may only remove labels",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_rights_policy_denies(subject: Subject, what: str) -> None:
    act, message = REFUSED[what]
    with pytest.raises(Forbidden, match=f"podtailor's scaler {message}"):
        act(subject)


def test_all_that_a_hand_over_leads_to_may_be_asked_before(subject: Subject) -> None:
    subject.patch(ownerReferences=subject.holding)
    subject.patch(ownerReferences=subject.holding, labels={"app": None}, annotations=FIRST_TO_GO)
    subject.scaler.delete(subject.path, {"dryRun": ["All"]})
    (pod,) = subject.shop.pods()
    assert pod.metadata.uid == subject.pod.metadata.uid
    assert pod.metadata.labels == {"app": "web"}
    assert pod.metadata.deletion_timestamp is None


HELD_REFUSED: Rows = {
    "a label more": (lambda f: f.patch(labels={"a": "b"}), "may only remove labels"),
    "a label changed": (lambda f: f.patch(labels={"app": "b"}), "may only remove labels"),
    "its owner taken away": (
        lambda f: f.patch(ownerReferences=[f.podsize]),
        "may not remove an owner",
    ),
    "given back by hand": (
        lambda f: f.patch(ownerReferences=[f.owner]),
        "may give a pod no owner and no controller except",
    ),
    "an annotation": (lambda f: f.patch(annotations={"a": "b"}), "may not change a pod's annot"),
    "one beside the one that may be": (
        lambda f: f.patch(annotations={"a": "b", **FIRST_TO_GO}),
        "may not change a pod's annotations",
    ),
}


def test_a_held_pod_may_be_drained_handed_back_and_deleted_and_nothing_else(
    subject: Subject,
) -> None:
    subject.hold()
    until(lambda: len(subject.shop.pods()) == 2, 20)
    for what, (act, message) in HELD_REFUSED.items():
        with pytest.raises(Forbidden, match=f"podtailor's scaler {message}"):
            act(subject)
            print(f"allowed: {what}")
    subject.patch(labels={"app": None}, annotations=FIRST_TO_GO)
    subject.patch(ownerReferences=[{**subject.owner, "controller": False}])
    subject.scaler.delete(subject.path, {"preconditions": {"uid": subject.pod.metadata.uid}})
    until(lambda: subject.pod.metadata.uid not in {p.metadata.uid for p in subject.shop.pods()}, 20)


def test_a_pod_that_is_handed_back_is_adopted_by_its_owner(subject: Subject) -> None:
    subject.hold()
    until(lambda: len(subject.shop.pods()) == 2, 20)
    owner = {**subject.owner, "controller": False}
    subject.scaler.patch(subject.path, {"metadata": {"ownerReferences": [owner]}})
    until(lambda: len(subject.shop.pods()) == 1, 20)
    controller = subject.shop.pods()[0].metadata.controller()
    assert controller is not None
    assert controller.kind == "ReplicationController"


def test_a_drained_pod_whose_podsize_is_deleted_goes_and_its_replacement_stays(
    subject: Subject,
) -> None:
    subject.hold()
    until(lambda: len(subject.shop.pods()) == 2, 20)
    subject.scaler.patch(subject.path, {"metadata": {"annotations": FIRST_TO_GO}})
    kept = {p.metadata.uid for p in subject.shop.pods()} - {subject.pod.metadata.uid}
    collection = f"/apis/podtailor.io/v1alpha1/namespaces/{subject.shop.namespace}/podsizes"
    subject.shop.gateway.delete(f"{collection}/{subject.podsize['name']}", {})
    until(lambda: len(subject.shop.pods()) == 1, 30)
    assert {p.metadata.uid for p in subject.shop.pods()} == kept


def test_a_pod_without_a_controller_cannot_be_held(subject: Subject) -> None:
    container = {"name": "app", "image": "localhost/podtailor-test/busybox:1"}
    body = {"metadata": {"name": "bare"}, "spec": {"containers": [container], **NOWHERE}}
    collection = f"/api/v1/namespaces/{subject.shop.namespace}/pods"
    subject.shop.gateway.post(collection, body)
    held = {"metadata": {"ownerReferences": [subject.podsize]}}
    with pytest.raises(Forbidden, match="may hold only pods that their controller recreates"):
        subject.scaler.patch(f"{collection}/bare", held, dryRun="All")


def test_pods_of_kube_system_cannot_be_held(subject: Subject, stopped: Release) -> None:
    name = stopped.pods("webhook")[0].metadata.name
    path = stopped.path("pods", name)
    references = stopped.get(path)["metadata"]["ownerReferences"]
    held = [subject.podsize, {**references[0], "controller": False}]
    with pytest.raises(Forbidden, match="may not change pods of kube-system"):
        subject.scaler.patch(path, {"metadata": {"ownerReferences": held}}, dryRun="All")
