"""One pod against the stored size: what it has, what it should have, and from when it counts."""

from collections.abc import Mapping
from math import inf
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects
from scaler.cluster import pod_state
from scaler.cluster.snapshot import index
from scaler.cluster.view import View
from scaler.cluster.views import views
from scaler.policies.table import NAMES
from store.model import Status, StoredSize, Workload
from tests.unit.scaler.builders import (
    DOUBLED,
    NGINX,
    NOW,
    injected,
    ours,
    owner,
    pod,
    podsize,
    size,
    stored,
    view,
)
from tests.unit.scaler.snapshots import snapshot
from tests.unit.scaler.troubled import ago

SIZE = stored(3)
ADDED = {**NGINX, "nginx": DOUBLED, "mesh": size((1, 1))}
EDITED = {"nginx": size((300, 600))}

CURRENT: list[tuple[str, objects.Pod, list[str]]] = [
    ("older than the size", pod(), ["nginx"]),
    ("has the size", injected("a", SIZE), []),
    ("made without the size", injected("a", None), ["nginx"]),
    ("of an edited manifest", pod("a", EDITED, stamp_of=(1, EDITED)), []),
    ("rewritten by somebody", pod("a", {"nginx": size((9, 9))}, stamp_of=(1, NGINX)), ["nginx"]),
    ("a container was added", pod("a", ADDED, stamp_of=(1, NGINX)), []),
]


@pytest.mark.parametrize(("name", "made", "differing"), CURRENT, ids=[c[0] for c in CURRENT])
def test_which_containers_have_not_what_the_store_says(
    name: str, made: objects.Pod, differing: list[str]
) -> None:
    state = pod_state.of(made, SIZE)
    assert state.differing == frozenset(differing)
    assert state.current is (not differing)


def test_the_three_sizes_of_a_pod_that_somebody_rewrote() -> None:
    has = {"nginx": size((9, 9))}
    state = pod_state.of(pod("a", has, stamp_of=(3, NGINX)), SIZE)
    assert (state.original, state.actual, state.target) == (NGINX, has, {"nginx": DOUBLED})
    assert state.stamped and state.bears(SIZE) and not state.unsized


def test_without_a_stamp_a_pod_came_as_it_is() -> None:
    state = pod_state.of(pod(), SIZE)
    assert (state.original, state.actual, state.target) == (NGINX, NGINX, {"nginx": DOUBLED})
    assert state.unsized and not state.stamped and state.revision is None


def test_where_nothing_is_stored_the_target_is_what_it_came_with() -> None:
    state = pod_state.of(injected("a", SIZE), None)
    assert state.target == NGINX and not state.current and not state.bears(None)


def test_another_revision_is_not_borne_whatever_the_values() -> None:
    assert not pod_state.of(injected("a", stored(2)), SIZE).bears(SIZE)


def test_passive_containers_are_as_they_are() -> None:
    both = {**NGINX, "mesh": size()}
    wanted = stored(3, {"nginx": DOUBLED, "mesh": DOUBLED}, came=both)
    state = pod_state.of(pod("a", both), wanted)
    assert state.outdated(()) and state.outdated(["mesh"])
    assert not state.outdated(["nginx", "mesh"])


AVAILABLE: list[tuple[str, Mapping[str, Any], int, float]] = [
    ("is Ready", {}, 0, -inf),
    ("is not", {"ready": False}, 0, inf),
    ("is Ready, and asked to stay so", {"since": ago(5)}, 30, NOW + 25),
    ("is Ready, nobody knows since when", {"since": None}, 30, -inf),
    ("is being deleted", {"going": True}, 0, inf),
]


@pytest.mark.parametrize(
    ("name", "has", "min_ready", "since"), AVAILABLE, ids=[c[0] for c in AVAILABLE]
)
def test_when_it_is_available(
    name: str, has: Mapping[str, Any], min_ready: int, since: float
) -> None:
    state = pod_state.of(pod(**has), SIZE, min_ready)
    assert state.available_from == since
    assert state.ready is (since < inf) and state.terminating is bool(has.get("going"))


def test_a_view_sorts_its_pods() -> None:
    pods = injected("a", SIZE), pod("b"), pod("c", ready=False), pod("d", going=True)
    seen = view(*pods, status=Status(size=SIZE))
    assert [s.name for s in seen.states] == ["a", "b", "c", "d"]
    assert [s.name for s in seen.not_terminating] == ["a", "b", "c"]
    assert [s.name for s in seen.differing] == ["b", "c"]
    assert [s.name for s in seen.unready] == ["c"]


def test_a_view_asks_for_the_owners_seconds() -> None:
    whose = owner(spec={"minReadySeconds": 30})
    seen = view(pod(since=ago(5)), whose=whose)
    assert [s.available_from for s in seen.states] == [NOW + 25]


def test_a_copy_of_a_view_with_another_size_knows_nothing_of_the_old() -> None:
    seen = view(injected("a", SIZE), status=Status(size=SIZE))
    assert seen.states[0].current
    assert seen.podsize is not None
    other = replace(seen.podsize, status=Status(size=stored(4, {"nginx": size((1, 2))})))
    assert not replace(seen, podsize=other).states[0].current


class TestFromOneCycleToTheNext:
    """The state of a pod is the same object while neither it nor the size is another."""

    pods = (injected("a", SIZE), injected("b", SIZE))

    def test_the_pods_that_are_the_same_keep_theirs(self) -> None:
        before = self.seen({}, *self.pods)
        first, second = before[WEB].states
        fresh = injected("b", SIZE)
        after = self.seen(before, self.pods[0], fresh)[WEB]
        assert after.states[0] is first
        assert after.states[1].pod is fresh and after.states[1] is not second

    def test_another_write_of_the_same_size_changes_nothing(self) -> None:
        before = self.seen({}, *self.pods)
        states = before[WEB].states
        after = self.seen(before, *self.pods, size=stored(3))[WEB]
        assert after is not before[WEB]
        assert all(a is b for a, b in zip(after.states, states, strict=True))

    def test_with_another_size_all_are_worked_out_again(self) -> None:
        before = self.seen({}, *self.pods)
        assert all(s.current for s in before[WEB].states)
        smaller = stored(4, {"nginx": size((1, 2))})
        assert not any(s.current for s in self.seen(before, *self.pods, size=smaller)[WEB].states)

    def test_with_other_seconds_to_be_ready_too(self) -> None:
        late = injected("a", SIZE, since=ago(5))
        before = self.seen({}, late)
        assert before[WEB].states[0].available_from == -inf
        after = self.seen(before, late, spec={"minReadySeconds": 30})[WEB]
        assert after.states[0].available_from == NOW + 25

    def test_a_pod_that_cannot_be_read_is_an_error_for_who_asks(self) -> None:
        before = self.seen({}, *self.pods)
        assert before[WEB].states
        broken = injected("b", SIZE)
        resources = objects.Requirements(requests={"cpu": "nonsense"})
        spec = objects.PodSpec(containers=[objects.Container("nginx", resources=resources)])
        broken = msgspec.structs.replace(broken, spec=spec)
        after = self.seen(before, self.pods[0], broken)[WEB]
        with pytest.raises(ValueError, match="nonsense"):
            assert after.states

    def seen(
        self,
        before: Mapping[Workload, View],
        *pods: objects.Pod,
        size: StoredSize = SIZE,
        **more: Any,
    ) -> Mapping[Workload, View]:
        whose = owner(annotations=ours({"mode": "auto"}), **more)
        owners = {"ReplicationController": {("shop", "web"): whose}}
        status = Status(size=size)
        shot = snapshot(*pods, owners=owners, podsizes=(podsize(status),))
        return {v.workload: v for v in views(index(shot), NAMES, before)}


WEB = Workload("v1", "ReplicationController", "shop", "web")


MORE, LESS = {"nginx": size((900, 1800))}, {"nginx": size((100, 200))}
DEBUG = {"generation": 2, "ephemeralContainers": [{"name": "debugger"}]}
RESIZED: list[tuple[str, objects.Pod, bool, bool]] = [
    ("as it was made", pod("a", MORE, stamp_of=(3, NGINX)), False, False),
    ("with more", pod("a", MORE, stamp_of=(2, NGINX), generation=2), True, True),
    ("with less, since the size", pod("a", LESS, stamp_of=(3, NGINX), generation=2), True, True),
    ("with less, before the size", pod("a", LESS, stamp_of=(2, NGINX), generation=2), True, False),
    ("to just the size", pod("a", {"nginx": DOUBLED}, stamp_of=(2, NGINX), generation=2), False,
     False),
    ("debugged", pod("a", MORE, stamp_of=(2, NGINX), **DEBUG), False, False),
    ("without a stamp: came like this", pod("a", MORE, generation=2), False, False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "made", "resized", "spared"), RESIZED, ids=[r[0] for r in RESIZED]
)
def test_a_pod_that_somebody_resized_keeps_what_it_was_given(
    name: str, made: objects.Pod, resized: bool, spared: bool
) -> None:
    state = pod_state.of(made, SIZE)
    assert (state.resized, state.spared(SIZE)) == (resized, spared)
