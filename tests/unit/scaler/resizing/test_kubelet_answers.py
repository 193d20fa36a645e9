"""How long a kubelet's answer is waited out, and what follows then: kubelet_answers.py."""

from typing import Any

import pytest

from scaler.resizing import kubelet_answers
from scaler.resizing.resize_case import Way
from store.reasons import Reason
from tests.unit.scaler.resized import ACTING, DEFERRED, FAILING, INFEASIBLE
from tests.unit.scaler.resizing.cases import BOTH, LESS, Case, asked_for, case_of, running

CHECKS = {
    kubelet_answers.infeasible: INFEASIBLE,
    kubelet_answers.failing: FAILING,
    kubelet_answers.deferred: DEFERRED,
    kubelet_answers.in_progress: ACTING,
    kubelet_answers.unanswered: None,
}
WAITING = [check for check in CHECKS if check is not kubelet_answers.infeasible]


def answered(said: Any, ago: float = 5.0, **more: Any) -> Any:
    return case_of(Case("", asked_for(said, ago, **more), "", Way.WAIT, size=BOTH))


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
def test_each_knows_its_own_answer_and_no_other(check: Any) -> None:
    for other, said in CHECKS.items():
        step = check(answered(said, sizes={"nginx": LESS}))
        assert (step is not None) == (other is check)
    assert check(case_of(Case("not asked", running(), "", Way.WAIT))) is None


@pytest.mark.parametrize("check", WAITING, ids=lambda c: c.__name__)
@pytest.mark.parametrize("ago", [0.0, 59.0])
def test_it_is_waited_for_until_the_deadline(check: Any, ago: float) -> None:
    assert check(answered(CHECKS[check], ago, sizes={"nginx": LESS})).way is Way.WAIT


@pytest.mark.parametrize(
    ("check", "way"),
    [
        (kubelet_answers.failing, Way.ROLL_BACK),
        (kubelet_answers.in_progress, Way.ROLL_BACK),
        (kubelet_answers.deferred, Way.REPLACE),
        (kubelet_answers.unanswered, Way.REPLACE),
    ],
    ids=lambda found: getattr(found, "__name__", str(found)),
)
def test_after_it_a_pod_whose_memory_cannot_be_lowered_stays(check: Any, way: Way) -> None:
    """Where the kubelet tried: a replacement with less might not live either."""
    assert check(answered(CHECKS[check], 61.0, sizes={"nginx": LESS})).way is way


def test_what_can_never_be_is_not_waited_for() -> None:
    step = kubelet_answers.infeasible(answered(INFEASIBLE, 0.0, sizes={"nginx": LESS}))
    assert step is not None
    assert (step.way, step.reason) == (Way.REPLACE, Reason.RESIZE_INFEASIBLE)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (kubelet_answers.deferred, DEFERRED[2]),
        (kubelet_answers.infeasible, INFEASIBLE[2]),
        (kubelet_answers.in_progress, "in progress"),
        (kubelet_answers.unanswered, "no answer"),
    ],
    ids=lambda found: getattr(found, "__name__", str(found)),
)
def test_the_kubelets_own_words_are_kept(check: Any, words: str) -> None:
    step = check(answered(CHECKS[check], sizes={"nginx": LESS}))
    assert step.why == f"web-1 is not resized on node node: {words}"


def test_a_node_that_is_not_ready_is_named_and_its_pod_left_alone() -> None:
    """It is asked about this pod's node, and about no other's."""
    away = {"silent": lambda pod: pod.metadata.name == "web-1"}
    step = kubelet_answers.unanswered(
        case_of(Case("", asked_for(None, 61.0), "", Way.WAIT, terms=away))
    )
    assert step is not None
    assert (step.way, step.reason) == (Way.BLOCKED, Reason.NOT_READY)
    assert step.why == "web-1: node node is not Ready"
