"""Pods that stay as they are, or are asked no more: pod_step.py beyond its checks."""

from typing import Any

import pytest
from msgspec.structs import replace

from kube import objects
from scaler.cluster import pod_state
from scaler.resizing import pod_step
from scaler.resizing.resize_case import Refused, ResizeCase, Terms, Way
from store.reasons import Reason
from tests.unit.scaler.builders import MI, NGINX, NOW, injected, pod, size, stored, view
from tests.unit.scaler.resized import FAILING, INFEASIBLE, resized
from tests.unit.scaler.resizing.cases import (
    BOTH,
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
from tests.unit.scaler.troubled import ago, between, placed

R, W = Reason, Way


def case(made: objects.Pod, **more: Any) -> ResizeCase:
    return case_of(Case("", made, "", W.LEAVE, **more))


def on_its_kind_of_node(found: ResizeCase) -> ResizeCase:
    """A new pod in its place would not be made for this kind of node."""
    return replace(found, state=replace(found.state, only_resized=True))


def test_a_pod_that_alone_knows_its_kind_of_node_is_not_replaced() -> None:
    found = pod_step.step(on_its_kind_of_node(case(asked_for(INFEASIBLE))))
    assert (found.way, found.reason) == (W.BLOCKED, R.RESIZE_INFEASIBLE)
    assert found.why.startswith("web-1 is not resized on node node: Node didn't have enough")
    assert found.why.endswith("; it stays, as no new pod knows its node")


@pytest.mark.parametrize(
    ("made", "way"),
    [(running(), W.RESIZE), (injected("web-1", SIZE), W.LEAVE), (asked_for(), W.WAIT)],
    ids=["to be resized", "done", "asked for"],
)
def test_what_is_no_replacement_is_done_to_it_as_to_any_other(made: objects.Pod, way: Way) -> None:
    assert pod_step.step(on_its_kind_of_node(case(made))).way is way


def test_what_it_has_is_kept_where_taking_back_would_remove_a_limit() -> None:
    """No resize removes one, so nothing is asked: the API server would refuse it each time."""
    bare = {"nginx": size((250, 500), (None, None))}
    asked = resized(
        "web-1", {"nginx": size((250, 500), (16, 24))}, bare, FAILING, stamp_of=(1, bare)
    )
    due = case(asked, size=stored(3, {"nginx": size((500, 1000))}, came=bare))
    assert pod_step.step(due).way is W.REPLACE


def out_of_memory() -> objects.Pod:
    """Killed for want of memory a minute ago, and not started again."""
    end = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": ago(60)}
    return placed(pod("web-1", stamp_of=STAMP), restarts=1, terminated=end)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (looping(), "web-1 crash-loops: nginx: back-off 10s"),
        (out_of_memory(), "web-1 is down for want of memory"),
        (between(pod("web-1", stamp_of=STAMP), ended=60), "web-1 crash-loops: "),
    ],
    ids=["it waits to be started", "it was killed", "it ended a minute ago, and runs"],
)
def test_a_pod_that_keeps_ending_is_replaced_and_not_resized(made: objects.Pod, words: str) -> None:
    found = pod_step.step(case(made))
    assert found.way is W.REPLACE
    assert found.why.startswith(words)


def test_it_is_resized_once_it_has_been_calm_for_ten_minutes() -> None:
    calm = between(pod("web-1", stamp_of=STAMP), ended=601)
    assert pod_step.loops(case(calm)) is None


def about(name: str) -> Any:
    """A refusal of this pod alone."""
    return lambda state: Refused("no", R.QUOTA) if state.name == name else None


def test_a_refusal_of_another_pod_is_not_this_ones() -> None:
    assert pod_step.step(case(running(), terms={"refused": about("web-2")})).way is W.RESIZE
    found = pod_step.step(case(running(), terms={"refused": about("web-1")}))
    assert (found.way, found.why, found.reason) == (W.REPLACE, "no", R.QUOTA)


def test_only_a_pod_that_may_not_be_resized_itself_keeps_what_was_asked_of_it() -> None:
    lowered = policed("cpu", asked_for(FAILING, 5, {"nginx": LESS}))
    assert pod_step.step(case(lowered, terms={"refused": about("web-1")})).way is W.REPLACE
    assert pod_step.step(case(lowered, terms={"refused": about("web-2")})).way is W.WITHDRAW


def test_a_resize_of_somebody_elses_as_the_size_was_stored_came_before_it() -> None:
    smaller = {"nginx": size((100, 200))}
    made = resized("web-1", smaller, smaller, by="me", ago=60, stamp_of=STAMP)
    assert pod_step.step(case(made)).way is W.RESIZE


def used(**containers: int) -> dict[str, Any]:
    """MiB that containers of web-1 needed at most; of other pods, nothing is known."""
    return {
        "need": lambda pod, name: (
            containers[name] * MI if pod.metadata.name == "web-1" and name in containers else None
        )
    }


def test_a_memory_limit_is_not_lowered_below_what_was_used_and_a_tenth() -> None:
    found = pod_step.step(case(running(), size=BOTH, terms=used(nginx=95)))
    assert (found.way, found.reason) == (W.BLOCKED, R.RESIZE_INFEASIBLE)
    assert found.why == (
        "nginx of web-1 used up to 95Mi in a minute: its memory limit is not lowered to 100Mi"
    )


def test_a_tenth_more_than_was_used_is_enough() -> None:
    tight = {"nginx": size((250, 500), (5, 11))}
    made = stored(3, tight)
    both = replace(made, containers=(replace(made.containers[0], size=tight["nginx"]),))
    assert pod_step.step(case(running(), size=both, terms=used(nginx=10))).way is W.RESIZE


def test_each_container_is_asked_about_though_nobody_knows_what_the_first_uses() -> None:
    came = {"a-proxy": size(), **NGINX}
    made = stored(3, {name: LESS for name in came}, came=came)
    less = replace(made, containers=tuple(replace(c, size=LESS) for c in made.containers))
    both = resized("web-1", came, came, generation=1, stamp_of=(1, came))
    found = pod_step.step(
        ResizeCase(view(both), pod_state.of(both, less), True, Terms(NOW, **used(nginx=95)))
    )
    assert found.why.startswith("nginx of web-1 used up to 95Mi")
