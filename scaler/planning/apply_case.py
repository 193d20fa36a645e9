"""One workload whose size is decided, and what is to be done about its pods. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from math import inf

from msgspec import Struct
from msgspec.structs import replace

from kube import objects
from kube.memo import computed_once
from scaler.annotations.options import Disruption, Settings, Strategy
from scaler.cluster import backoff
from scaler.cluster.view import View
from scaler.planning.context import Context
from scaler.replacement import next_pod, not_now, overload, surge
from scaler.replacement.candidate import Next, NextCase
from scaler.replacement.prospects import Prospects
from scaler.resizing import burst_guard
from scaler.resizing.resize_case import Terms
from scaler.sizing.decide import Decided
from scaler.usage.window import Minute
from store.model import PodSize, Sizes


class ApplyCase(Struct, frozen=True, dict=True):
    """One enrolled workload with a PodSize, and what was decided on it."""

    view: View
    podsize: PodSize
    settings: Settings
    decided: Decided
    context: Context

    @property
    def edited(self) -> bool:
        """Whether a user has edited the PodSize since the status was written."""
        return self.podsize.status.observed_generation != self.podsize.generation

    @property
    def stopped(self) -> str | None:
        """Why nothing may change at all; None where it may."""
        return not_now.stopped(self.settings, self.context.limits)

    @computed_once
    def stored(self) -> NextCase:
        """Its pods, compared with the size that is stored."""
        return _next_case(self, self.view)

    @property
    def kept(self) -> "ApplyCase":
        """The same, where the stored size stays."""
        return replace(self, decided=replace(self.decided, size=self.view.size))


def following(case: ApplyCase) -> Next:
    """What is to be done about the pods, with the size as decided."""
    return next_pod.next_pod(next_case(case))


def next_case(case: ApplyCase) -> NextCase:
    """The question which of the pods is next."""
    size = case.decided.size
    if size is case.view.size:
        return case.stored
    podsize = replace(case.podsize, status=replace(case.podsize.status, size=size))
    return _next_case(case, replace(case.view, podsize=podsize))


def _next_case(case: ApplyCase, view: View) -> NextCase:
    """`view`: the workload, with the size that its pods are compared with.

    Nothing in it refers to the case, which keeps it: a cycle of references would be left to the
    collector of garbage, for each workload in each cycle.
    """
    context, settings, its_view = case.context, case.settings, case.view
    sizes, asked = case.decided.before or {}, context.surge(its_view)

    def unable(pod: objects.Pod) -> str | None:
        return surge.unable(view, settings, pod, view.gives(pod), asked)

    deletes = settings.disruption is Disruption.DELETE and asked.refused is None
    limits, there = context.limits, context.there(view)
    if deletes or there:
        limits = replace(limits, deletes=deletes, there=there)

    def obstacle(pods: Sequence[objects.Pod]) -> str | None:
        return _first(context.obstacle(some, its) for some, its in _with_sizes(view, pods, sizes))

    def quota(pods: Sequence[objects.Pod]) -> str | None:
        asked_of = _with_sizes(view, pods, sizes)
        return _first(context.quota(view, some, its) for some, its in asked_of)

    prospects = Prospects(
        obstacle,
        quota,
        unable,
        asked.refused is None,
        context.refused(its_view),
        lambda state: overload.why(state, context.minute_of) is not None,
        context.places.silent,
    )
    terms = _resize_terms(case)
    return NextCase(view, settings, limits, prospects, context.now, context.deadline, terms)


def _with_sizes(
    view: View, pods: Sequence[objects.Pod], sizes: Sizes
) -> Iterator[tuple[Sequence[objects.Pod], Sizes]]:
    """These pods with what their replacements get: `sizes`, or by kind of node."""
    if view.nodes is None:
        yield pods, sizes
        return
    for pod in pods:
        yield [pod], view.gives(pod)


def _first(messages: Iterable[str | None]) -> str | None:
    return next((m for m in messages if m), None)


def _resize_terms(case: ApplyCase) -> Terms | None:
    """How the workload's pods are resized in place; None: they are replaced."""
    if case.settings.strategy is not Strategy.RESIZE:
        return None
    context, view = case.context, case.view

    def need(pod: objects.Pod, name: str) -> int | None:
        minute = context.minute_of(pod, name)
        if not isinstance(minute, Minute):
            return None
        return minute.memory if minute.needed_peak is None else minute.needed_peak

    written = backoff.written_at(case.podsize.status)
    return Terms(
        context.now,
        context.resize_deadline,
        lambda state: context.unresizable(view, state.uid),
        need,
        context.places.silent,
        inf if written is None else written,
        burst_guard.holds(case.podsize.status, case.settings, context.now),
    )
