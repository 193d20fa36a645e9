"""Unfinished rollouts and changed templates: every row of rollout.py's tables."""

from typing import Any

import pytest

from kube import objects
from scaler.cluster import rollout
from scaler.cluster.view import View
from tests.unit.scaler.builders import owner, pod, view

HASH, GENERATION = "controller-revision-hash", "pod-template-generation"
TEMPLATE = "deprecated.daemonset.template.generation"


def revised(name: str, revision: str) -> objects.Pod:
    return pod(name, labels={HASH: revision})


def daemon(name: str, generation: str) -> objects.Pod:
    return pod(name, labels={GENERATION: generation})


def replica_set(uid: str, revision: int, replicas: int) -> objects.Owner:
    meta = {"uid": uid, "annotations": {"deployment.kubernetes.io/revision": str(revision)}}
    return owner(replicas=replicas, metadata=meta)


def stateful(*pods: objects.Pod, **spec: Any) -> View:
    whose = owner(status={"updateRevision": "two"}, spec=spec)
    return view(*pods, kind="StatefulSet", whose=whose)


def daemons(*pods: objects.Pod, **spec: Any) -> View:
    meta = {"annotations": {TEMPLATE: "2"}}
    return view(*pods, kind="DaemonSet", whose=owner(metadata=meta, spec=spec))


def deployment(*pods: objects.Pod, sets: tuple[objects.Owner, ...]) -> View:
    return view(*pods, kind="Deployment", replica_sets=sets)


ON_DELETE = {"updateStrategy": {"type": "OnDelete"}}
PARTITION = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}}
OLD, NEW = replica_set("old", 1, 0), replica_set("new", 2, 2)

UNFINISHED = [
    ("settled", view(), None),
    (
        "its spec is newer",
        view(whose=owner(metadata={"generation": 2})),
        "the controller has not observed",
    ),
    ("one set has pods", deployment(pod("a", of="new"), sets=(OLD, NEW)), None),
    (
        "two sets have pods",
        deployment(pod("a", of="new"), pod("b", of="old"), sets=(OLD, NEW)),
        "pods of 2 ReplicaSets",
    ),
    (
        "two sets want pods",
        deployment(pod("a", of="new"), sets=(replica_set("old", 1, 1), NEW)),
        "2 ReplicaSets are scaled above 0",
    ),
    ("all of the newest", stateful(revised("web-0", "two"), revised("web-1", "two")), None),
    ("one older", stateful(revised("web-0", "one"), revised("web-1", "two")), "1 pods are of"),
    (
        "below the partition",
        stateful(revised("web-0", "one"), revised("web-1", "two"), **PARTITION),
        None,
    ),
    ("above it", stateful(revised("web-1", "one"), **PARTITION), "1 pods are of"),
    ("OnDelete is no rollout", stateful(revised("web-0", "one"), **ON_DELETE), None),
    ("all daemons", daemons(daemon("a", "2"), daemon("b", "2")), None),
    ("an older daemon", daemons(daemon("a", "1"), daemon("b", "2")), "1 pods are of"),
    ("a daemon OnDelete", daemons(daemon("a", "1"), **ON_DELETE), None),
]


@pytest.mark.parametrize(("name", "seen", "message"), UNFINISHED, ids=[u[0] for u in UNFINISHED])
def test_a_rollout_that_is_not_finished(name: str, seen: View, message: str | None) -> None:
    got = rollout.unfinished(seen)
    assert got is message is None or (
        got is not None and message is not None and got.startswith(message)
    )


MOVED = [
    ("nothing moved", view(), None),
    ("OnDelete, the newest", stateful(revised("web-0", "two"), **ON_DELETE), None),
    ("OnDelete, older", stateful(revised("web-0", "one"), **ON_DELETE), "1 pods"),
    ("a daemon, the newest", daemons(daemon("a", "2"), **ON_DELETE), None),
    ("a daemon, older", daemons(daemon("a", "1"), **ON_DELETE), "1 pods"),
    ("rolling updates come by themselves", stateful(revised("web-0", "one")), None),
]


@pytest.mark.parametrize(("name", "seen", "message"), MOVED, ids=[m[0] for m in MOVED])
def test_a_template_has_changed_since_the_pods_were_made(
    name: str, seen: View, message: str | None
) -> None:
    got = rollout.template_changed(seen, seen.pods)
    assert got is message is None or (
        got is not None and message is not None and got.startswith(message)
    )


NEWEST = [
    ("a controller's pods all", view(pod("a"), pod("b")), ["a", "b"]),
    (
        "of the set with the highest revision",
        deployment(pod("a", of="new"), pod("b", of="old"), sets=(OLD, NEW)),
        ["a"],
    ),
    (
        "rolled back: an old set with a new number",
        deployment(pod("a", of="new"), pod("b", of="old"), sets=(replica_set("old", 3, 1), NEW)),
        ["b"],
    ),
    ("none there yet", deployment(pod("b", of="old"), sets=(OLD, NEW)), ["b"]),
    (
        "of the newest revision",
        stateful(revised("web-0", "two"), revised("web-1", "one")),
        ["web-0"],
    ),
    ("of the newest generation", daemons(daemon("a", "2"), daemon("b", "1")), ["a"]),
]


@pytest.mark.parametrize(("name", "seen", "names"), NEWEST, ids=[n[0] for n in NEWEST])
def test_the_newest_pods_are_those_of_the_newest_template(
    name: str, seen: View, names: list[str]
) -> None:
    assert [s.name for s in rollout.newest(seen)] == names


@pytest.mark.parametrize(("name", "number"), [("web-12", 12), ("web", -1), ("web-x", -1)])
def test_an_ordinal_is_the_number_at_the_end(name: str, number: int) -> None:
    assert rollout.ordinal(pod(name)) == number
