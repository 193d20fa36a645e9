"""kill -9 of the scaler after each of its changes: its successor finishes the job."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kube.gateway import Gateway
from store.model import Size, Workload
from tests.e2e.deadly import Deadly
from tests.e2e.programs import Program, Programs
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, SMALL, settled, status_of
from tests.e2e.workloads import Shop, manifest, until

_SMALL_BY_HAND = {"name": "app", "requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}}


@pytest.fixture
def deadly(gateway: Gateway, tmp_path: Path) -> Iterator[Deadly]:
    made = Deadly(gateway, tmp_path)
    yield made
    made.close()


@pytest.fixture
def mortal(programs: Programs, deadly: Deadly, tmp_path: Path) -> Iterator[Program]:
    """A scaler behind the proxy that kills it, instead of the session's."""
    programs.scaler.stop()
    environment = {**programs.scaler.environment, "KUBECONFIG": str(deadly.kubeconfig)}
    made = Program("scaler", environment, programs.scaler.health, tmp_path / "mortal.log")
    yield made
    made.kill()
    programs.scaler.start()


@pytest.mark.slow
def test_a_successor_finishes_what_a_killed_scaler_began(
    shop: Shop, mortal: Program, deadly: Deadly
) -> None:
    workload = shop.create(manifest("ReplicationController"))
    before = 0

    def checked(steps: list[str]) -> None:
        nonlocal before
        since, before = before, _restarts(shop, workload)
        assert before - since <= 3, f"one restart more is allowed: {steps}"

    steps = _killed_at_each(shop, workload, mortal, deadly, checked)
    assert sum("/eviction" in s for s in steps) >= 4, steps  # two pods, as a dry run first
    assert sum("/status" in s for s in steps) >= 3, steps


@pytest.mark.slow
def test_in_place_too_and_then_nothing_is_replaced(
    shop: Shop, mortal: Program, deadly: Deadly
) -> None:
    annotations = {"podtailor.io/mode": "auto", "podtailor.io/strategy": "resize"}
    workload = shop.create(manifest("ReplicationController", annotations=annotations))
    before = [p.metadata.uid for p in shop.pods()]
    steps = _killed_at_each(shop, workload, mortal, deadly, lambda steps: None)
    assert sum("/resize" in s for s in steps) >= 2, steps
    assert [p.metadata.uid for p in shop.pods()] == before and not _restarts(shop, workload)


def _killed_at_each(
    shop: Shop,
    workload: Workload,
    mortal: Program,
    deadly: Deadly,
    checked: Callable[[list[str]], None],
) -> list[str]:
    """Kill it before the first call of a change, then at each kind of call, and see it finished.

    Until a change makes no other call than those. By kind, not by number: how often a status is
    written in between depends on when pods are seen.
    """
    deadly.disarm()
    mortal.start()
    until(lambda: shop.podsize(workload) is not None, 20)
    steps: list[str] = []
    for step in range(40):
        hand, size = (BY_HAND, LARGE) if step % 2 == 0 else (_SMALL_BY_HAND, SMALL)
        if step == 0:
            deadly.arm(0, mortal.kill)
        else:
            deadly.arm_at_new(steps[1:], mortal.kill)
        shop.by_hand(workload, hand)
        if not _killed(shop, workload, size, deadly):
            return steps
        steps.append(deadly.calls[-1])
        deadly.disarm()
        mortal.start()
        _until_settled(shop, workload, size)
        checked(steps)
    pytest.fail(f"a change made more than 40 calls: {steps}")


def _until_settled(shop: Shop, workload: Workload, size: Size) -> None:
    until(lambda: settled(shop, workload, size, 2), 40, lambda: status_of(shop, workload))


def _killed(shop: Shop, workload: Workload, size: Size, deadly: Deadly) -> bool:
    until(
        lambda: deadly.dead.is_set() or settled(shop, workload, size, 2),
        40,
        lambda: status_of(shop, workload),
    )
    return deadly.dead.is_set()


def _restarts(shop: Shop, workload: Workload) -> int:
    podsize = shop.podsize(workload)
    return podsize.status.restarts.count if podsize else 0
