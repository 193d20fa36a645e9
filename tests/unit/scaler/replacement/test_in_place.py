"""May a pod be resized in place now, or else be replaced: what in_place.py makes of pod_step.py."""

import pytest
from msgspec.structs import replace

from kube import objects
from scaler.cluster.pod_state import PodState
from scaler.replacement.next_pod import CHECKS, next_pod
from scaler.replacement.prospects import RestartLimits
from scaler.resizing.resize_case import Refused, Terms, Way
from store.model import Apply, Phase
from tests.unit.scaler.builders import DOUBLED, NGINX, NOW, pod, size
from tests.unit.scaler.replacement.test_next_pod import (
    NEW,
    STATUS,
    Case,
    R,
    asked_about,
    with_size,
)
from tests.unit.scaler.resized import DEFERRED, FAILING, INFEASIBLE, resized
from tests.unit.scaler.resizing.cases import BOTH, LESS
from tests.unit.scaler.troubled import looping

LATER = Terms(NOW, written=NOW - 60)
HAS = {"nginx": DOUBLED}
ONCE = (2, NGINX)


def to_resize(name: str = "web-1") -> objects.Pod:
    """It runs with what it came with."""
    return resized(name, NGINX, NGINX, generation=1, stamp_of=ONCE)


def refused(state: PodState) -> Refused:
    return Refused("web-1 may not be resized in place: exceeded quota", R.QUOTA)


CASES = [
    Case("resized in place", (to_resize(), NEW), None, "web-1", terms=LATER),
    Case(
        "a kubelet was asked a moment ago",
        (resized("web-1", HAS, stamp_of=ONCE), to_resize("b")),
        None,
        terms=LATER,
    ),
    Case(
        "it has no room now",
        (resized("web-1", HAS, said=DEFERRED, stamp_of=ONCE), to_resize("b")),
        R.RESIZE_DEFERRED,
        terms=LATER,
    ),
    Case(
        "it had none for too long: replaced, but after those that can be resized",
        (resized("web-1", HAS, said=DEFERRED, ago=90, stamp_of=ONCE), to_resize("web-3")),
        None,
        "web-3",
        terms=LATER,
    ),
    Case(
        "it had none for too long, and another was asked a moment ago",
        (
            resized("web-1", HAS, said=DEFERRED, ago=90, stamp_of=ONCE),
            resized("web-3", HAS, stamp_of=ONCE),
        ),
        R.RESIZE_DEFERRED,
        terms=LATER,
    ),
    Case(
        "it had none for too long: replaced",
        (resized("web-1", HAS, said=DEFERRED, ago=90, stamp_of=ONCE), NEW),
        None,
        "web-1",
        terms=LATER,
    ),
    Case(
        "the same, and it is the only one",
        (resized("web-1", HAS, said=DEFERRED, ago=90, stamp_of=ONCE),),
        R.RESIZE_DEFERRED,
        world={"replicas": 1},
        terms=LATER,
    ),
    Case(
        "infeasible, and no node has room",
        (resized("web-1", HAS, said=INFEASIBLE, stamp_of=ONCE), NEW),
        R.RESIZE_INFEASIBLE,
        world={"obstacle": "full"},
        terms=LATER,
    ),
    Case(
        "refused in place, and by the quota",
        (to_resize(), NEW),
        R.QUOTA,
        world={"quota": "exceeded"},
        terms=replace(LATER, refused=refused),
    ),
    Case(
        "somebody else insists",
        (
            resized(
                "web-1", {"nginx": size((9, 9))}, {"nginx": size((9, 9))}, by="me", stamp_of=ONCE
            ),
        ),
        R.REWRITTEN,
        terms=LATER,
    ),
    Case(
        "rolled back: asked for what it has",
        (resized("web-1", {"nginx": size((9, 9))}, said=FAILING, stamp_of=ONCE),),
        None,
        "web-1",
        status=with_size(apply=Apply.NEW, containers=()),
        terms=LATER,
    ),
    Case(
        "its memory cannot be lowered: it stays",
        (resized("web-1", {"nginx": LESS}, said=FAILING, ago=90, stamp_of=ONCE),),
        R.RESIZE_INFEASIBLE,
        status=replace(STATUS, size=BOTH),
        terms=LATER,
    ),
    Case("paused in place", (to_resize(),), R.PAUSED, asked={"paused": "true"}, terms=LATER),
    Case(
        "crash-looping: not resized, and as without `strategy: resize`",
        (looping(pod("web-1", stamp_of=ONCE), restarts=5),),
        R.NOT_READY,
        world={"replicas": 1},
        terms=LATER,
    ),
]


WAYS = {
    "resized in place": Way.RESIZE,
    "a kubelet was asked a moment ago": Way.WAIT,
    "it has no room now": Way.WAIT,
    "it had none for too long: replaced, but after those that can be resized": Way.RESIZE,
    "it had none for too long, and another was asked a moment ago": Way.WAIT,
    "rolled back: asked for what it has": Way.WITHDRAW,
}
"""What is done in place; in the other cases nothing is."""


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_next_pod_follows_from_what_the_cluster_shows(case: Case) -> None:
    got = next_pod(asked_about(case))
    assert (got.reason, got.pod and got.pod.metadata.name) == (case.reason, case.taken), got
    assert got.in_place is WAYS.get(case.name)
    assert got.in_flight is (got.in_place is Way.WAIT)
    applying = got.in_place is not None or got.pod is not None
    assert (got.phase is Phase.APPLYING) is applying


def test_a_pod_that_is_left_alone_says_that_another_is_on_its_way() -> None:
    [case] = [c for c in CASES if c.name == "somebody else insists"]
    going = pod("web-0", going=True)
    got = next_pod(asked_about(replace(case, pods=(*case.pods, going))))
    assert (got.reason, got.in_flight) == (R.REWRITTEN, True)


@pytest.mark.parametrize("where", ["the workload", "the scaler"])
def test_no_kubelet_is_asked_for_anything_while_it_is_paused(where: str) -> None:
    [case] = [c for c in CASES if c.name == "rolled back: asked for what it has"]
    limits = RestartLimits(paused="the scaler is paused")
    paused = (
        replace(case, asked={"paused": "true"})
        if where == "the workload"
        else replace(case, world={"limits": limits})
    )
    assert next_pod(asked_about(paused)).in_place is None


def test_what_a_kubelet_is_asked_for_is_said() -> None:
    by_name = {c.name: c for c in CASES}
    asks = next_pod(asked_about(by_name["resized in place"]))
    assert asks.message == "resizing web-1 in place"
    back = next_pod(asked_about(by_name["rolled back: asked for what it has"]))
    assert back.message == "web-1 keeps what it has"


def test_both_checks_decide_a_case() -> None:
    decided = {CHECKS.decisive(asked_about(c))[0] for c in CASES}
    assert {"withdrawn", "resized_in_place"} <= decided


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_all_checks_can_be_asked(case: Case) -> None:
    assert [*CHECKS.each(asked_about(case))]


def test_who_is_late_is_named_while_another_kubelet_is_waited_for() -> None:
    [case] = [c for c in CASES if c.name.endswith("and another was asked a moment ago")]
    got = next_pod(asked_about(case))
    assert got.message.startswith("web-1 is not resized on node")
    assert got.message.endswith("it is replaced after the others")


def test_who_is_replaced_says_why_it_was_not_resized() -> None:
    by_name = {c.name: c for c in CASES}
    replaced = next_pod(asked_about(by_name["it had none for too long: replaced"]))
    assert DEFERRED[2] in replaced.instead
    kept = next_pod(asked_about(by_name["the same, and it is the only one"]))
    assert DEFERRED[2] in kept.message and "it is not replaced: it has one pod" in kept.message
