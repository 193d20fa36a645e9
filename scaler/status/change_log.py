"""What a new size changes, line by line, newest first. Pure.

Every revision has at least one line: the highest one is looked up here when the workload comes
back, and so is the time at which a size was written.

| container and resource                  | from              | to                  | reason       |
| --------------------------------------- | ----------------- | ------------------- | ------------ |
| stepped by the policy                   | what new pods got | what they get       | the policy's |
| edited in the manifest                  | the stored value  | the manifest's      | as decided   |
| in the size, its container is gone      | the stored value  | none                | as decided   |
| moved otherwise (a hand, handed back)   | what new pods got | what they get       | as decided   |
"""

from collections.abc import Iterator
from dataclasses import replace

from kube import timestamps
from scaler.cluster.view import View
from scaler.sizing.decide import Decided
from store import amounts
from store.injection import governed
from store.model import Size, Status
from store.reasons import Reason
from store.records import Change

LONGEST = 20
"""Lines that are kept."""


def changes(view: View, decided: Decided, now: float) -> tuple[Change, ...]:
    """The history with the lines of `decided` before the others."""
    old = view.status.changes
    revision = decided.size.revision if decided.size else 0
    at = timestamps.text(max([now, *_made(view)]))
    new = [
        Change(at, revision, name, resource, before, after, reason)
        for name, resource, before, after, reason in _lines(view, decided)
    ]
    return (*new, *old)[:LONGEST]


def dated(status: Status, old: Status, now: float) -> Status:
    """`status` with the lines that `old` has not as old as their write, which is `now`.

    Since they were decided a call for another workload may have hung, and a pod may have come that
    no webhook could give this size.
    """
    at = timestamps.text(now)
    lines = (c if c in old.changes else replace(c, at=max(c.at, at)) for c in status.changes)
    return replace(status, changes=tuple(lines))


def _made(view: View) -> Iterator[float]:
    """When the pods that are there were made: by the API server's clock, which ours may be behind.

    No pod that was there as a size was written may ever look as if it were made after it.
    """
    times = (timestamps.seconds(p.metadata.creation_timestamp) for p in view.pods)
    return (at for at in times if at is not None)


_Line = tuple[str, str, str | None, str | None, Reason]


def _lines(view: View, decided: Decided) -> Iterator[_Line]:
    before, after = dict(decided.before or {}), decided.after or {}
    stored = {c.name: c.size for c in view.size.containers} if view.size else {}
    stepped = {(d.container, d.resource): d.reason for d in decided.decisions if d.target}
    for name in dict.fromkeys([*after, *stored]):
        for resource in amounts.RESOURCES:
            gone = name not in after and governed(stored[name], resource)
            told = gone or (name, resource) in decided.edited
            was = stored.get(name) if told else before.get(name)
            if told or _moved(was, after.get(name), resource):
                texts = amounts.text(was, resource), amounts.text(after.get(name), resource)
                yield name, resource, *texts, stepped.get((name, resource), decided.reason)


def _moved(was: Size | None, becomes: Size | None, resource: str) -> bool:
    return not amounts.same(was or Size(), becomes or Size(), resource)
