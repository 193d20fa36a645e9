"""What said no last is asked first; all else in its order, and nothing is left out."""

from collections.abc import Sequence

import pytest

from kube.errors import Conflict
from scaler.execution.questions import Question, Questions, said
from scaler.model import Outcome
from store.reasons import Reason
from tests.unit.scaler.builders import workload

NO = Outcome(done=False, reason=Reason.REFUSED, message="no")
W = workload()


class Asked:
    """Questions that say no where a test says so, and which were asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.no: set[str] = set()
        self.fails: set[str] = set()

    def of(self, *names: str) -> Sequence[Question]:
        return [(name, lambda name=name: self.answer(name)) for name in names]  # type: ignore[misc]

    def answer(self, name: str) -> Outcome | None:
        self.asked.append(name)
        if name in self.fails:
            raise Conflict(409, "Conflict", "somebody")
        return NO if name in self.no else None

    def ask(self, questions: Questions) -> tuple[Outcome | None, list[str]]:
        self.asked = []
        found = questions.no(W, self.of("a", "b", "c"), self.of("d", "e"))
        return found, self.asked


def test_all_are_asked_in_their_order_up_to_the_first_no() -> None:
    all_of_them, questions = Asked(), Questions()
    assert all_of_them.ask(questions) == (None, ["a", "b", "c", "d", "e"])
    all_of_them.no = {"b", "d"}
    assert all_of_them.ask(questions) == (NO, ["a", "b"])


@pytest.mark.parametrize("fails", [False, True])
def test_what_said_no_or_failed_is_asked_first_the_next_time(fails: bool) -> None:
    them, questions = Asked(), Questions()
    them.no, them.fails = {"c"}, {"c"} if fails else set()
    for _ in range(3):
        try:
            them.ask(questions)
        except Conflict:
            assert fails
    assert them.asked == ["c"]
    them.no, them.fails = set(), set()
    assert them.ask(questions) == (None, ["c", "a", "b", "d", "e"])
    assert them.ask(questions) == (None, ["a", "b", "c", "d", "e"]), "it said yes since"
    them.no = {"a"}
    assert questions.no(workload("Deployment"), them.of("a")) is NO
    assert questions.doubted(W) is None, "each workload has its own"


def test_what_is_asked_last_is_asked_last_though_it_was_asked_first_as_well() -> None:
    them, questions = Asked(), Questions()
    them.no = {"e"}
    them.ask(questions)
    them.no = set()
    assert them.ask(questions) == (None, ["e", "a", "b", "c", "d", "e"])


def test_what_failed_as_it_was_done_is_asked_once_more_than_ever() -> None:
    them, questions = Asked(), Questions()
    assert questions.again(W, "status", lambda: NO) == ()
    with pytest.raises(Conflict), questions.doing(W, "status"):
        raise Conflict(409, "Conflict", "somebody")
    [(name, ask)] = questions.again(W, "status", lambda: NO)
    assert (name, ask()) == ("status", NO)
    questions.failed(W, "a")
    assert questions.doubted(W) == "a" and not questions.again(W, "status", lambda: NO)
    assert them.ask(questions) == (None, ["a", "b", "c", "d", "e"])


def test_an_answer_has_words() -> None:
    assert said(None, Reason.REFUSED) is said("", Reason.REFUSED) is None
    assert said("no", Reason.REFUSED) == NO
