"""What a new size changes, line by line, newest first. Pure.

Of the lines that no longer fit, the newest kill of each container stays: what followed it is a
floor for days (policies/memory.py).

Every revision has at least one line. The highest revision is looked up here when the workload is
enrolled again, and so is the time at which a size was written.

| container and resource                  | from              | to                  | reason       |
| --------------------------------------- | ----------------- | ------------------- | ------------ |
| stepped by the policy                   | what new pods got | what they get       | the policy's |
| edited in the manifest                  | the stored value  | the manifest's      | as decided   |
| in the size, its container is gone      | the stored value  | none                | as decided   |
| changed otherwise (set or handed back)  | what new pods got | what they get       | as decided   |

Whoever opts out and in again, time after time, uses up no more lines than by doing so once: what
that brings is the same each time, and its newest line takes the place of the one before.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from kube import timestamps
from scaler.cluster.view import View
from scaler.policies import table
from scaler.sizing.decide import Decided
from store import amounts
from store.injection import governed
from store.model import Size, Status
from store.reasons import Reason
from store.records import Change

LONGEST = 20
"""Lines that are kept."""


def changes(view: View, decided: Decided, now: float) -> tuple[Change, ...]:
    """The log with the lines of `decided` before the others."""
    old = view.status.changes
    revision = decided.size.revision if decided.size else 0
    at = timestamps.text(max([now, *_made(view)]))
    new = [
        Change(at, revision, *line, part.node_class)
        for part in decided.each
        for line in _lines(view, part)
    ]
    again = {_what(c) for c in new if _enrols(view, c)}
    return _cut((*new, *(c for c in old if _what(c) not in again)))


def _cut(lines: tuple[Change, ...]) -> tuple[Change, ...]:
    """The newest lines, and the newest of each floor among the others."""
    kept, others = lines[:LONGEST], lines[LONGEST:]
    known = {_of(c) for c in kept if table.floors(c)}
    for line in others:
        key = _of(line)
        if table.floors(line) and key not in known:
            known.add(key)
            kept = (*_without_one(kept), line)
    return kept


def _without_one(kept: tuple[Change, ...]) -> tuple[Change, ...]:
    """One line less: the oldest that is not a floor, and never the newest."""
    spare = [n for n, c in enumerate(kept) if n and not table.floors(c)]
    return kept if not spare else (*kept[: spare[-1]], *kept[spare[-1] + 1 :])


def dated(status: Status, old: Status, now: float) -> Status:
    """`status`, with each line that `old` lacks dated no earlier than its write, at `now`.

    Between decision and write a call for another workload may have hung, and a pod may have been
    created that the webhook could not give this size yet.
    """
    at = timestamps.text(now)
    lines = (c if c in old.changes else replace(c, at=max(c.at, at)) for c in status.changes)
    return replace(status, changes=tuple(lines))


def _enrols(view: View, line: Change) -> bool:
    """Whether it comes of opting in or out: of the workload, or of one container."""
    last = next((c for c in view.status.changes if _of(c) == _of(line)), None)
    out = Reason.OPTED_OUT
    return view.size is None or line.reason is out or (last is not None and last.reason is out)


def _of(change: Change) -> tuple[str, str, str | None]:
    return change.container, change.resource, change.node_class


def _what(change: Change) -> tuple[object, ...]:
    return *_of(change), change.before, change.after, change.reason


def _made(view: View) -> Iterator[float]:
    """When the existing pods were created, by the API server's clock; ours may lag behind it.

    A pod that existed when a size was written must never look as if it were created afterwards.
    """
    times = (timestamps.seconds(p.metadata.creation_timestamp) for p in view.pods)
    return (at for at in times if at is not None)


_Line = tuple[str, str, str | None, str | None, Reason]


def _lines(view: View, decided: Decided) -> Iterator[_Line]:
    before, after = dict(decided.before or {}), decided.after or {}
    size = view.size.of_class(decided.node_class) if view.size else None
    stored = {c.name: c.size for c in size.containers} if size else {}
    stepped = {(d.container, d.resource): d.reason for d in decided.decisions if d.target}
    for name in dict.fromkeys([*after, *stored]):
        for resource in amounts.RESOURCES:
            gone = name not in after and governed(stored[name], resource)
            by_manifest = gone or (name, resource) in decided.edited
            was = stored.get(name) if by_manifest else before.get(name)
            if by_manifest or _changed(was, after.get(name), resource):
                texts = amounts.text(was, resource), amounts.text(after.get(name), resource)
                yield name, resource, *texts, stepped.get((name, resource), decided.reason)


def _changed(was: Size | None, becomes: Size | None, resource: str) -> bool:
    return not amounts.same(was or Size(), becomes or Size(), resource)
