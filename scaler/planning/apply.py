"""From what was decided on a workload to the next action. Pure.

| the workload                             | the action                                    |
| ---------------------------------------- | --------------------------------------------- |
| has a size that does not work            | take it back: see rollback.py                 |
| is only observed                         | the wish, `Observing`                         |
| should have another size, but is paused  | the wish, `Paused`                            |
| should by hand, but one was taken back a | nothing, `RolledBack`                         |
| moment ago, and it was not edited since  |                                               |
| should have another size                 | write it, and take no pod before that is seen |
| has pods with old values                 | take one, or say why not                      |
| otherwise                                | the status, where it says something new       |
"""

from dataclasses import dataclass, replace

from kube import objects
from scaler.annotations.options import Disruption, Settings
from scaler.cluster import backoff, modes
from scaler.cluster.pod_sizes import came_with
from scaler.cluster.view import View
from scaler.model import Action, Standing, Verdict, Write
from scaler.planning import claim, rollback, summary
from scaler.planning.context import Context
from scaler.replacement import next_pod, surge
from scaler.replacement.candidate import Next
from scaler.sizing.decide import Decided
from scaler.status import change_log, update
from store.injection import inject
from store.model import BackOff, ContainerSize, Phase, PodSize, Quiet, Status
from store.reasons import Reason


@dataclass(frozen=True)
class ApplyCase:
    """One enrolled workload with a PodSize, and what was decided on it."""

    view: View
    podsize: PodSize
    settings: Settings
    decided: Decided
    context: Context

    @property
    def edited(self) -> bool:
        """Whether people have edited the PodSize since the status was written."""
        return self.podsize.status.observed_generation != self.podsize.generation


def verdict(case: ApplyCase) -> Verdict:
    """The table above."""
    decided = case.decided
    if undone := rollback.verdict(
        rollback.RollbackCase(case.view, case.podsize, case.settings, case.context)
    ):
        return replace(undone, decisions=decided.decisions)
    stopped = next_pod.stopped(case.settings, case.context.limits)
    if modes.only_observes(case.view, case.settings):
        told = Standing(Phase.OBSERVING, Reason.OBSERVING, summary.would(decided))
        return _wished(case, told)
    held = decided.reason is Reason.MANUAL and _held(case)
    if _revised(case) and not held:
        if stopped:
            message = f"{stopped}; {summary.would(decided)}"
            return _wished(case, Standing(Phase.BLOCKED, Reason.PAUSED, message))
        return _changed(case)
    if stopped or held:
        case = replace(case, decided=replace(decided, size=case.view.size))
    return _continued(case, _following(case))


def _held(case: ApplyCase) -> Standing | None:
    return rollback.held(case.view, case.context.now, edited=case.edited)


def _revised(case: ApplyCase) -> bool:
    """Whether new pods would get something else."""
    revisions = [s.revision if s else 0 for s in (case.view.size, case.decided.size)]
    return revisions[0] != revisions[1]


def _following(case: ApplyCase) -> Next:
    """What is to be done about the pods, the size being as decided."""
    view, size, sizes = case.view, case.decided.size, case.decided.before or {}
    if size is not view.size:
        status = replace(case.podsize.status, size=size)
        view = replace(view, podsize=replace(case.podsize, status=status))

    def unable(pod: objects.Pod) -> str | None:
        its = inject(size, came_with(pod))
        return surge.unable(view, case.settings, pod, its, case.context.surge)

    return next_pod.next_pod(
        view,
        case.settings,
        replace(case.context.limits, deletes=_deletes(case), there=case.context.there(view)),
        next_pod.Doubts(
            lambda pods: case.context.obstacle(pods, sizes),
            lambda pods: case.context.quota(view, pods, sizes),
            unable,
        ),
        case.context.now,
    )


def _deletes(case: ApplyCase) -> bool:
    return case.settings.disruption is Disruption.DELETE and case.context.unfenced is None


def _continued(case: ApplyCase, following: Next) -> Verdict:
    """The store says what was decided; now the pods."""
    view, podsize, decided, now = case.view, case.podsize, case.decided, case.context.now
    old = podsize.status
    told = summary.standing(old, decided, following, edited=case.edited)
    if following.reason is None and (waiting := _held(case)):
        told = waiting
    observed = tuple(c for c in decided.wish if not modes.acts(case.settings, c.name))
    new = _with(old, size=decided.size, wish=_wish(case, observed), quiet=decided.quiet)
    if following.failed:
        new = replace(new, backoff=backoff.failed(old.backoff, now, told.reason))
    if following.proven:
        # That an older size works says nothing about the one that did not.
        waited = old.backoff if old.retreated else BackOff()
        new = _with(new, last_good=decided.size, backoff=waited)
    action = claim.claim(view, podsize, new, following, now) or update.written(
        view, podsize, new, told, now
    )
    said = _said(case, told, action)
    return replace(said, in_flight=True) if following.in_flight else said


def _wished(case: ApplyCase, told: Standing) -> Verdict:
    """Nothing changes but what the status says would be."""
    wish = _wish(case, case.decided.wish)
    new = replace(case.podsize.status, wish=wish, quiet=case.decided.quiet)
    action = update.written(case.view, case.podsize, new, told, case.context.now)
    return _said(case, told, action)


def _wish(case: ApplyCase, wish: tuple[ContainerSize, ...]) -> tuple[ContainerSize, ...]:
    """A wish stays until usage is clearly lower, so that none is written again and again."""
    old, due = case.podsize.status.wish, any(d.target for d in case.decided.decisions)
    return old if old and not due and not case.edited and summary.hot(case.decided) else wish


def _changed(case: ApplyCase) -> Verdict:
    """A new size: it is written first, alone; pods follow once the store is seen to say it."""
    view, podsize, decided, now = case.view, case.podsize, case.decided, case.context.now
    told = Standing(Phase.APPLYING, decided.reason, decided.message)
    new = replace(
        podsize.status,
        size=decided.size,
        wish=(),
        quiet=_unmoved(decided),
        changes=change_log.changes(view, decided, now),
    )
    new = update.stated(view, podsize, new, told, now)
    return _said(case, told, Write(view.workload, new, podsize.resource_version))


def _with(old: Status, **fields: object) -> Status:
    """The status with other fields; the same object where they are no others."""
    return old if all(getattr(old, n) == v for n, v in fields.items()) else replace(old, **fields)  # type: ignore[arg-type]


def _unmoved(decided: Decided) -> tuple[Quiet, ...]:
    """With another size the quiet of a container starts over."""
    before, after = decided.before or {}, decided.after or {}
    return tuple(
        q
        for q in decided.quiet
        if before.get(q.name) == after.get(q.name) and (q.name, "cpu") not in decided.edited
    )


def _said(case: ApplyCase, told: Standing, action: Action) -> Verdict:
    decided = case.decided
    verdict = Verdict(case.view.workload, told, action, decided.decisions)
    return replace(verdict, stretches=decided.stretches)
