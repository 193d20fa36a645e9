"""From what was decided on a workload to the next action: the first of CHECKS that answers. Pure.

docs/checks.md has the checks as a table.
"""

from msgspec.structs import replace

from scaler.checks import Checks
from scaler.cluster import backoff, modes
from scaler.health import restarting
from scaler.model import Action, Plan, Standing, Write
from scaler.planning import claim, restart_on_resize, rollback, summary
from scaler.planning.apply_case import ApplyCase, following
from scaler.resizing.resize_case import Way
from scaler.sizing.decide import Decided
from scaler.status import change_log, update
from store.model import ContainerSize, Phase, Status
from store.reasons import Reason
from store.records import BackOff, Quiet


def does_not_work(case: ApplyCase) -> Plan | None:
    """Pods cannot live with their size: roll it back, then replace these pods (rollback.py),
    `RolledBack`; but not where the template has changed since, `TemplateChanged`."""
    unhealthy = rollback.RollbackCase(case.view, case.podsize, case.settings, case.context)
    undone = rollback.plan(unhealthy)
    return replace(undone, decisions=case.decided.decisions) if undone else None


def cannot_be_lowered(case: ApplyCase) -> Plan | None:
    """With `strategy: resize`, a kubelet has failed to lower a memory limit in time (pod_step.py):
    roll the size back, `RolledBack`; the pod is then asked for what it has."""
    if case.stopped or case.context.limits.dry_run:
        return None
    if (found := case.stored.step(Way.ROLL_BACK)) is None:
        return None
    unhealthy = rollback.RollbackCase(case.view, case.podsize, case.settings, case.context)
    undone = rollback.of_pod(unhealthy, found[0], found[1].why)
    return replace(undone, decisions=case.decided.decisions) if undone else None


def only_observed(case: ApplyCase) -> Plan | None:
    """It is only observed: the status says what would be done, `Observing`."""
    if not modes.only_observes(case.view, case.settings):
        return None
    message = summary.would(case.decided)
    return _wished(case, Standing(Phase.OBSERVING, Reason.OBSERVING, message))


def in_back_off(case: ApplyCase) -> Plan | None:
    """A size is set by hand, but one was rolled back recently and the PodSize was not edited since:
    the stored size stays until the back-off is over."""
    by_hand = case.decided.reason is Reason.MANUAL
    return _continued(case.kept) if by_hand and _held(case) else None


def paused(case: ApplyCase) -> Plan | None:
    """It should get another size, but is paused: the status says what would be done, `Paused`."""
    if not case.stopped or not _revised(case):
        return None
    message = f"{case.stopped}; {summary.would(case.decided)}"
    return _wished(case, Standing(Phase.BLOCKED, Reason.PAUSED, message))


def another_size(case: ApplyCase) -> Plan | None:
    """It should get another size: write it, and replace no pod before a watch shows that write."""
    return _changed(case) if _revised(case) else None


def pods_and_status(case: ApplyCase) -> Plan:
    """Its size is stored: replace one of the pods that do not have it, or say why not ("May a pod
    be replaced now"). Where all have it, write the status if it says something new."""
    return _continued(case.kept if case.stopped else case)


def _held(case: ApplyCase) -> Standing | None:
    return rollback.held(case.view, case.context.now, edited=case.edited)


def _revised(case: ApplyCase) -> bool:
    """Whether new pods would get other values."""
    revisions = [s.revision if s else 0 for s in (case.view.size, case.decided.size)]
    return revisions[0] != revisions[1]


def _continued(case: ApplyCase) -> Plan:
    """The decided size is stored; now the pods follow."""
    view, podsize, decided, now = case.view, case.podsize, case.decided, case.context.now
    old, next_step = podsize.status, following(case)
    taken_back = next_step.in_place is Way.WITHDRAW
    shown = replace(next_step, pod=None) if taken_back else next_step
    standing = summary.standing(old, decided, shown, edited=case.edited)
    if next_step.reason is None and (back_off := _held(case)):
        standing = back_off
    standing = summary.lingering(standing, next_step.lingering)
    if next_step.pod is None and next_step.reason is None:
        restarts = restarting.message(view, now, case.context.minute_of)
        standing = summary.unmeasured(standing, decided, restarts)
    observed = tuple(c for c in decided.wish if not modes.acts(case.settings, c.name))
    new = _with(
        old,
        size=decided.size,
        wish=_wish(case, observed),
        quiet=decided.quiet,
        start_ups=case.context.start_ups_of(view),
        restart_on_resize=restart_on_resize.asked(case),
    )
    if next_step.failed:
        new = replace(
            new, backoff=backoff.failed(old.backoff, now, standing.reason, standing.message)
        )
    if next_step.proven:
        # That an older size works proves nothing about the one that did not.
        kept = old.backoff if old.retreated else BackOff()
        new = _with(new, last_good=decided.size, backoff=kept)
    if next_step.in_place and new.size != old.size:  # not stored yet that running pods get it
        next_step = replace(next_step, pod=None)
    action = (
        claim.resize(view, next_step)
        or claim.claim(view, podsize, new, next_step, now)
        or update.written(view, podsize, new, standing, now)
    )
    planned = _planned(case, standing, action)
    return replace(planned, in_flight=True) if next_step.in_flight else planned


def _wished(case: ApplyCase, standing: Standing) -> Plan:
    """Nothing changes but the status, which says what would be done."""
    wish = _wish(case, case.decided.wish)
    learnt = case.context.start_ups_of(case.view)
    new = replace(
        case.podsize.status,
        wish=wish,
        quiet=case.decided.quiet,
        start_ups=learnt,
        restart_on_resize=restart_on_resize.asked(case),
    )
    action = update.written(case.view, case.podsize, new, standing, case.context.now)
    return _planned(case, standing, action)


def _wish(case: ApplyCase, wish: tuple[ContainerSize, ...]) -> tuple[ContainerSize, ...]:
    """A wish stays until usage is clearly lower, so that it is not written again and again."""
    old, due = case.podsize.status.wish, any(d.target for d in case.decided.decisions)
    return old if old and not due and not case.edited and summary.hot(case.decided) else wish


def _changed(case: ApplyCase) -> Plan:
    """A new size is written first, alone; pods follow once a watch has shown that write."""
    view, podsize, decided, now = case.view, case.podsize, case.decided, case.context.now
    standing = Standing(Phase.APPLYING, decided.reason, decided.message)
    new = replace(
        podsize.status,
        size=decided.size,
        wish=(),
        quiet=_same_size(decided),
        start_ups=case.context.start_ups_of(view),
        restart_on_resize=restart_on_resize.asked(case),
        changes=change_log.changes(view, decided, now),
    )
    new = update.stated(view, podsize, new, standing, now)
    return _planned(case, standing, Write(view.workload, new, podsize.resource_version))


def _with(old: Status, **fields: object) -> Status:
    """The status with these fields; the same object where nothing differs."""
    for name, value in fields.items():
        if getattr(old, name) != value:
            return replace(old, **fields)
    return old


def _same_size(decided: Decided) -> tuple[Quiet, ...]:
    """The quiet of containers whose size stays; with another size it starts over."""
    return tuple(q for part in decided.each for q in part.quiet if _stays(part, q.name))


def _stays(decided: Decided, name: str) -> bool:
    before, after = decided.before or {}, decided.after or {}
    return before.get(name) == after.get(name) and (name, "cpu") not in decided.edited


def _planned(case: ApplyCase, standing: Standing, action: Action) -> Plan:
    decided, workload = case.decided, case.view.workload
    return Plan(workload, standing, action, decided.decisions, stretches=decided.stretches)


CHECKS = Checks(
    "What is to be done about a workload that has a size",
    (does_not_work, cannot_be_lowered, only_observed, in_back_off, paused, another_size),
    pods_and_status,
)
