"""One workload: what it is, what is in the way and since when, its changes, its containers. Pure.

| since when                                     | is                                              |
| ---------------------------------------------- | ----------------------------------------------- |
| a stored size has not reached every pod        | the time of the condition `Applied`             |
| anything else                                  | when this process saw phase and reason begin,   |
|                                                | which is later than it was after a restart      |
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

from kube import timestamps
from scaler.annotations.options import BadAnnotation, Settings
from scaler.cluster.view import View
from scaler.model import Decision, Standing
from scaler.page import use
from scaler.page.rows import GONE, Bare, restarts, summary_of
from scaler.page.seen import Known, Noted
from scaler.page.timeline import Series
from scaler.page.use import Use
from scaler.status.conditions import APPLIED
from store.history import change_to_json
from store.model import ContainerSize, Phase, Status
from store.records import Change
from store.sizes import size_to_json


class Blocked(Struct, frozen=True):
    """What is in the way; `since`: RFC 3339, None: not known."""

    reason: str
    message: str
    since: str | None


class Container(Struct, frozen=True):
    """One container, in the pod where it is nearest to its limit.

    `cpu` and `memory`: [used, request, limit] in millicores and bytes; None: no usage is known.
    `checks`: what was decided about each resource in the last cycle, and why.
    """

    name: str
    cpu: list[int | None] | None
    memory: list[int | None] | None
    checks: list[dict[str, str]]
    wish: dict[str, dict[str, str]] | None = None
    """The size that it would get if it were allowed."""


class Detail(Struct, frozen=True):
    """All of one workload. `note`: why the timeline is not whole."""

    at: str
    namespace: str
    kind: str
    name: str
    phase: str
    reason: str
    message: str
    since: str | None
    blocked: Blocked | None
    settings: dict[str, str]
    pods: int
    current: int
    restarts: int
    containers: list[Container]
    changes: Sequence[Mapping[str, object]]
    series: Sequence[Series] = ()
    note: str | None = None
    explained: object = None
    """Every check in its order with its answer, as `python -m scaler explain` has them."""


def detail(view: View, known: Known) -> Detail:
    """What is known of it without its past."""
    workload, status = view.workload, view.status
    noted, plan = known.noted(workload), known.seen.plan_of(workload)
    says, since = summary_of(view, plan, noted), _since(status, noted)
    blocked = says is not None and says.phase is Phase.BLOCKED
    found = use.uses(view, known.minute_of)
    return Detail(
        timestamps.text(known.seen.at),
        workload.namespace,
        workload.kind,
        workload.name,
        str(says.phase) if says else "",
        str(says.reason) if says else "",
        says.message if says else "",
        since,
        _blocked(says, since) if says and blocked else None,
        _settings(view),
        status.pods.total or len(view.pods),
        status.pods.current,
        restarts(noted, status.restarts, known.now),
        [
            _container(name, found, plan.decisions if plan else (), status.wish)
            for name in containers(view)
        ],
        [change_to_json(c) for c in status.changes],
    )


def bare(one: Bare, at: float) -> Detail:
    """One that is no more than named."""
    names = one.workload.namespace, one.workload.kind, one.workload.name
    says = one.phase, one.reason, one.message
    blocked = None if one.phase == GONE else Blocked(one.reason, one.message, None)
    return Detail(timestamps.text(at), *names, *says, None, blocked, {}, 0, 0, 0, [], [])


def containers(view: View) -> list[str]:
    """The names of its containers: of its template, then those that only pods have."""
    names = {c.name: None for c in view.template.containers}
    with suppress(ValueError):  # a quantity that cannot be read, which the status says
        names |= {name: None for state in view.not_terminating for name in state.actual}
    return [*names]


def merged(
    stored: Iterable[Change], recent: Iterable[Mapping[str, object]]
) -> list[Mapping[str, object]]:
    """The changes of the history and of the status, newest first, each once."""
    every = [*map(change_to_json, stored), *recent]
    known = {(c["at"], c["container"], c["resource"], c.get("class")): c for c in every}
    return sorted(known.values(), key=lambda c: (str(c["at"]), c["revision"]), reverse=True)


def _since(status: Status, noted: Noted) -> str | None:
    applied = next((c for c in status.conditions if c.type == APPLIED), None)
    if applied is not None and applied.status == "False":
        return applied.last_transition_time
    return timestamps.text(noted.since) if noted.since is not None else None


def _blocked(says: Standing, since: str | None) -> Blocked:
    return Blocked(str(says.reason), says.message, since)


def _settings(view: View) -> dict[str, str]:
    settings = view.settings
    if isinstance(settings, BadAnnotation):
        return {"mistake": settings.message}
    if not isinstance(settings, Settings):
        return {"mode": "off"}
    found = {
        "mode": settings.mode,
        "policy": settings.default.policy,
        "strategy": settings.strategy,
        "disruption": settings.disruption,
        **({"per-node": "on"} if settings.per_node else {}),
        **({"paused": "true"} if settings.paused else {}),
    }
    return {name: str(value) for name, value in found.items()}


def _container(
    name: str,
    found: Sequence[Use],
    decisions: Sequence[Decision],
    wishes: Sequence[ContainerSize],
) -> Container:
    own = [u for u in found if u.container == name]
    wish = next((c.size for c in wishes if c.name == name), None)
    return Container(
        name,
        _used(own, "cpu"),
        _used(own, "memory"),
        [
            {"resource": d.resource, "reason": str(d.reason), "message": d.message}
            for d in decisions
            if d.container == name
        ],
        size_to_json(wish) if wish else None,
    )


def _used(own: Sequence[Use], resource: str) -> list[int | None] | None:
    one = use.fullest(own, resource)
    return [one.used(resource), *one.size.pair(resource)] if one else None
