"""The rights policy for resizes in place: each of its rules, with the scaler's own token.

That a resize has the containers that the pod has is true of each that reaches the policy: whatever
else a patch names the API server drops before.
"""

import json

import pytest

from kube.errors import Forbidden
from kube.gateway import STRATEGIC_PATCH, Gateway
from tests.e2e.conftest import kubectl, namespace
from tests.e2e.workloads import IMAGE, Json, sized
from tests.installed.release import Release
from tests.installed.test_rights_policy import NOWHERE, Subject, stopped, subject

__all__ = ["kubectl", "namespace", "stopped", "subject"]

NOT_THERE = "may not resize pods of kube-system and of its own namespace"


def resize(scaler: Gateway, path: str, container: Json, **pod: Json) -> Json:
    """The pod as it would be after a resize by the scaler; `pod`: further fields of its spec."""
    body = {"spec": {"containers": [container], **pod}}
    answer: Json = json.loads(scaler.patch(f"{path}/resize", body, STRATEGIC_PATCH, dryRun="All"))
    return answer


def test_cpu_and_memory_of_its_containers_may_be_resized(subject: Subject) -> None:
    wanted = sized("110m", "220m", "40Mi")
    made = resize(subject.scaler, subject.path, {"name": "app", "resources": wanted})
    assert made["spec"]["containers"][0]["resources"] == wanted


def test_the_resources_of_the_pod_itself_may_not(subject: Subject) -> None:
    whole = {"requests": {"cpu": "500m"}, "limits": {"cpu": "1"}}
    with pytest.raises(Forbidden, match="scaler may not change a pod's own resources"):
        resize(subject.scaler, subject.path, {"name": "app", "resources": {}}, resources=whole)


def test_an_image_in_the_same_patch_changes_nothing(subject: Subject) -> None:
    container = {"name": "app", "image": "elsewhere/else:1", "resources": sized("110m", "220m")}
    made = resize(subject.scaler, subject.path, container)
    assert [c["image"] for c in made["spec"]["containers"]] == [IMAGE]


def test_a_pod_without_a_controller_may_not_be_resized(subject: Subject) -> None:
    body = {"metadata": {"ownerReferences": None, "labels": {"app": "alone"}}}
    subject.shop.gateway.patch(subject.path, body)
    with pytest.raises(Forbidden, match="may resize only pods that their controller recreates"):
        resize(subject.scaler, subject.path, {"name": "app", "resources": sized("110m", "220m")})


def test_podtailor_s_own_pods_may_not_be_resized(subject: Subject, stopped: Release) -> None:
    pod = stopped.pods("webhook")[0]
    container = {"name": pod.spec.containers[0].name, "resources": {"requests": {"cpu": "11m"}}}
    with pytest.raises(Forbidden, match=NOT_THERE):
        resize(subject.scaler, stopped.path("pods", pod.metadata.name), container)


def test_pods_of_kube_system_may_not_be_resized(subject: Subject) -> None:
    """Whatever controls them: it is the first of the rules."""
    gateway, collection = subject.shop.gateway, "/api/v1/namespaces/kube-system/pods"
    container = {"name": "app", "image": IMAGE, "resources": sized("100m", "200m")}
    metadata = {"generateName": "no-size-"}
    made = json.loads(
        gateway.post(
            collection, {"metadata": metadata, "spec": {"containers": [container], **NOWHERE}}
        )
    )
    path = f"{collection}/{made['metadata']['name']}"
    try:
        with pytest.raises(Forbidden, match=NOT_THERE):
            resize(subject.scaler, path, {"name": "app", "resources": sized("110m", "220m")})
    finally:
        gateway.delete(path)
