"""What a pod shows of its last resize: every row of resizes.py, and what the pod has meanwhile."""

import msgspec
import pytest
from msgspec.structs import replace

from scaler.cluster import pod_state, resizes
from scaler.cluster.pod_sizes import present
from scaler.cluster.resizes import Answer
from store.injection import inject
from store.model import Apply, Resources, Size, Sizes, StoredSize
from tests.unit.scaler.builders import DOUBLED, MI, NGINX, NOW, injected, pod, size, stored
from tests.unit.scaler.resized import ACTING, DEFERRED, FAILING, INFEASIBLE, Said, resized

BIGGER = {"nginx": DOUBLED}


@pytest.mark.parametrize(
    ("said", "has", "answer"),
    [
        (None, BIGGER, Answer.DONE),
        (DEFERRED, BIGGER, Answer.DONE),
        (None, NGINX, Answer.SILENT),
        (ACTING, NGINX, Answer.IN_PROGRESS),
        (DEFERRED, NGINX, Answer.DEFERRED),
        (INFEASIBLE, NGINX, Answer.INFEASIBLE),
        (FAILING, NGINX, Answer.ERROR),
    ],
)
def test_the_answer_is_what_the_pod_shows(said: Said, has: Sizes, answer: Answer) -> None:
    found = resizes.last(resized("a", BIGGER, has, said))
    assert found is not None and (found.answer, found.ours, found.at) == (answer, True, NOW - 5)
    if said and answer is not Answer.DONE:
        assert found.message == said[2]


def test_a_condition_of_an_older_generation_is_no_answer() -> None:
    found = resizes.last(resized("a", BIGGER, NGINX, DEFERRED, generation=3, observed=2))
    assert found and found.answer is Answer.SILENT
    before_1_34 = resizes.last(resized("a", BIGGER, NGINX, DEFERRED, generation=3, observed=0))
    assert before_1_34 and before_1_34.answer is Answer.DEFERRED


def test_who_asked_last_counts() -> None:
    theirs = resizes.last(resized("a", BIGGER, by="kubectl-patch"))
    assert theirs and not theirs.ours
    assert resizes.last(pod("a")) is None


def test_without_a_record_of_who_asked_it_was_somebody_else_long_ago() -> None:
    made = resized("a", BIGGER)
    bare = msgspec.structs.replace(
        made, metadata=msgspec.structs.replace(made.metadata, managed_fields=None)
    )
    assert resizes.last(bare) == resizes.Resize(False, 0.0, Answer.SILENT)


def test_a_pod_has_what_its_kubelet_says_and_not_what_was_asked_for() -> None:
    made = resized("a", BIGGER, stamp_of=(1, NGINX))
    found = pod_state.of(made, stored(2))
    assert (found.actual, found.asked, found.target) == (NGINX, BIGGER, BIGGER)
    assert found.differing == {"nginx"} and not found.resized
    done = pod_state.of(resized("a", BIGGER, BIGGER, stamp_of=(1, NGINX)), stored(2))
    assert done.current


def test_a_pod_that_was_never_resized_has_what_its_spec_says() -> None:
    """Whatever a runtime reports: some round, and some plug-ins set other values."""
    assert present(resized("a", BIGGER, NGINX, generation=1)) == BIGGER


@pytest.mark.parametrize(
    ("asked", "reported", "done"),
    [
        (size((250, 333)), size((250, 340)), True),
        (size((250, 333)), size((250, 350)), False),
        (size((1, 5)), size((1, 10)), True),
        (size((250, 500), (64, 128)), size((250, 500), (64, 128)), True),
        (size((250, 500)), size((260, 500)), False),
        (size((250, None)), size((250, None)), True),
        (size((250, 500)), size((250, None)), False),
    ],
)
def test_what_the_kernel_rounds_is_done(asked: Size, reported: Size, done: bool) -> None:
    made = resized("a", {"nginx": asked}, {"nginx": reported})
    assert (present(made) == {"nginx": asked}) is done


def test_memory_is_rounded_to_pages() -> None:
    odd = Size(DOUBLED.requests, Resources(1000, 100 * MI + 100))
    made = resized("a", {"nginx": odd}, {"nginx": replace(odd, limits=Resources(1000, 100 * MI))})
    assert present(made) == {"nginx": odd}


def test_a_pod_older_than_the_opt_in_that_we_resized_came_with_the_basis() -> None:
    """It has no stamp: else what we gave it would look like an edited manifest."""
    first, second = stored(1), stored(2, {"nginx": size((1000, 2000))})
    resized_once = pod_state.of(resized("a", BIGGER, BIGGER), first)
    assert resized_once.original == NGINX and resized_once.current
    then = pod_state.of(resized("a", BIGGER, BIGGER), second)
    assert then.target == inject(second, NGINX) and not then.current


def test_one_that_somebody_else_resized_counts_as_what_it_has_and_came_with_the_basis() -> None:
    small = {"nginx": size((100, 200))}
    theirs = pod_state.of(resized("a", small, small, by="kubectl-edit"), stored(1))
    assert (theirs.original, theirs.actual, theirs.target) == (NGINX, small, BIGGER)
    assert theirs.resized and not theirs.spared(stored(1)), "it has less than is stored"
    more = {"nginx": size((2000, 4000))}
    assert pod_state.of(resized("a", more, more, by="me"), stored(1)).spared(stored(1))


def test_what_others_did_is_told_from_what_we_did() -> None:
    small = {"nginx": size((100, 200))}
    theirs = resized("a", small, small, by="kubectl-edit", stamp_of=(1, NGINX))
    ours = resized("a", small, small, stamp_of=(1, NGINX))
    assert pod_state.of(theirs, stored(2)).resized
    assert not pod_state.of(ours, stored(2)).resized
    assert not pod_state.of(injected("b", stored(2)), stored(2)).resized


def test_a_container_without_a_status_has_what_was_asked_for() -> None:
    made = resized("a", BIGGER)
    bare = msgspec.structs.replace(
        made, status=msgspec.structs.replace(made.status, container_statuses=None)
    )
    assert present(bare) == BIGGER


def test_a_pod_without_a_stamp_whose_size_is_rolled_back_came_with_what_it_has() -> None:
    """Not with what was asked for in vain."""
    back = StoredSize(4, Apply.NEW, ())
    found = pod_state.of(resized("a", BIGGER, NGINX, FAILING), back)
    assert found.current and found.asked == BIGGER
