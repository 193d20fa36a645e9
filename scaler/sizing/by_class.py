"""Sizes by kind of node: each class decided on by itself, and one size made of the outcomes. Pure.

The same rules decide on each class as on a whole workload, by what its own pods show
(cluster/class_view.py), and the outcomes are stored as one size with one revision
(class_outcome.py).

The default is for pods of which nobody knows the kind of node. Where there are none, nothing but
the manifest and hands change it.
"""

from collections.abc import Callable

from msgspec.structs import replace

from kube import objects
from scaler.annotations.options import Settings
from scaler.cluster import class_view
from scaler.cluster.view import View
from scaler.sizing import class_outcome, decide, first_size, relabelled, starting_point
from scaler.sizing.decide import Decided
from scaler.sizing.evidence import Watched
from scaler.sizing.vetting import Ceiling
from scaler.usage.window import NoMinute
from store.node_classes import NodeClasses
from store.reasons import Reason

CeilingOf = Callable[[View, View], Ceiling]
"""Of a class's view, and the workload's with what was decided on the classes before it."""


def decided(view: View, settings: Settings, watched: Watched, ceiling_of: CeilingOf) -> Decided:
    """What is decided on a workload; `settings` are the view's."""
    nodes = view.nodes
    if nodes is None:
        whole = class_view.of_default(view)
        outcome = decide.decide(whole, settings, watched, ceiling_of(whole, whole))
        return outcome if whole is view else class_outcome.without_classes(view, outcome)
    sofar, parts = view, list[Decided]()
    for name in class_view.classes(view):
        its = class_view.of(view, name)
        about = _watched(watched, view, nodes, name)
        part = _first(view, its, settings, about, (name, ceiling_of(its, sofar)))
        part = part or decide.decide(its, settings, about, ceiling_of(its, sofar))
        parts.append(class_outcome.named(part, name))
        sofar = class_outcome.with_size(sofar, class_outcome.size(view, parts, watched))
    return class_outcome.merged(view, parts, class_outcome.size(view, parts, watched))


def _first(
    view: View,
    its: View,
    settings: Settings,
    watched: Watched,
    about: tuple[str | None, Ceiling],
) -> Decided | None:
    """The first size of a class without usage; None: it has one, or has to wait for usage."""
    name, ceiling = about
    if name is None or view.nodes is None:
        return None
    if class_outcome.used(its, watched) or class_outcome.awaited(its, watched):
        return None
    start = starting_point.start(its, settings, ceiling)
    if start is None or start.sizes != start.case.before:
        return None
    found = first_size.source(view, view.nodes, name, start.case.known.sizes)
    if found is None:
        return None
    decisions = first_size.decided(start.case, start.sizes, name, found, ceiling)
    return decide.first(start, decisions, its) if decisions else None


def _watched(watched: Watched, view: View, nodes: NodeClasses, name: str | None) -> Watched:
    """What is known of the pods of a class alone."""
    settled, has_pods = relabelled.settled(watched, nodes), class_view.has_pods(view, name)
    return replace(
        settled,
        minute_of=settled.minute_of if has_pods else _unknown,
        stretches=class_view.kept(watched.stretches, name),
        long=class_view.kept(watched.long, name),
    )


def _unknown(pod: objects.Pod, container: str) -> NoMinute:
    return NoMinute(Reason.NO_USAGE, "no pod has the default size")
