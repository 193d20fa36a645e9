"""What is done about a pod with `strategy: resize`: every check of pod_step.py, and its end."""

import pytest
from msgspec.structs import replace

from scaler.resizing import pod_step
from scaler.resizing.pod_step import CHECKS
from scaler.resizing.resize_case import Refused, Step, Way
from store.model import Apply, StoredSize
from store.reasons import Reason
from tests.unit.scaler.builders import MI, NGINX, injected, pod, size, stored
from tests.unit.scaler.resized import ACTING, DEFERRED, FAILING, INFEASIBLE, resized
from tests.unit.scaler.resizing.cases import (
    BIGGER,
    BOTH,
    EQUAL,
    LESS,
    SIZE,
    STAMP,
    Case,
    asked_for,
    case_of,
    looping,
    policed,
    running,
)

BARE = {"nginx": size((250, 500), (None, None))}
R, W = Reason, Way

CASES = [
    Case("it differs", running(), "resize", W.RESIZE),
    Case("it has it", injected("web-1", SIZE), "has_it", W.LEAVE),
    Case("done", resized("web-1", BIGGER, BIGGER, stamp_of=STAMP), "has_it", W.LEAVE),
    Case("crash-looping", looping(), "loops", W.REPLACE),
    Case("asked a moment ago", asked_for(), "unanswered", W.WAIT),
    Case("no answer in time", asked_for(ago=61), "unanswered", W.REPLACE, R.RESIZE_DEFERRED),
    Case(
        "its node is away",
        asked_for(ago=61),
        "unanswered",
        W.BLOCKED,
        R.NOT_READY,
        terms={"silent": lambda pod: True},
    ),
    Case("acting", asked_for(ACTING), "in_progress", W.WAIT),
    Case("acting too long", asked_for(ACTING, 61), "in_progress", W.REPLACE, R.RESIZE_DEFERRED),
    Case("not now", asked_for(DEFERRED), "deferred", W.WAIT, R.RESIZE_DEFERRED),
    Case("not now, long", asked_for(DEFERRED, 61), "deferred", W.REPLACE, R.RESIZE_DEFERRED),
    Case("never", asked_for(INFEASIBLE), "infeasible", W.REPLACE, R.RESIZE_INFEASIBLE),
    Case("it fails", asked_for(FAILING), "failing", W.WAIT, R.RESIZE_INFEASIBLE),
    Case("it keeps failing", asked_for(FAILING, 61), "failing", W.REPLACE, R.RESIZE_INFEASIBLE),
    Case(
        "it keeps failing to lower memory",
        asked_for(FAILING, 61, {"nginx": LESS}),
        "failing",
        W.ROLL_BACK,
        R.RESIZE_INFEASIBLE,
        BOTH,
    ),
    Case(
        "it does not get to lowering memory",
        asked_for(ACTING, 61, {"nginx": LESS}),
        "in_progress",
        W.ROLL_BACK,
        R.RESIZE_DEFERRED,
        BOTH,
    ),
    Case(
        "another size since: asked again",
        asked_for(DEFERRED, 61, {"nginx": size((300, 600))}),
        "resize",
        W.RESIZE,
    ),
    Case(
        "rolled back since",
        asked_for(FAILING, 61, {"nginx": LESS}),
        "not_asked_for",
        W.WITHDRAW,
        size=StoredSize(4, Apply.NEW, (), SIZE.template),
    ),
    Case(
        "taken back since: the store has nothing of its own for it any more",
        asked_for(FAILING, 61, {"nginx": LESS}),
        "not_asked_for",
        W.WITHDRAW,
        size=StoredSize(4, Apply.ALL, (), SIZE.template),
    ),
    Case(
        "back to what it has since",
        asked_for(DEFERRED, 5),
        "not_asked_for",
        W.WITHDRAW,
        size=stored(4, NGINX),
    ),
    Case(
        "taken back since, and it would have a limit less, which no resize does",
        resized(
            "web-1",
            {"nginx": LESS},
            {"nginx": replace(LESS, limits=replace(LESS.limits, memory=None))},
            FAILING,
            stamp_of=STAMP,
        ),
        "not_asked_for",
        W.BLOCKED,
        R.RESIZE_INFEASIBLE,
        size=StoredSize(4, Apply.NEW, (), SIZE.template),
    ),
    Case(
        "somebody else asked for what is not there yet",
        asked_for(DEFERRED, 5, by="me"),
        "has_it",
        W.LEAVE,
        size=stored(4, NGINX),
    ),
    Case(
        "refused by a quota",
        running(),
        "refused",
        W.REPLACE,
        R.QUOTA,
        terms={"refused": lambda state: Refused("exceeded quota", R.QUOTA)},
    ),
    Case(
        "somebody resized it since the size was stored",
        resized(
            "web-1",
            {"nginx": size((100, 200))},
            {"nginx": size((100, 200))},
            by="me",
            ago=5,
            stamp_of=STAMP,
        ),
        "resized_by_others",
        W.BLOCKED,
        R.REWRITTEN,
    ),
    Case(
        "somebody resized it before that",
        resized(
            "web-1",
            {"nginx": size((100, 200))},
            {"nginx": size((100, 200))},
            by="me",
            ago=90,
            stamp_of=STAMP,
        ),
        "resize",
        W.RESIZE,
    ),
    Case("it does not run yet", pod("web-1", stamp_of=STAMP), "not_running", W.REPLACE),
    Case(
        "a limit would be removed",
        running(),
        "another_class",
        W.REPLACE,
        size=stored(3, {"nginx": size((500, None))}),
    ),
    Case(
        "a limit would be removed that was asked for and is not there yet",
        resized(
            "web-1",
            {"nginx": size((250, 500), (16, 24))},
            BARE,
            FAILING,
            stamp_of=(1, BARE),
        ),
        "another_class",
        W.REPLACE,
        size=stored(3, {"nginx": size((500, 1000))}, came=BARE),
    ),
    Case("the QoS class would change", running(), "another_class", W.REPLACE, size=EQUAL),
    Case("its policy restarts it", policed("cpu"), "restarts", W.REPLACE),
    Case("its policy restarts it for another resource", policed("memory"), "resize", W.RESIZE),
    Case(
        "it used more memory",
        running(),
        "below_use",
        W.BLOCKED,
        R.RESIZE_INFEASIBLE,
        BOTH,
        {"need": lambda pod, name: 95 * MI},
    ),
    Case(
        "it used less memory",
        running(),
        "resize",
        W.RESIZE,
        None,
        BOTH,
        {"need": lambda pod, name: 90 * MI},
    ),
    Case("nobody knows what it uses", running(), "resize", W.RESIZE, None, BOTH),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_what_is_done_about_a_pod(case: Case) -> None:
    check, step = CHECKS.decisive(case_of(case))
    assert (check, step.way, step.reason) == (case.check, case.way, case.reason), step


def test_every_check_decides_a_case() -> None:
    assert {c.check for c in CASES} == CHECKS.purposes().keys()


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_check_gives_the_reasons_that_it_says(case: Case) -> None:
    said = CHECKS.purposes()[case.check]
    given = case.reason in (None, Reason.QUOTA) or f"`{case.reason}`" in said
    assert given or (case.reason is Reason.NOT_READY and "not Ready" in said)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_all_checks_can_be_asked_and_the_first_answer_is_the_one(case: Case) -> None:
    answers = [a for _, a in CHECKS.each(case_of(case)) if a is not None]
    assert answers[0] == CHECKS.first(case_of(case))


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.way not in (W.LEAVE,)], ids=lambda c: c.name
)
def test_whatever_is_done_is_said(case: Case) -> None:
    step = CHECKS.first(case_of(case))
    assert isinstance(step, Step) and step.why


def test_what_was_asked_for_is_taken_back_where_another_size_cannot_be_asked_for() -> None:
    """Else its kubelet would lower the memory some time, as soon as less is used."""
    lowered = asked_for(FAILING, 5, {"nginx": LESS})
    case = case_of(Case("", policed("cpu", lowered), "", W.REPLACE))
    assert CHECKS.first(case).way is W.REPLACE
    step = pod_step.step(case)
    assert (step.way, step.reason) == (W.WITHDRAW, None)
    assert step.why.startswith("web-1 keeps what it has: no resize in place: nginx's resizePolicy")


def test_it_is_not_taken_back_where_resizes_are_refused_or_what_is_stored_was_asked_for() -> None:
    lowered = policed("cpu", asked_for(FAILING, 5, {"nginx": LESS}))
    said = Refused("no", R.REFUSED)
    case = case_of(Case("", lowered, "", W.REPLACE, terms={"refused": lambda state: said}))
    assert pod_step.step(case).way is W.REPLACE
    late = case_of(Case("", policed("cpu", asked_for(FAILING, 61)), "", W.REPLACE))
    assert pod_step.step(late).way is W.REPLACE
    done = case_of(Case("", policed("cpu"), "", W.REPLACE))
    assert pod_step.step(done).way is W.REPLACE
