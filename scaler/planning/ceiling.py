"""What no size of a workload may exceed: bounds, LimitRanges, room on nodes, quotas. Pure."""

from kube.pods import counted
from scaler.annotations.options import Settings
from scaler.cluster import class_view, manifest
from scaler.cluster.pod_state import pods
from scaler.cluster.view import View
from scaler.planning.context import Context
from scaler.replacement import surge
from scaler.resizing import burst_guard
from scaler.sizing.vetting import Ceiling
from store.model import Sizes


def ceiling(view: View, settings: Settings, context: Context, whole: View) -> Ceiling:
    """What no size of the workload may exceed.

    `whole`: the workload, of which `view` may have the pods on one kind of node alone. The nodes of
    pods that are resized for their kind of node have to have room for it; of any other, some node.
    """
    side_by_side = frozenset(counted(view.pods[-1])) if view.pods else None
    staying = pods(view.not_terminating)

    def fits(sizes: Sizes) -> str | None:
        if stays := class_view.only_resized(whole, view):
            return context.places.in_place(stays, sizes)
        return surge.obstacle(view, settings, sizes, context.surge(view))

    return Ceiling(
        view.limit_ranges,
        fits,
        context.maxima,
        side_by_side,
        lambda sizes: context.quota(whole, staying, sizes),
        lambda sizes: _never_in_place(view, sizes, context),
        manifest.arriving(view),
    )


def _never_in_place(view: View, sizes: Sizes, context: Context) -> str | None:
    """Why running pods cannot have these sizes without a restart, as far as that is known."""
    running = view.not_terminating
    for state in running:
        if refused := context.unresizable(view, state.uid):
            return refused.message
        if message := burst_guard.restarting(state):
            return message
    return context.places.in_place(pods(running), sizes)
