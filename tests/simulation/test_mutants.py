"""Every deliberate defect is found: the proof that the simulation sees what it claims to see."""

from functools import partial

import pytest

from scaler.replacement import next_pod
from tests.simulation import shrink
from tests.simulation.mutants import MUTANTS, defective
from tests.simulation.run import run
from tests.simulation.test_simulation import SEEDS

KILLERS = {
    "cooldown_ignored": 11,
    "min_ready_ignored": 1,
    "protection_ignored": 36,
    "durations_ignored": 36,
    "dated_before_its_write": 23,
    "request_above_limit": 0,
    "refused_writes_repeated": 79,
    "refused_pods_stay_refused": 55,
    "only_words_of_ours_count": 55,
    "nothing_asked_before": 39,
    "refusals_asked_each_cycle": 5,
    "asked_each_few_seconds": 27,
    "asked_each_half_minute": 6,
    "drained_by_its_labels": 83,
    "each_difference_is_another_template": 14,
    "own_place_not_counted": 28,
    "pods_beside_each_other_that_repel": 127,
    "images_are_the_sizes_fault": 50,
    "lower_priorities_take_no_room": 238,
    "endless_pods_waited_for": 17,
    "kubelets_refuse_for_nothing": 14,
    "slow_is_broken": 195,
    "halved_again_and_again": 11,
    "start_ups_count": 11,
    "warm_up_ignored": 0,
    "minute_too_short": 0,
    "halves_too_early": 11,
    "halves_without_end": 11,
    "learns_nothing_first": 111,
    "pause_ignored": 68,
    "long_window_forgotten": 211,
    "bounds_ignored": 18,
    "revision_used_again": 7,
    "modes_ignored": 109,
    "kill_switch_ignored": 24,
    "hands_back_while_ready": 1,
    "called_off_before_available": 22,
    "deletes_before_ready": 1,
    "two_held": 0,
    "held_pods_forgotten": 1,
    "handed_back_is_still_taken": 53,
    "held_not_in_flight": 49,
    "quota_not_asked_for_both": 292,
    "two_in_flight": 0,
    "flight_forgotten": 49,
    "cluster_limit_ignored": 449,
    "restart_budget_ignored": 126,
    "cluster_budget_ignored": 11,
    "hour_forgotten": 168,
    "no_back_off": 11,
    "rewriting_not_waited_out": 64,
    "breaker_ignored": 449,
    "watch_event_lost": 5,
    "cache_goes_back_in_time": 0,
    "blind_status_write": 88,
    "status_never_rests": 0,
    "no_probe": 38,
    "probe_takes_any_revision": 0,
    "webhook_blamed": 72,
    "no_uid_precondition": 129,
    "dry_run_ignored": 0,
    "evicts_before_the_store_write": 0,
    "claims_after_the_eviction": 0,
    "no_recheck": 200,
    "single_pod_taken": 34,
    "rollout_ignored": 170,
    "no_fit_check": 7,
    "limit_range_ignored": 10,
    "limit_range_asked_once": 135,
    "quota_ignored": 15,
    "outcome_never_verified": 11,
    "no_patience": 0,
    "store_not_vetted": 4,
    "back_to_the_wrong_size": 11,
    "pods_in_need_stay": 11,
    "rollback_restarts_the_fleet": 7,
    "rollback_tried_again_at_once": 11,
    "cache_is_a_need": 2,
    "cache_at_the_limit_is_a_shortage": 2,
    "kills_unseen": 25,
    "old_kills_count": 4,
    "down_pods_wait": 18,
    "size_blamed_for_kills": 72,
    "memory_maximum_ignored": 72,
    "maxima_bound_only_steps_up": 36,
    "silence_is_no_refusal": 32,
    "throttled_is_quiet": 136,
    "one_refusal_is_everybody_s": 110,
    "namespaces_go_unnoticed": 163,
    "foreign_owners_ignored": 41,
    "resized_over_others": 346,
    "resized_without_a_version": 96,
    "restarted_by_a_resize": 246,
    "loops_are_resized": 146,
    "lowered_below_use": 71,
    "never_in_place": 21,
    "kubelets_waited_for": 171,
    "never_withdrawn": 71,
    "old_news_count": 12,
    "bursts_without_end": 487,
    "silence_is_zero": 12,
    "low_clocks_are_heat": 37,
    "plans_outlast_nodes": 41,
    "plans_outlast_quotas": 116,
    "plans_outlast_usage": 0,
    "podsizes_concern_nobody": 0,
    "pods_concern_their_controller_alone": 0,
    "kinds_share_their_usage": 19,
    "moves_are_needs": 419,
    "vanished_kinds_forgotten": 19,
    "speeds_at_their_word": 219,
    "kinds_for_everybody": 44,
    "young_labels_count": 144,
    "webhook_knows_no_kinds": 19,
    "back_on_all_kinds": 19,
}
"""The first seed that finds each (`python -m tests.simulation --mutants`): tried first. Where it
does not find it any more, all are."""


@pytest.mark.parametrize("name", MUTANTS)
def test_a_defect_is_found(name: str) -> None:
    seeds = [KILLERS.get(name, 0), *range(SEEDS)]
    found = next((s for s in seeds if run(s, mutant=name).violation), None)
    assert found is not None, f"{name}: {MUTANTS[name].__doc__}"
    assert run(found).violation is None, "without the defect, in the same process"


def test_a_defect_is_undone_after_its_run() -> None:
    usual = next_pod.CHECKS
    with defective("restart_budget_ignored"):
        assert next_pod.CHECKS is not usual
    assert next_pod.CHECKS is usual


def test_a_violation_is_reported_with_its_seed_text_and_shortest_trace() -> None:
    seed = KILLERS["two_in_flight"]
    report = shrink.report(seed, again=partial(run, mutant="two_in_flight"))
    assert report.startswith(f"seed {seed}\n")
    assert "BROKEN: no pod is replaced while another one of its workload is missing" in report
    assert "more perturbations are not needed" in report
