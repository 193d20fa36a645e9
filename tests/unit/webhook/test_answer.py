"""Which PodSize answers for which pod; the scaler's probe."""

from typing import Any

import pytest

from tests.unit.webhook.reviews import (
    DOUBLED,
    RELEASE,
    Object,
    Store,
    answered,
    owner,
    pod,
    podsize,
    review,
)
from webhook import review as review_module
from webhook.answer import answer

DEPLOYED: Any = {"kind": "Deployment", "apiVersion": "apps/v1"}
ALONE: Any = {"kind": "ReplicaSet", "apiVersion": "apps/v1", "name": "web-abc"}
HASHED = pod(
    ownerReferences=[owner("ReplicaSet", "web-abc", "apps/v1")],
    labels={"pod-template-hash": "abc"},
)


def test_a_pod_of_a_workload_without_a_podsize_is_not_touched() -> None:
    assert answered(review(pod())) == ("NotOurs", [])
    assert answered(review(pod()), podsize(DOUBLED, name="other")) == ("NotOurs", [])


@pytest.mark.parametrize(
    ("carried", "removed"),
    [
        ({"podtailor.io/size-revision": "7", "podtailor.io/basis": "{}", "team": "a"}, 2),
        ({"podtailor.io/basis": "{}"}, 1),
        ({"podtailor.io/mode": "auto", "team": "a"}, 0),
        ({"podtailor.io/basis": "{}", "kubernetes.io/config.mirror": "x"}, 0),
    ],
    ids=["copied from a pod", "half of it", "what users ask for", "a static pod's mirror"],
)
def test_a_stamp_that_nobody_here_has_put_there_is_removed(
    carried: dict[str, str], removed: int
) -> None:
    """It came with a template that was copied from a pod, or out of a backup."""
    outcome, patch = answered(review(pod(annotations=carried)))
    assert outcome == "NotOurs"
    assert [o["op"] for o in patch] == ["remove"] * removed
    assert {o["path"].split("~1")[1] for o in patch} <= {"size-revision", "basis"}


def test_a_podsize_of_another_namespace_is_not_ours() -> None:
    assert answered(review(pod(), namespace="else"), podsize(DOUBLED)) == ("NotOurs", [])


def test_a_podsize_of_another_kind_with_the_same_name_is_not_ours() -> None:
    assert answered(review(pod()), podsize(DOUBLED, **DEPLOYED)) == ("NotOurs", [])


def test_a_deployments_pod_gets_the_deployments_size() -> None:
    assert answered(review(HASHED), podsize(DOUBLED, **DEPLOYED))[0] == "Sized"


def test_an_orphaned_replica_set_gets_its_own_size() -> None:
    assert answered(review(HASHED), podsize(DOUBLED, **ALONE))[0] == "Sized"


def test_the_deployment_wins_over_its_replica_set() -> None:
    both = podsize(DOUBLED, **ALONE, revision=9), podsize(DOUBLED, **DEPLOYED)
    _, patch = answered(review(HASHED), *both)
    assert patch[-1]["value"]["podtailor.io/size-revision"] == "3"


def probe(named: str = "shop/replicationcontroller-web", **metadata: Any) -> Object:
    return pod(
        labels={"podtailor.io/probe": "true"},
        annotations={"podtailor.io/probe-for": named},
        ownerReferences=None,
        **metadata,
    )


@pytest.mark.parametrize(("revision", "expected"), [(3, "3"), (0, "0")])
def test_a_probe_gets_the_revision_and_nothing_else(revision: int, expected: str) -> None:
    asked = review(probe(), namespace=RELEASE, dryRun=True)
    at = "/metadata/annotations/podtailor.io~1size-revision"
    assert answered(asked, podsize(DOUBLED, revision=revision)) == (
        "Probed",
        [{"op": "add", "path": at, "value": expected}],
    )


@pytest.mark.parametrize("named", ["shop/none", "shop", "", "/", "a/b/c"])
def test_a_probe_for_no_podsize_gets_nothing(named: str) -> None:
    asked = review(probe(named), namespace=RELEASE, dryRun=True)
    assert answered(asked, podsize(DOUBLED)) == ("Probed", [])


@pytest.mark.parametrize(
    "asked", [{"namespace": "shop", "dryRun": True}, {"namespace": RELEASE, "dryRun": False}]
)
def test_a_probe_elsewhere_or_in_earnest_is_an_ordinary_pod(asked: Object) -> None:
    assert answered(review(probe(), **asked), podsize(DOUBLED)) == ("NotOurs", [])


HALF: Object = {
    **DOUBLED,
    "requests": {"cpu": "125m", "memory": "64Mi"},
    "limits": {"cpu": "250m", "memory": "128Mi"},
}


def by_class(*classes: Object) -> Object:
    made = podsize(DOUBLED)
    made["status"]["size"]["classes"] = list(classes)
    return made


FAST = {"class": "server", "containers": [HALF]}
PLAIN = {"class": "pi", "containers": []}


@pytest.mark.parametrize(
    ("kind", "limit"),
    [("server", "250m"), ("other", "1"), (None, "1"), ("pi", None)],
    ids=["its class has a size", "its class is not listed", "not known", "none of its own"],
)
def test_a_pod_gets_the_size_of_its_kind_of_node(kind: str | None, limit: str | None) -> None:
    """The default is twice the manifest's limit of 500m."""
    read = review_module.read(review(pod()))
    assert isinstance(read, review_module.Review)
    made = answer(read, Store(by_class(FAST, PLAIN)), RELEASE, lambda pod: kind)
    found = [o.value for o in made.operations if o.path.endswith("limits/cpu")]
    assert found == ([limit] if limit else [])
    assert made.node_class == (kind if kind in ("server", "pi") else None)


def test_nobody_is_asked_for_nodes_where_there_are_no_sizes_by_class() -> None:
    def asked(pod: object) -> str | None:
        raise AssertionError(pod)

    read = review_module.read(review(pod()))
    assert isinstance(read, review_module.Review)
    assert answer(read, Store(podsize(DOUBLED)), RELEASE, asked).outcome == "Sized"
