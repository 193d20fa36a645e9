"""What must hold where sizes are by kind of node; what a kind is: tests/simulation/kinds.py."""

from collections.abc import Mapping

from kube import quantity
from store.annotations import SPEED
from store.injection import inject
from store.model import ClassSize, Size
from store.reasons import Reason
from store.records import Change
from tests.simulation import facts, kinds
from tests.simulation.etcd import Json, Key
from tests.simulation.invariants import minutes
from tests.simulation.invariants.about import Patched, Resizing, Writing, every_kind, keyed, values
from tests.simulation.invariants.registry import when_patched, when_resizing, when_writing
from tests.simulation.invariants.writing import first_of_kind
from tests.simulation.perturbing import CLOCK_STEPS

_ENTRIES = 32
_STOOD = 15.0
"""Seconds after which each webhook that is up knows what was written."""
_USED = (Reason.DOUBLED, Reason.THROTTLED, Reason.TRACKED)
_SLOWEST, _FASTEST, _MOST = 0.01, 100.0, 8.0


@when_writing("without `per-node: on` no size of a kind of node is ever written")
def off_means_none(w: Writing) -> str | None:
    if w.known is None or facts.annotation(w.known, "per-node") == "on":
        return None
    before = _listed(w, old=True)
    new = [name for name, one in _listed(w).items() if before.get(name) != one]
    return f"{w.new.name}: {new}" if new else None


@when_writing("a kind of node that is not there keeps its size until it comes back")
def vanished_kinds_keep(w: Writing) -> str | None:
    if w.known is None or w.new.status.size is None or _asked_anew(w):
        return None
    here: set[str | None] = set()
    for nodes in (w.subject.knows("nodes"), w.world.etcd.all("nodes")):
        here.update(map(kinds.said_by, nodes.values()))
    before, after = _listed(w, old=True), _listed(w)
    gone = [name for name in before if name not in here and before[name] != after.get(name)]
    bounded = len(before) < _ENTRIES and facts.annotation(w.known, "per-node") == "on"
    return f"{w.new.name}: {gone}: {before} to {after}" if gone and bounded else None


@when_writing("a size that is rolled back on one kind of node stays what it is on all others")
def back_on_that_kind_alone(w: Writing) -> str | None:
    size, old = w.new.status.size, w.old.status.size
    if not w.taken_back or size is None or old is None or not old.classes:
        return None
    had, has = (
        {k: _containers(s.of_class(k).containers) for k in every_kind(size, old)}
        for s in (old, size)
    )
    changed = [k for k in had if had[k] != has[k]]
    listed = set(_listed(w, old=True))
    own = [k for k in changed if k is None or k in listed]
    return f"{w.new.name}: {own}: {w.new.status.message}" if len(own) > 1 else None


@when_writing("what is raised on a kind of node was used there, for a minute, and nowhere else")
def moves_are_no_need(w: Writing) -> str | None:
    old, new = dict(values(w.old)), dict(values(w.new))
    for change in (c for reason in _USED for c in w.fresh(reason) if c.node_class is not None):
        key = keyed(change.container, change.node_class)
        ours = change.resource == "cpu" and _grew(change) and old.get(key) != new.get(key)
        if ours and not first_of_kind(w, change) and not _ran_there(w, change):
            return f"{w.new.name}: {change}"
    return None


@when_writing("the first size of a kind of node is another's by the ratio of speeds, 8 at most")
def first_by_the_ratio(w: Writing) -> str | None:
    for change in (c for reason in _USED for c in w.fresh(reason) if c.resource == "cpu"):
        kind = change.node_class
        said = w.new.status.message
        named = f"{change.container} has no usage on {kind} yet, and starts" in said
        if not first_of_kind(w, change) or kind is None or not (named or not _ran_there(w, change)):
            continue
        most = max(_by_ratio(w, change, kind, nodes) for nodes in _states(w))
        if quantity.cpu(change.after or "0") > most + 1:
            return f"{w.new.name}: {change}, at most {most:.0f}m"
    return None


@when_resizing("no pod is resized for a label of its node that is younger than half a minute")
def young_labels_wait(r: Resizing) -> str | None:
    if facts.annotation(r.known, "per-node") != "on":
        return None
    node = r.subject.knows("nodes").get(("", r.pod["spec"].get("nodeName", "")))
    written = kinds.written(node) if node else None
    age = None if written is None else r.subject.began - written
    if age is None or not 0 <= age < kinds.STANDS - 1.0:
        return None
    if facts.sizes_of(r.asked) == facts.has(r.pod):
        return None  # what was asked for before is taken back
    return f"{r.name}: the label is {age:.0f} s old"


@when_patched("a pod whose kind of node is known as it is made has the size of that kind")
def made_for_its_kind(p: Patched) -> str | None:
    podsize = facts.podsize_for(p.world.etcd, p.owner)
    size, now = facts.size_of(podsize), p.world.timeline.now
    if podsize is None or p.owner is None or size is None or not size.classes:
        return None
    written = p.memory.written.get((podsize.uid, size.revision), now)
    if facts.revision_of(p.made) != size.revision or now - written < _STOOD:
        return None
    nodes = p.world.etcd.all("nodes")
    kind = kinds.selected(p.came, nodes, kinds.of_nodes(nodes, now))
    before = kinds.selected(p.came, nodes, kinds.of_nodes(nodes, now - _STOOD))
    on = facts.annotation(p.owner, "per-node") == "on"
    fresh = any(at > now - _STOOD for its in p.world.kinds.said.values() for at, _ in its)
    listed = {c.name for c in size.classes}
    if not on or fresh or kind != before or kind not in listed:
        return None
    came, had = facts.came_with(p.made), facts.sizes_of(p.made)
    own = size.of_class(kind)
    if inject(own, came) == had or facts.refused_for_class(p.came, own):
        return None
    return f"{p.made['metadata']['name']} for {kind}: {had}, not {inject(own, came)}"


def _listed(w: Writing, *, old: bool = False) -> Mapping[str, list[tuple[str, Size]]]:
    size = (w.old if old else w.new).status.size
    return {c.name: _own(c) for c in size.classes} if size else {}


def _own(entry: ClassSize) -> list[tuple[str, Size]]:
    return _containers(entry.containers)


def _containers(found: tuple[object, ...]) -> list[tuple[str, Size]]:
    return [(c.name, c.size) for c in found]  # type: ignore[attr-defined]


def _asked_anew(w: Writing) -> bool:
    """Whether the manifest, or a hand, changed what counts for all kinds."""
    asked = (Reason.MANIFEST_CHANGED, Reason.MANUAL, Reason.OPTED_OUT)
    return any(w.fresh(reason) for reason in asked) or w.old.generation != w.new.generation


def _grew(change: Change) -> bool:
    return quantity.cpu(change.before or "0") < quantity.cpu(change.after or "0")


def _ran_there(w: Writing, change: Change) -> bool:
    """Whether a container of it can have been measured on that kind of node for a minute."""
    now, name = w.world.timeline.now, (w.new.workload.name, change.container)
    oldest = now - minutes.OLDEST - w.subject.settings.interval - 30.0
    for counter in w.world.kubelets.counters.all.get(name, []):
        counts = minutes.counts(w.world, counter, change.node_class)
        if minutes.at_limit(counter, oldest, 0.0, 1, counts):
            return True
    return bool(w.world.perturbed & CLOCK_STEPS)


def _states(w: Writing) -> list[Mapping[Key, Json]]:
    return [w.subject.knows("nodes"), w.world.etcd.all("nodes")]


def _by_ratio(w: Writing, change: Change, kind: str, nodes: Mapping[Key, Json]) -> float:
    """Millicores that its first size may be at most."""
    size, before = w.new.status.size, float(quantity.cpu(change.before or "0"))
    speeds: dict[str, float] = {}
    for node in nodes.values():
        if its := kinds.said_by(node):
            speeds[its] = min(speeds.get(its, _FASTEST), _speed(node))
    most = 0.0
    for other in size.classes if size else ():
        if other.name == kind or other.name not in speeds or kind not in speeds:
            continue
        ratio = min(max(speeds[other.name] / speeds[kind], 1 / _MOST), _MOST)
        given = [c for c in other.containers if c.name == change.container]
        amounts = [a for c in given for s in (c.size, c.basis) for a in _cpu(s)]
        most = max(
            most, ratio * max(amounts, default=before)
        )  # the manifest's, where none is named
    return max(most, before)


def _cpu(size: Size) -> list[int]:
    return [a for a in (size.requests.cpu, size.limits.cpu) if a is not None]


def _speed(node: Json) -> float:
    """What a node says of its speed, as a plain number from 0.01 to 100; else 1."""
    meta = node["metadata"]
    labels = meta.get("labels") or {}
    text = str((meta.get("annotations") or {}).get(SPEED, labels.get(SPEED, "")))
    value = float(text) if text.replace(".", "", 1).isdigit() else 0.0
    return value if _SLOWEST <= value <= _FASTEST else 1.0
