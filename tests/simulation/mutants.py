"""Deliberate defects of the scaler, one at a time: a suite that finds none of them proves nothing.

Each is switched on only here, by replacing something of the product for the length of a run; the
product has no switch for any of it. `docs/reliability.md` has the seeds that each took.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import msgspec

import kube.held
from scaler import (
    allowance,
    applying,
    backoff,
    bounds,
    breaker,
    clock,
    doubt,
    eviction,
    failing,
    flight,
    governing,
    history,
    limitrange,
    loop,
    need,
    plan,
    quiet,
    retreat,
    rollout,
    status,
    swap,
    swapping,
    take,
    traffic,
    window,
)
from scaler.actuate import Actuator
from scaler.deadline import Deadline
from scaler.eviction import Evictor
from scaler.fit import Ground
from scaler.halve import Resting
from scaler.loop import Loop
from scaler.model import Evict, Outcome, Verdict, Wait, Write
from scaler.pods import staying
from scaler.probe import Probe
from scaler.quota import Ledger
from scaler.swap import Way
from scaler.taken import Taken
from scaler.traffic import Ceilings, Traffic
from store.model import Apply, Resources, Restarts, Size, Status
from tests.simulation.connection import WatchConnection

Patch = Callable[[Any, str, Any], None]
"""Replaces an attribute of an object until the run is over."""

MUTANTS: dict[str, Callable[[Patch], None]] = {}


def mutant(defect: Callable[[Patch], None]) -> Callable[[Patch], None]:
    """Register; the docstring says what is broken."""
    MUTANTS[defect.__name__] = defect
    return defect


@contextmanager
def defective(name: str | None) -> Iterator[None]:
    """The product with one defect; None: as it is."""
    undone: list[tuple[Any, str, Any]] = []

    def patch(target: Any, attribute: str, value: Any) -> None:
        undone.append((target, attribute, target.__dict__[attribute]))
        setattr(target, attribute, value)

    try:
        if name is not None:
            MUTANTS[name](patch)
        yield
    finally:
        for target, attribute, value in reversed(undone):
            setattr(target, attribute, value)


@mutant
def no_uid_precondition(patch: Patch) -> None:
    """A pod is evicted by its name alone."""
    made = eviction._eviction

    def without(action: Evict, *, dry: bool) -> dict[str, Any]:
        body: dict[str, Any] = made(action, dry=dry)
        body["deleteOptions"].pop("preconditions")
        return body

    patch(eviction, "_eviction", without)


@mutant
def no_fit_check(patch: Patch) -> None:
    """Nobody asks whether there is room."""
    patch(Ground, "obstacle", lambda self, replaced, sizes: None)


@mutant
def evicts_before_the_store_write(patch: Patch) -> None:
    """A pod is taken at once for a size that the store does not have yet."""
    planned = applying._changed

    def hasty(case: applying.Case) -> Verdict:
        verdict = planned(case)
        action, pods = verdict.action, case.view.pods
        if not isinstance(action, Write) or action.status.size is None or not pods:
            return verdict
        meta, size = pods[0].metadata, action.status.size
        told, version = action.status, action.resource_version
        evict = Evict(action.workload, meta.name, meta.uid, size, told, version)
        return replace(verdict, action=evict)

    def take_first(self: Evictor, action: Evict, recheck: object, claim: Any) -> Outcome:
        refused = self._evict(action, dry=False)
        claim(action)
        return refused or Outcome(done=True)

    patch(applying, "_changed", hasty)
    patch(Evictor, "take", take_first)


@mutant
def claims_after_the_eviction(patch: Patch) -> None:
    """What was taken is put on record only afterwards."""
    usual = Evictor.take

    def take_late(self: Evictor, action: Evict, recheck: Any, claim: Any) -> Outcome:
        outcome = usual(self, action, recheck, lambda a: None)
        if outcome.done:
            claim(action)
        return outcome

    patch(Evictor, "take", take_late)


@mutant
def no_recheck(patch: Patch) -> None:
    """The pods are not looked at afresh before one of them is taken."""
    usual = Evictor.take
    patch(Evictor, "take", lambda self, a, recheck, claim: usual(self, a, lambda p: True, claim))


@mutant
def no_probe(patch: Patch) -> None:
    """Nobody asks whether the webhook works."""
    patch(Probe, "shortcoming", lambda self, workload, revision: None)


@mutant
def probe_takes_any_revision(patch: Patch) -> None:
    """A webhook that answers with an old revision is taken to work."""
    usual = Probe.shortcoming
    patch(Probe, "shortcoming", lambda self, workload, revision: usual(self, workload, 0))


@mutant
def no_back_off(patch: Patch) -> None:
    """After a failure the next pod is taken at once."""
    patch(backoff, "holds", lambda backoff, now: False)
    patch(backoff, "missed", lambda view, there, now: [])


@mutant
def rewriting_not_waited_out(patch: Patch) -> None:
    """What somebody rewrites is tried again at once, pod after pod."""
    patch(failing, "_rewritten", lambda pods, last, now, held: None)


@mutant
def watch_event_lost(patch: Patch) -> None:
    """One watch event of seven never arrives."""
    count = [0]

    def lose(self: WatchConnection, plural: str, line: bytes) -> bytes | None:
        count[0] += 1
        return None if count[0] % 7 == 0 else line

    patch(WatchConnection, "pass_on", lose)


@mutant
def cache_goes_back_in_time(patch: Patch) -> None:
    """Whatever comes replaces what is held, however old it is."""
    patch(kube.held, "older", lambda a, b: False)


@mutant
def two_in_flight(patch: Patch) -> None:
    """The next pod is taken before the last one is replaced."""
    patch(flight, "under_way", lambda view, outdated, now: None)
    patch(flight, "wanting", lambda view: None)
    patch(Taken, "flying", lambda self, view: False)


@mutant
def cluster_limit_ignored(patch: Patch) -> None:
    """Any number of workloads is worked on at a time."""
    usual = Loop._cycle

    def all_at_once(self: Loop, snapshot: Any, now: float) -> Any:
        self.settings = replace(self.settings, in_flight=10**6)
        return usual(self, snapshot, now)

    patch(Loop, "_cycle", all_at_once)


@mutant
def warm_up_ignored(patch: Patch) -> None:
    """The first minute of a container counts like any other."""
    usual = window.minute

    def hot(readings: tuple[window.Reading, ...], now: float) -> Any:
        return usual(tuple(replace(r, started=0.0) for r in readings), now)

    patch(window, "minute", hot)


@mutant
def minute_too_short(patch: Patch) -> None:
    """Ten seconds at the limit are enough."""
    patch(window, "SECONDS", 10.0)


@mutant
def blind_status_write(patch: Patch) -> None:
    """The status is written over whatever is there by then, not over what was read."""

    def write(self: Actuator, workload: Any, told: Status, version: str) -> Outcome:
        current = self.gateway.get(_podsize(workload))
        return usual(self, workload, told, _version_of(current))

    usual = Actuator._write
    patch(Actuator, "_write", write)


@mutant
def dry_run_ignored(patch: Patch) -> None:
    """What is only asked for is done."""
    made = eviction._eviction
    patch(eviction, "_eviction", lambda action, *, dry: made(action, dry=False))


@mutant
def kill_switch_ignored(patch: Patch) -> None:
    """Paused workloads, and a scaler that is only to say what it would do, go on."""
    patch(take, "stopped", lambda settings, limits: None)


@mutant
def restart_budget_ignored(patch: Patch) -> None:
    """Any number of pods is taken in an hour."""
    usual = take.next_pod

    def endless(view: Any, settings: Any, limits: Any, obstacle: Any, now: float) -> Any:
        return usual(view, settings, replace(limits, per_hour=10**6), obstacle, now)

    patch(take, "next_pod", endless)


@mutant
def modes_ignored(patch: Patch) -> None:
    """Pods are taken although only new ones were to get the size."""
    patch(governing, "passive", lambda view, settings: [])


@mutant
def rollout_ignored(patch: Patch) -> None:
    """Pods are taken in the middle of a rollout."""
    patch(rollout, "unfinished", lambda view: None)


@mutant
def limit_range_ignored(patch: Patch) -> None:
    """Nobody asks whether a LimitRange would refuse the pod."""
    patch(limitrange, "refusal", lambda ranges, containers: None)


@mutant
def quota_ignored(patch: Patch) -> None:
    """Nobody asks whether a ResourceQuota leaves enough."""
    patch(Ledger, "refusal", lambda self, uid, mine, replaced, sizes: None)


@mutant
def breaker_ignored(patch: Patch) -> None:
    """However many workloads fail alike, the next one is taken."""
    patch(breaker, "tripped", lambda views, terms, now: None)


@mutant
def cluster_budget_ignored(patch: Patch) -> None:
    """Any number of pods of the cluster is taken in an hour."""
    usual = traffic.held

    def endless(now: Traffic, ceilings: Ceilings) -> Any:
        return usual(now, replace(ceilings, restarts=10**6))

    patch(traffic, "held", endless)


@mutant
def bounds_ignored(patch: Patch) -> None:
    """Maxima mean nothing."""
    patch(bounds, "above", lambda size, bounds, maxima: None)


@mutant
def revision_used_again(patch: Patch) -> None:
    """Another size gets the number of the last one."""
    patch(Status, "highest_revision", property(lambda self: 0))


@mutant
def status_never_rests(patch: Patch) -> None:
    """The status is written each cycle, whether it says anything new or not."""
    usual = status.written

    def always(*args: Any) -> Any:
        action = usual(*args)
        view, podsize, *_ = args
        fresh = replace(podsize.status, message=f"{podsize.status.message[:40]}.")
        if not isinstance(action, Wait):
            return action
        return Write(view.workload, fresh, podsize.resource_version)

    patch(status, "written", always)


@mutant
def single_pod_taken(patch: Patch) -> None:
    """The only pod is taken without anybody having allowed it."""
    patch(take, "SingleReplica", SimpleNamespace(WAIT=None))


@mutant
def halves_too_early(patch: Patch) -> None:
    """A moment of quiet is enough for a halving."""
    patch(quiet, "grown", lambda stretch, patience: stretch is not None)


@mutant
def halves_without_end(patch: Patch) -> None:
    """The manifest's size is no floor."""
    patch(Resting, "_lowest", property(lambda self: 1))


@mutant
def flight_forgotten(patch: Patch) -> None:
    """Found in the product: what was just taken is not counted until the watch tells of it."""
    patch(Taken, "flying", lambda self, view: False)


@mutant
def hour_forgotten(patch: Patch) -> None:
    """Found in the product: a clock that steps back over a full hour forgets the restarts."""

    def same_hour(restarts: Restarts, now: float) -> int:
        return restarts.count if restarts.hour == clock.hour(now) else 0

    patch(history, "counting", same_hour)


@mutant
def webhook_blamed(patch: Patch) -> None:
    """Found in the product: with a clock that is behind, older pods look as if made later."""
    patch(history, "_made", lambda view: ())


@mutant
def limit_range_asked_once(patch: Patch) -> None:
    """Found in the product: a LimitRange that came after the decision is not asked."""
    patch(take, "_refused", lambda view, pod, size: None)


@mutant
def outcome_never_verified(patch: Patch) -> None:
    """Nobody looks whether pods can live with their size."""
    patch(need, "needs", lambda view, silent, deadline, now: ())


@mutant
def store_not_vetted(patch: Patch) -> None:
    """What is in the store is not asked again: only pods that are there and in need count."""
    patch(doubt, "_newcomers", lambda view, size: iter(()))


@mutant
def back_to_the_wrong_size(patch: Patch) -> None:
    """A retreat writes twice of what was last good."""
    usual = retreat._targets

    def wrong(view: Any, size: Any, came: Any) -> Any:
        for containers in usual(view, size, came):
            yield tuple(replace(c, size=_twice(c.size)) for c in containers) or size.containers

    patch(retreat, "_targets", wrong)


@mutant
def pods_in_need_stay(patch: Patch) -> None:
    """The store goes back, and the pod that waits for it is left alone."""
    patch(retreat, "helps", lambda need, size, ground: False)


@mutant
def retreat_restarts_the_fleet(patch: Patch) -> None:
    """A retreat brings every pod back, also those that are well."""
    usual = retreat.due

    def everywhere(*args: Any) -> Any:
        found = usual(*args)
        return found and replace(found, size=replace(found.size, apply=Apply.ALL))

    patch(retreat, "due", everywhere)


@mutant
def no_patience(patch: Patch) -> None:
    """A pod is in need as soon as it is not Ready."""
    patch(Deadline, "_bounded", lambda self, usual, unknown: 0.0)


@mutant
def retreat_tried_again_at_once(patch: Patch) -> None:
    """What was taken back is not waited out."""
    patch(backoff, "holds", lambda backoff, now: False)


def _twice(size: Size) -> Size:
    def doubled(part: Resources) -> Resources:
        return Resources(*(None if v is None else 2 * v for v in (part.cpu, part.memory)))

    return Size(doubled(size.requests), doubled(size.limits))


@mutant
def hands_back_while_ready(patch: Patch) -> None:
    """A held pod goes back although its replacement is Ready."""
    usual = swap.step

    def back(view: Any, held: Any, around: Any) -> Any:
        step = usual(view, held, around)
        return replace(step, way=Way.HAND_BACK) if step.way is Way.DRAIN else step

    patch(swap, "step", back)


@mutant
def deletes_before_ready(patch: Patch) -> None:
    """A held pod goes as soon as its replacement is there."""
    patch(swap, "_replaced", lambda view, now: len(staying(view.pods)) >= view.wanted > 0)


@mutant
def two_held(patch: Patch) -> None:
    """The next pod is handed over while one is held."""
    _blind_to_held_pods(patch)
    patch(flight, "under_way", lambda view, outdated, now: None)
    patch(flight, "wanting", lambda view: None)
    patch(Taken, "flying", lambda self, view: False)


@mutant
def held_pods_forgotten(patch: Patch) -> None:
    """Whoever comes after a scaler that died does not look for held pods."""
    _blind_to_held_pods(patch)


@mutant
def handed_back_is_still_taken(patch: Patch) -> None:
    """Found in the product: a pod that came back was taken to be on its way for ever."""
    usual = Taken.add
    patch(Taken, "add", lambda self, workload, uid, version="": usual(self, workload, uid))


@mutant
def held_not_in_flight(patch: Patch) -> None:
    """A pod that is held takes no place among those that are replaced at a time."""
    usual = swapping.verdict

    def apart(view: Any, around: Any, stopped: Any) -> Any:
        return replace(usual(view, around, stopped), in_flight=False)

    patch(swapping, "verdict", apart)
    patch(Taken, "flying", lambda self, view: False)


@mutant
def quota_not_asked_for_both(patch: Patch) -> None:
    """A quota is asked as if the old pod were gone, and it is handed over."""
    usual = allowance.quotas_on

    def apart(snapshot: Any, views: Any, *, now: bool = False, beside: bool = False) -> Any:
        return usual(snapshot, views, now=now)

    patch(loop, "quotas_on", apart)


def _blind_to_held_pods(patch: Patch) -> None:
    usual = plan.plan

    def blind(view: Any, around: Any) -> Any:
        return usual(replace(view, held=()), around)

    patch(plan, "plan", blind)


def _podsize(workload: Any) -> str:
    name = f"{workload.kind.lower()}-{workload.name}"
    return f"/apis/podtailor.io/v1alpha1/namespaces/{workload.namespace}/podsizes/{name}"


def _version_of(raw: bytes) -> str:
    return str(msgspec.json.decode(raw)["metadata"]["resourceVersion"])
