"""What was decided on each kind of node, as one outcome with one size. Pure.

| a class                                           | in the size that is stored                   |
| ------------------------------------------------- | -------------------------------------------- |
| of which another size was decided on, or that has | listed, with what was decided                |
| an entry                                          |                                              |
| no class has an entry, and none gets one          | not listed: the default is for all           |
| another gets its first entry, and usage of this   | listed, with what it has now: it keeps that, |
| one is known                                      | whatever becomes of the default              |
| its usage is not known yet                        | as another's, by their speeds                |
|                                                   | (first_size.py); else not listed             |
| has no pod any more                               | its entry stays: it may come back. Of more   |
|                                                   | than 32 entries those of such classes go     |
| sizes by kind of node are no longer asked for     | none is listed, as a new revision            |
"""

from collections.abc import Sequence

from msgspec.structs import replace

from kube import pods
from scaler.cluster import class_view
from scaler.cluster.view import View
from scaler.model import Decision
from scaler.sizing.decide import Decided
from scaler.sizing.evidence import Watched
from scaler.usage.window import SECONDS, Minute, NoMinute
from store.injection import inject
from store.model import Apply, ClassSize, StoredSize
from store.reasons import Reason

ENTRIES = 32
"""Classes that a PodSize may list."""
_FIRST = 2 * SECONDS
"""Seconds from a container's start until its first minute is known, which is its second one."""


def named(part: Decided, name: str | None) -> Decided:
    """With the class wherever something is kept, or said, of it."""
    on = "" if name is None else f"on {name}: "
    return replace(
        part,
        node_class=name,
        message=on + part.message,
        decisions=tuple(
            Decision(
                *(d.container, d.resource, d.target, d.reason, on + d.message),
                *(d.pressure, d.urgent, name),
            )
            for d in part.decisions
        ),
        stretches={class_view.keyed(c, name): s for c, s in part.stretches.items()},
        quiet=tuple(replace(q, node_class=name) for q in part.quiet),
    )


def size(view: View, parts: Sequence[Decided], watched: Watched) -> StoredSize | None:
    """One size of the outcomes; the stored one itself where nothing differs."""
    old = view.size
    listed = {c.name: c for c in old.classes} if old else {}
    differing = [p for p in parts if _differs(view, p)]
    entries = dict(listed)
    for part in parts:
        name = part.node_class
        if name is None or not (listed or any(p.node_class for p in differing)):
            continue
        if name in listed or part in differing or _known(view, name, watched):
            entries[name] = ClassSize(name, part.size.containers if part.size else ())
    default = next((p.size for p in parts if p.node_class is None), None)
    leading = next((p.size for p in (*differing, *parts) if p.size), None)
    if leading is None:
        return None
    made = replace(
        leading,
        revision=view.next_revision if differing or old is None else old.revision,
        containers=default.containers if default else (),
        classes=_bounded(view, tuple(entries[name] for name in sorted(entries))),
    )
    if not differing and view.status.retreated:
        made = replace(made, apply=Apply.NEW)  # rolled back on one kind, it is for new pods of all
    return old if made == old else made


def _differs(view: View, part: Decided) -> bool:
    """Whether new pods on that kind of node would get other values."""
    stored, size = view.size, part.size
    return (stored.revision if stored else 0) != (size.revision if size else 0)


def _known(view: View, name: str, watched: Watched) -> bool:
    return used(class_view.of(view, name), watched)


def used(its: View, watched: Watched) -> bool:
    """Whether anything is known of what its pods use."""
    return any(
        isinstance(watched.minute_of(s.pod, name), Minute)
        for s in its.not_terminating
        for name in s.actual
    )


def awaited(its: View, watched: Watched) -> bool:
    """Whether usage of its pods will be known within two minutes, as they have been there for long:
    the scaler, or their enrolment, is what is new."""
    return any(
        isinstance(minute := watched.minute_of(s.pod, name), NoMinute)
        and minute.reason is Reason.WARMING_UP
        and watched.now - (pods.started(s.pod, name) or watched.now) >= _FIRST
        for s in its.not_terminating
        for name in s.actual
    )


def _bounded(view: View, entries: tuple[ClassSize, ...]) -> tuple[ClassSize, ...]:
    here = set(view.nodes.speeds) if view.nodes else set()
    spare = [c.name for c in entries if c.name not in here]
    gone = set(spare[: max(0, len(entries) - ENTRIES)])
    return tuple(c for c in entries if c.name not in gone)


def with_size(view: View, size: StoredSize | None) -> View:
    if view.podsize is None or size is view.size:
        return view
    status = replace(view.podsize.status, size=size)
    return replace(view, podsize=replace(view.podsize, status=status))


def merged(view: View, parts: Sequence[Decided], size: StoredSize | None) -> Decided:
    """One outcome: reported is what changes, else what is closest to its limit."""

    def due(part: Decided) -> tuple[bool, bool, bool, bool, float]:
        stepped = any(d.target for d in part.decisions)
        here = class_view.has_pods(view, part.node_class)
        pressure = max((d.pressure for d in part.decisions), default=0.0)
        return _differs(view, part), stepped, part.refused, here, pressure

    chosen = max(parts, key=due)
    return replace(
        chosen,
        size=size,
        decisions=tuple(d for p in parts for d in p.decisions),
        wish=next((p.wish for p in parts if p.wish), ()),
        edited=tuple(dict.fromkeys(e for p in parts for e in p.edited)),
        refused=any(p.refused for p in parts),
        stretches={key: one for p in parts for key, one in p.stretches.items()},
        quiet=tuple(q for p in parts for q in p.quiet),
        node_class=None,
        parts=tuple(parts),
    )


def without_classes(view: View, outcome: Decided) -> Decided:
    """Sizes by kind of node are no longer asked for: what of it changes is a line of the log."""
    old, size, after = view.size, outcome.size, outcome.after
    if old is None or size is None or after is None:
        return outcome
    came = {c: s.original[c] for s in view.states[-1:] for c in s.original}
    gone = [
        Decided(size, Reason.OPTED_OUT, "", before=inject(old.of_class(c.name), came), after=after)
        for c in old.classes
    ]
    parts = [
        replace(part, node_class=c.name)
        for part, c in zip(gone, old.classes, strict=True)
        if part.before != after
    ]
    if size.revision == old.revision and parts:
        size = replace(size, revision=view.next_revision)
    why = "sizes by kind of node are no longer asked for: all pods get the default"
    return replace(
        outcome, size=size, reason=Reason.OPTED_OUT, message=why, parts=(outcome, *parts)
    )
