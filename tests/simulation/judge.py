"""Watches a run: checks every invariant at its moments, and keeps the first violation.

Judged is what the scaler does against what it *must have known*: what its watches had brought as
the cycle began, and the fresh look that it takes right before a pod. A cluster that changes under
its hands faster than that is nobody's fault; a view older than that is.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from scaler.model import Plan
from store.annotations import PROBE_FOR
from store.model import Workload
from store.reasons import Reason
from tests.simulation import dry_runs, ending, facts, hostility, invariants, tenants
from tests.simulation.connection import Call
from tests.simulation.etcd import Json, Key
from tests.simulation.perturbing import CLOCK_STEPS
from tests.simulation.repeated import Repeated
from tests.simulation.routes import OWNERS
from tests.simulation.subject import Subject
from tests.simulation.world import World

T = TypeVar("T")
_DELETES = {"podsize_deleted", "podsize_deleted_while_it_holds", "uninstalled", "workload_deleted"}
_LOOKED = 2  # calls before the hand-over at which its fresh look may be: the claim lies between
_EVICTED = 3  # before the eviction: the pod itself is read once more
_DRAINED = 4  # before the deletion of a held pod: Services, slices and policies are read between
_ASKED = 15.0  # seconds that may lie between a dry run and what is done then, answers being slow
_AGAIN = 5.0
_LOGGERS = ("scaler", "store", "kube", "webhook")


@dataclass
class Judge:
    """One run's judge."""

    world: World
    violation: tuple[str, str, str] | None = None
    _refusals: dict[tuple[str, str], float] = field(default_factory=dict)
    _fresh: dict[str, tuple[int, int]] = field(default_factory=dict)
    _repeated: Repeated = field(default_factory=Repeated)
    _last: dict[str, float] = field(default_factory=dict)
    """When each client's last call had its effect."""

    def __post_init__(self) -> None:
        self.memory = invariants.Memory(lambda: self.world.timeline.now)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hook into everything that is checked."""
        self.world.judged = self._call
        self.world.cycled = self._cycle
        self.world.hostility.refused = self._refused
        self.world.webhook.patched = self._patched
        self.world.preempted = self._preempted
        self.world.etcd.listeners.append(self.memory.remember)
        self.world.admission.admitted.append(lambda _, pod: self.memory.made(self.world, pod))
        handler = _Errors(lambda text: self._found("internal_errors", text))
        loggers = [logging.getLogger(name) for name in _LOGGERS]
        for logger in loggers:
            logger.addHandler(handler)
            logger.propagate = False
        try:
            yield
        finally:
            for logger in loggers:
                logger.removeHandler(handler)
                logger.propagate = True

    def settled(self) -> bool:
        """Whether nothing is in progress any more."""
        return ending.settled(self.world)

    def at_end(self) -> None:
        """Nothing is written any more: is everything as it should be?"""
        for name, check in ending.CHECKS.items():
            if detail := check(self.world):
                self._found(name, detail)

    def never_settled(self) -> None:
        """It has gone on writing."""
        self._found("settles", "something was still written or taken, or pods came and went")

    def wandered(self, detail: str) -> None:
        """Pods moved back and forth, and sizes changed."""
        self._found("sizes_stay_as_pods_move", detail)

    def _found(self, name: str, detail: str) -> None:
        if self.violation is None:
            words = {**invariants.WORDS, **ending.WORDS}[name]
            self.violation = (name, words, detail)
            self.world.trace.add("judge", f"{name}: {words}: {detail}")
            self.world.timeline.over = True

    def _call(self, subject: Subject, call: Call) -> Callable[[], None] | None:
        if detail := invariants.not_ours(call):
            self._found("only_our_verbs", detail)
        if tenants.TENANT in self.world.perturbed:
            self._shared(subject, call)
        plural, last = call.where.kind.plural, self._last.get(call.actor)
        self._last[call.actor] = self.world.timeline.now
        if call.verb == "GET" and plural == "pods" and not call.where.name:
            self._fresh[call.actor] = (call.number, self.world.etcd.version)
        if plural == "pods" and call.dry_run:
            self._dry(call)
        if plural == "pods" and call.verb == "POST" and call.query.get("dryRun"):
            self.memory.probed(self.world, call)
        if call.evicts or call.hands_over or call.hands_back:
            return self._before_taking(subject, call)
        if call.resizes:
            return self._before_resizing(subject, call)
        if call.where.sub == "status" and plural == "podsizes":
            before = self.world.etcd.get("podsizes", call.where.key)
            self.memory.before_write = last
            return lambda: self._written(subject, call, before)
        return None

    def _preempted(self, pod: Json, keys: list[Key]) -> None:
        if detail := invariants.pushed_out(self.world, self.memory, pod):
            self._found("no_neighbour_pushed_out", f"{keys}: {detail}")

    def _shared(self, subject: Subject, call: Call) -> None:
        if detail := invariants.of_another(call):
            self._found("nothing_of_others", detail)
        if detail := invariants.where_all_goes(subject, call):
            self._found("nothing_where_all_goes", detail)

    def _refused(self, policy: hostility.Policy, call: object) -> None:
        """Somebody's policy refuses a call of the scaler."""
        assert isinstance(call, Call)
        now = self.world.timeline.now
        takes = call.hands_over or (call.where.sub == "eviction" and not call.dry_run)
        if takes and now - policy.since > _ASKED:
            self._found("asked_before", str(call))
        steps = self.world.perturbed & CLOCK_STEPS
        key = (_asked(call), self._revisions())
        edited = (_asked(call), f"{self._revisions()} {self._edits(call.actor)}")
        last = self._refusals.get(edited)
        self._refusals[edited] = now
        if now - self.world.hostility.shown < _AGAIN:
            return  # a policy that comes, or goes, is a reason to ask at once
        if last is not None and now - last < _AGAIN and not steps:
            self._found("refusals_waited_out", f"{call} after {now - last:.1f} s")
        many = self._repeated.refused(*key, now)
        if many and not steps:
            self._found("refusals_grow_rare", f"{call}: {many}")

    def _edits(self, actor: str) -> list[int]:
        """Editions that a process knows: another of a workload, PodSize or policy ends a wait."""
        known = (s for s in self.world.subjects if s.connection.actor == actor)
        kinds = [*OWNERS.values(), "podsizes", "validatingadmissionpolicies"]
        edited = [o for s in known for k in kinds for o in s.knows(k).values()]
        return [o["metadata"].get("generation", 0) for o in edited]

    def _dry(self, call: Call) -> None:
        """The scaler asks for something as a dry run: again and again, and then does nothing?"""
        workload = self._about(call)
        if workload is None or self.world.perturbed & CLOCK_STEPS:
            return
        state = f"{call.actor} {self._revisions()} {dry_runs.state(self.world, workload)}"
        if many := self._repeated.dry(str(workload), state, self.world.timeline.now):
            self._found("dry_runs_grow_rare", f"{call}: {many}")

    def _about(self, call: Call) -> Workload | None:
        """Whose pods a dry run is about."""
        probed = ((call.body.get("metadata") or {}).get("annotations") or {}).get(PROBE_FOR)
        if probed:
            owners = {str(facts.podsize_key(o)): o for o in self.world.owners()}
            space, _, name = probed.partition("/")
            owner = owners.get(str((space, name)))
        else:
            _, owner = self._pod_of(call)
        return facts.workload_of(owner) if owner else None

    def _revisions(self) -> str:
        podsizes = self.world.etcd.all("podsizes").values()
        return str([p.get("status", {}).get("size", {}).get("revision") for p in podsizes])

    def _pod_of(self, call: Call) -> tuple[Json | None, Json | None]:
        """The pod that a call is about, and its workload."""
        pod = self.world.etcd.get("pods", call.where.key)
        return pod, facts.owner_of(self.world.etcd, pod) if pod else None

    def _before_taking(self, subject: Subject, call: Call) -> Callable[[], None] | None:
        etcd = self.world.etcd
        pod, owner = self._pod_of(call)
        if pod is None or owner is None:
            return None
        if call.evicts and "deletionTimestamp" in pod["metadata"]:
            return None  # it is terminating already: no other pod is replaced by that
        number, version = self._fresh.get(call.actor, (-1, 0))
        looked = _EVICTED if call.evicts else _LOOKED
        looked = _DRAINED if call.verb == "DELETE" else looked
        fresh = etcd.state("pods", version if number >= call.number - looked else etcd.version)
        podsize = facts.podsize_for(etcd, owner)
        beside = call.hands_over and facts.annotation(owner, "disruption") != "delete"
        taking = invariants.Taking(
            self.world, subject, self.memory, pod, owner, podsize, fresh, beside
        )
        taking.surges = beside and not taking.down  # one that is down is deleted at once
        if call.verb == "DELETE":
            return lambda: self._ask(invariants.DELETING, taking, lambda: None)
        if call.hands_back:
            return lambda: self._ask(invariants.HANDING_BACK, taking, lambda: None)
        # Deleted after the scaler had put on record what it takes: nobody could know.
        gone = podsize is None and self.world.perturbed & _DELETES
        checks = {} if gone else invariants.TAKING
        return lambda: self._ask(checks, taking, lambda: self.memory.taken(taking))

    def _before_resizing(self, subject: Subject, call: Call) -> Callable[[], None] | None:
        etcd, key = self.world.etcd, call.where.key
        pod, owner = self._pod_of(call)
        if pod is None or owner is None:
            return None
        podsize = facts.podsize_for(etcd, owner)
        _, version = self._fresh.get(call.actor, (-1, etcd.version))
        seen = etcd.state("pods", version).get(key, pod)
        # Deleted since it was asked for: nobody could know.
        gone = podsize is None and self.world.perturbed & _DELETES

        def judge() -> None:
            asked = etcd.get("pods", key) or pod
            resizing = invariants.Resizing(
                self.world, subject, self.memory, pod, owner, podsize, seen, asked
            )
            self._ask({} if gone else invariants.RESIZING, resizing, lambda: None)

        return judge

    def _written(self, subject: Subject, call: Call, before: Json | None) -> None:
        after = self.world.etcd.get("podsizes", call.where.key)
        old, new = facts.podsize_of(before), facts.podsize_of(after)
        if old is None or new is None:
            return
        writing = invariants.Writing(self.world, subject, self.memory, old, new)
        self._ask(invariants.WRITING, writing, lambda: self.memory.resized(writing))
        self.world.counts.halvings += len(writing.fresh(Reason.HALVED))

    def _patched(self, came: Json, made: Json) -> None:
        patched = invariants.Patched(self.world, self.memory, came, made)
        self._ask(invariants.PATCHED, patched, lambda: None)

    def _cycle(self, subject: Subject, plans: list[Plan]) -> None:
        self.world.counts.steps += 1
        cycle = invariants.Cycle(self.world, subject, self.memory, plans)
        self.memory.looked(subject)
        self._ask(invariants.CYCLE, cycle, lambda: self.memory.recovered(self.world))

    def _ask(self, checks: dict[str, Callable[[T], str | None]], about: T, then: object) -> None:
        for name, check in checks.items():
            if detail := check(about):
                self._found(name, detail)
        assert callable(then)
        then()


def _asked(call: Call) -> str:
    """Who asks for what: more than the call's path says."""
    meta = call.body.get("metadata") or {}
    status = call.body.get("status") or {}
    size = (status.get("size") or {}) if isinstance(status, dict) else {}
    probed = (meta.get("annotations") or {}).get(PROBE_FOR, "")
    about = f"{meta.get('name', '')} {size.get('revision', '')} {probed}"
    return f"{call.actor} {call} {sorted(meta)} {about}"


class _Errors(logging.Handler):
    """Exceptions that the product caught at its edges: in a simulation each is a mistake."""

    def __init__(self, found: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        """A record with a traceback is a violation."""
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            self._found(f"{record.getMessage()}: {type(error).__name__}: {error}")


__all__ = ["Judge", "Key"]
