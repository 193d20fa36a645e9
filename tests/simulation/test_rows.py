"""Every check of planning, of next_pod and of resizing decides in some simulated cluster.

A seed in which each decides is kept; where it does not any more, `python -m tests.simulation.rows`
looks for others. The checks on held pods: test_surge_rows.py.
"""

import pytest

from tests.simulation.rows import ROWS, counted
from tests.simulation.run import run

SEEDS: dict[tuple[str, str], int] = {
    ("plan", "namespace_goes"): 52,
    ("plan", "held"): 1,
    ("plan", "gone"): 10,
    ("plan", "malformed"): 2,
    ("plan", "opted_out"): 40,
    ("plan", "unsupported"): 52,
    ("plan", "no_podsize"): 0,
    ("plan", "sized"): 0,
    ("apply", "does_not_work"): 4,
    ("apply", "only_observed"): 5,
    ("apply", "in_back_off"): 11,
    ("apply", "paused"): 24,
    ("apply", "another_size"): 0,
    ("apply", "pods_and_status"): 0,
    ("next_pod", "nothing_stored"): 0,
    ("next_pod", "held_up"): 50,
    ("next_pod", "settling"): 0,
    ("next_pod", "settled"): 0,
    ("next_pod", "paused"): 34,
    ("next_pod", "mismatched"): 10,
    ("next_pod", "rollout_unfinished"): 147,
    ("next_pod", "template_changed"): 147,
    ("next_pod", "replacement_pending"): 0,
    ("next_pod", "not_ready"): 48,
    ("next_pod", "single_replica"): 34,
    ("next_pod", "budget_used_up"): 126,
    ("next_pod", "protected"): 36,
    ("next_pod", "no_node_fits"): 95,
    ("next_pod", "over_quota"): 191,
    ("next_pod", "limit_range_refuses"): 135,
    ("next_pod", "replace_next"): 0,
    ("apply", "cannot_be_lowered"): 71,
    ("next_pod", "resized_in_place"): 21,
    ("next_pod", "withdrawn"): 71,
    ("next_pod", "misplaced"): 19,
    ("pod_step", "not_asked_for"): 71,
    ("pod_step", "has_it"): 21,
    ("pod_step", "loops"): 146,
    ("pod_step", "infeasible"): 346,
    ("pod_step", "failing"): 71,
    ("pod_step", "deferred"): 271,
    ("pod_step", "in_progress"): 71,
    ("pod_step", "unanswered"): 21,
    ("pod_step", "refused"): 1621,
    ("pod_step", "resized_by_others"): 346,
    ("pod_step", "not_running"): 37,
    ("pod_step", "another_class"): 296,
    ("pod_step", "restarts"): 246,
    ("pod_step", "below_use"): 71,
    ("pod_step", "resize"): 21,
}
NEVER: dict[tuple[str, str], str] = {
    ("next_pod", "class_changes"): "the cycle's decision looks at the same pods, and is first",
    ("plan", "surge_disabled"): "no workload asks for deletion where the settings have no surge",
    ("plan", "other_autoscaler"): "there is no VerticalPodAutoscaler in a simulated cluster",
    ("plan", "no_webhook"): "the webhook's configuration and certificates are not simulated",
    ("plan", "not_owned"): "nobody there makes a PodSize by hand",
}
"""What does not occur, and why. The unit tests of the modules have a case of each."""


def test_every_check_has_its_seed_or_a_reason() -> None:
    rows = [(chain, row) for chain, row in ROWS if chain != "held_pod"]
    assert sorted([*SEEDS, *NEVER]) == sorted(rows)


@pytest.mark.parametrize("seed", sorted({*SEEDS.values()}))
def test_checks_that_once_decided_a_seed_still_decide_it(seed: int) -> None:
    with counted() as seen:
        assert run(seed).violation is None
    missing = {row for row, where in SEEDS.items() if where == seed} - seen.keys()
    assert not missing
    assert not NEVER.keys() & seen.keys()


def test_asking_all_checks_changes_nothing() -> None:
    """Whoever explains goes through all of them, also those that the first answer spares."""
    asked: list[object] = []
    usual = run(85, trace=True).trace
    with counted(all_of=asked.append):
        assert run(85, trace=True).trace == usual
    assert len(asked) > 1000
