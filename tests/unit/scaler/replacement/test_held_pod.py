"""A held pod: every check of held_pod.py, and the action that each becomes."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.health.startup_deadline import Deadline
from scaler.replacement.held_case import HeldCase, Way
from scaler.replacement.held_pod import CHECKS, step
from store.annotations import FIRST_TO_GO
from store.model import Phase, Status
from store.reasons import Reason
from tests.unit.scaler.builders import NGINX, NOW, OWNER, injected, owner, pod, stored, view

SIZE = stored(3)
STATUS = Status(size=SIZE, phase=Phase.APPLYING, reason=Reason.PENDING_REPLACEMENT)
LABELS = {"app": "web"}
AGES: dict[str, Any] = {"created": timestamps.text(NOW - 900), "since": timestamps.text(NOW - 890)}
YOUNG: dict[str, Any] = {
    "created": timestamps.text(NOW - 5),
    "since": timestamps.text(NOW - 5),
    "ready": False,
}
LATE: dict[str, Any] = {
    "created": timestamps.text(NOW - 700),
    "since": timestamps.text(NOW - 700),
    "ready": False,
}


def held(of: str = OWNER, **more: Any) -> objects.Pod:
    """A pod with the manifest's values that its PodSize holds."""
    made = pod("web-1", NGINX, of=of, **{**AGES, **more})
    former = replace_controller(made)
    return former


def replace_controller(made: objects.Pod) -> objects.Pod:
    references = made.metadata.owner_references or []
    former = [msgspec.structs.replace(r, controller=False) for r in references]
    ours = objects.OwnerReference("PodSize", "replicationcontroller-web", "", controller=True)
    metadata = msgspec.structs.replace(made.metadata, owner_references=[ours, *former])
    return msgspec.structs.replace(made, metadata=metadata)


def fresh(**more: Any) -> objects.Pod:
    return injected("web-2", SIZE, **more)


def unlabelled() -> objects.Pod:
    """As somebody else has made it: a policy, or people."""
    made = held()
    metadata = msgspec.structs.replace(made.metadata, labels={})
    return msgspec.structs.replace(made, metadata=metadata)


def drained() -> objects.Pod:
    made = unlabelled()
    metadata = msgspec.structs.replace(made.metadata, annotations=dict(FIRST_TO_GO))
    return msgspec.structs.replace(made, metadata=metadata)


def pending(seconds: float) -> objects.Pod:
    made = fresh(**{**YOUNG, "created": timestamps.text(NOW - seconds)})
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/1 nodes: Insufficient cpu",
        "lastTransitionTime": timestamps.text(NOW - seconds),
    }
    raw = msgspec.to_builtins(made)
    raw["status"]["conditions"].append(condition)
    return msgspec.convert(raw, objects.Pod)


def looping() -> objects.Pod:
    raw = msgspec.to_builtins(fresh(**YOUNG, nodeName="node"))
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 20s"}
    raw["status"]["containerStatuses"] = [
        {"name": "nginx", "restartCount": 2, "state": {"waiting": waiting}}
    ]
    return msgspec.convert(raw, objects.Pod)


SHORTLY = fresh(since=timestamps.text(NOW - 5))
MIN_READY: dict[str, Any] = {"spec": {"minReadySeconds": 10}}
REFUSED = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}


class Case(msgspec.Struct, frozen=True):
    """`pods`: what the owner has; `around`: what the view is made with."""

    name: str
    held: objects.Pod
    pods: tuple[objects.Pod, ...]
    way: Way
    why: str
    replicas: int = 1
    stopped: str | None = None
    failed: bool = False
    around: Mapping[str, Any] = msgspec.field(default_factory=dict)
    deletes: bool = False


CASES = [
    Case(
        "it is going", held(going=True), (fresh(),), Way.WAIT, "still terminating, until 20:30:00"
    ),
    Case(
        "the workload is gone", held(), (), Way.HAND_BACK, "workload is gone", around={"gone": True}
    ),
    Case("the replacement is Ready", held(), (fresh(),), Way.DRAIN, "replaced by web-2"),
    Case("… with other values", held(), (pod("web-2"),), Way.DRAIN, "replaced by web-2"),
    Case("… and it is paused", held(), (fresh(),), Way.DRAIN, "replaced", stopped="paused"),
    Case("drained", drained(), (fresh(),), Way.DELETE, "replaced"),
    Case("the replacement fails after the drain", drained(), (looping(),), Way.WAIT, "adopt"),
    Case("… finds no node", drained(), (pending(65),), Way.END_IDLE, "Pending"),
    Case("… waits for one", drained(), (pending(30),), Way.WAIT, "adopt"),
    Case("other labels, and the replacement is Ready", unlabelled(), (fresh(),), Way.DRAIN, "by"),
    Case("… finds no node", unlabelled(), (pending(65),), Way.HAND_BACK, "Pending", failed=True),
    Case("… is paused", unlabelled(), (), Way.HAND_BACK, "is paused", stopped="it is paused"),
    Case("drained, and no replicas are desired", drained(), (), Way.DELETE, "replaced", replicas=0),
    Case("its owner is gone", held(of="other"), (fresh(**YOUNG),), Way.WAIT, "nobody would adopt"),
    Case("… and the others are Ready", held(of="other"), (fresh(),), Way.DRAIN, "replaced"),
    Case("… and it is paused", held(of="x"), (), Way.WAIT, "nobody would adopt", stopped="paused"),
    Case("scaled to none", held(), (), Way.HAND_BACK, "no pod is wanted", replicas=0),
    Case("scaled up", held(), (fresh(), pod("c", **YOUNG)), Way.WAIT, "until its", replicas=2),
    Case("scaled up, the other missing", held(), (fresh(),), Way.WAIT, "1 of 2", replicas=2),
    Case("scaled down", held(), (fresh(),), Way.DRAIN, "replaced", replicas=1),
    Case("paused", held(), (fresh(**YOUNG),), Way.HAND_BACK, "is paused", stopped="it is paused"),
    Case(
        "as it should be", replace_controller(injected("web-1", SIZE)), (), Way.HAND_BACK, "should"
    ),
    Case("cannot be scheduled", held(), (pending(65),), Way.HAND_BACK, "Pending", failed=True),
    Case("not yet scheduled", held(), (pending(30),), Way.WAIT, "until its"),
    Case("crash-loops", held(), (looping(),), Way.HAND_BACK, "crash-loops", failed=True),
    Case("late", held(), (fresh(**LATE),), Way.HAND_BACK, "not Ready after", failed=True),
    Case(
        "refused",
        held(),
        (),
        Way.HAND_BACK,
        "exceeded quota",
        failed=True,
        around={"status": {"conditions": [REFUSED]}},
    ),
    Case(
        "asked to delete, and no ReplicaSet is there",
        held(),
        (),
        Way.WAIT,
        "nobody would adopt",
        around={"kind": "Deployment"},
        deletes=True,
    ),
    Case("asked to delete", held(), (), Way.DELETE_AT_ONCE, "deleted", deletes=True),
    Case("… but paused", held(), (), Way.HAND_BACK, "is", stopped="it is paused", deletes=True),
    Case(
        *("of a StatefulSet, down no longer", held(), (), Way.HAND_BACK, "no other web-1 can be"),
        around={"kind": "StatefulSet"},
    ),
    Case("missing", held(), (), Way.WAIT, "0 of 1 others"),
    Case("starting", held(), (fresh(**YOUNG),), Way.WAIT, "until its"),
    Case(
        *(
            "Ready, but not for long enough",
            held(),
            (SHORTLY,),
            Way.WAIT,
            "Ready for 10 s (minReady",
        ),
        around=MIN_READY,
    ),
    Case(
        *("… and it is paused", held(), (SHORTLY,), Way.WAIT, "Ready for 10 s (minReady"),
        stopped="it is paused",
        around=MIN_READY,
    ),
    Case(
        "… and the size was rolled back",
        replace_controller(injected("web-1", SIZE)),
        (SHORTLY,),
        Way.WAIT,
        "Ready for 10 s (minReady",
        around=MIN_READY,
    ),
    Case(
        *(
            "… and one more than desired is late",
            held(),
            (SHORTLY, fresh(**LATE)),
            Way.WAIT,
            "until",
        ),
        around=MIN_READY,
    ),
]


def seen(case: Case, **more: Any) -> Any:
    given = dict(case.around)
    gone = given.pop("gone", False)
    more |= {"kind": given.pop("kind")} if "kind" in given else {}
    whose = owner(replicas=case.replicas, **given)
    whose = msgspec.structs.replace(
        whose,
        spec=msgspec.structs.replace(
            whose.spec,
            template=msgspec.structs.replace(
                whose.spec.template, metadata=objects.Meta(labels=LABELS)
            ),
        ),
    )
    made = view(pod("x"), whose=whose, status=STATUS, held=(case.held,), **more)
    return replace(made, pods=case.pods, owner=None if gone else whose)


def asked_about(case: Case) -> HeldCase:
    return HeldCase(seen(case), case.held, case.stopped, Deadline(), NOW, case.deletes)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_each_row_of_the_table_has_its_one_action(case: Case) -> None:
    got = step(asked_about(case))
    assert (got.way, got.failed) == (case.way, case.failed)
    assert case.why in got.why


def test_every_way_is_in_the_table() -> None:
    assert {c.way for c in CASES} == {*Way}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_check_does_what_it_says(case: Case) -> None:
    name, got = CHECKS.decisive(asked_about(case))
    assert got.way.value in CHECKS.purposes()[name]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_all_checks_can_be_asked_and_the_first_answer_is_the_one(case: Case) -> None:
    answers = [a for _, a in CHECKS.each(asked_about(case)) if a is not None]
    assert answers[0] == step(asked_about(case))


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_held_pod_is_never_handed_back_while_all_pods_are_ready(case: Case) -> None:
    ready = [p for p in case.pods if p.ready]
    if case.way is Way.HAND_BACK and case.replicas and "gone" not in case.around:
        assert len(ready) < case.replicas


def deployment(*sets: tuple[str, int], former: str) -> Any:
    """A Deployment with ReplicaSets (UID and replicas, oldest first), a pod of one being held."""
    found = []
    for number, (uid, replicas) in enumerate(sets):
        meta = {
            "uid": uid,
            "annotations": {"deployment.kubernetes.io/revision": str(number)},
        }
        found.append(owner(replicas=replicas, metadata=meta))
    made = view(pod("x"), kind="Deployment", status=STATUS, replica_sets=tuple(found))
    return replace(made, pods=(), held=(held(of=former),))


ROLLOUTS: dict[str, tuple[Any, Way, str]] = {
    "none": (deployment(("a", 1), former="a"), Way.WAIT, "0 of"),
    "the old set is empty": (
        deployment(("a", 0), ("b", 1), former="a"),
        Way.HAND_BACK,
        "another template",
    ),
    "both want pods": (
        deployment(("a", 1), ("b", 1), former="b"),
        Way.HAND_BACK,
        "2 ReplicaSets are scaled above 0",
    ),
    "the old set is gone": (deployment(("b", 1), former="a"), Way.WAIT, "nobody would adopt"),
}


def rolling(made: Any) -> HeldCase:
    return HeldCase(made, made.held[0], None, Deadline(), NOW)


@pytest.mark.parametrize("name", ROLLOUTS)
def test_a_held_pod_is_handed_back_at_once_where_a_rollout_has_begun(name: str) -> None:
    made, way, why = ROLLOUTS[name]
    got = step(rolling(made))
    assert got.way is way
    assert why in got.why


def test_every_check_decides_a_case() -> None:
    cases = [*map(asked_about, CASES), *(rolling(made) for made, _, _ in ROLLOUTS.values())]
    assert {CHECKS.decisive(c)[0] for c in cases} == CHECKS.purposes().keys()
