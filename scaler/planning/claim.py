"""Claims the next pod of a workload: the status records its replacement beforehand. Pure."""

from msgspec.structs import replace

from scaler.annotations.options import Settings, Strategy
from scaler.cluster.view import View
from scaler.disruption import restart_budget
from scaler.model import Action, Evict, HandOver, Resize, Standing, Take, Write
from scaler.replacement.candidate import Next
from scaler.resizing.resize_case import Way
from scaler.status import conditions, update
from store.model import Apply, Phase, PodSize, Status, StoredSize
from store.reasons import Reason

_NONE = StoredSize(0, Apply.NEW, ())
"""For a kubelet's order that is taken back where no size is stored."""


def claim(view: View, podsize: PodSize, status: Status, following: Next, now: float) -> Take | None:
    """The replacement of the next pod; None where no pod is to be replaced.

    The status in it is written just before the pod is replaced, so the replacement is on record
    and counted even if the scaler is killed in between.
    """
    if following.pod is None or view.size is None:
        return None
    meta, mends = following.pod.metadata, following.phase is Phase.ROLLED_BACK
    way = "by deletion" if following.deletes else f"by eviction: {following.unable}"
    being = f"{meta.name} is being replaced"
    if following.instead:
        being += f" ({following.instead})"
    message = f"{being}, {way}" if following.unable else being
    standing = Standing(Phase.APPLYING, Reason.PENDING_REPLACEMENT, message)
    if mends:
        standing = Standing(Phase.ROLLED_BACK, Reason.ROLLED_BACK, following.message)
    status = replace(
        update.stated(view, podsize, status, standing, now),
        restarts=restart_budget.one_more(status.restarts, now),
    )
    found = conditions.conditions(podsize.status, status, standing, verified=True, now=now)
    claimed = replace(status, conditions=found)
    version = podsize.resource_version
    w, size = view.workload, view.size
    unable, why = following.unable, following.instead
    if mends or (unable and not following.deletes):
        return Evict(w, meta.name, meta.uid, size, claimed, version, mends, unable, why)
    return HandOver(w, meta.name, meta.uid, podsize.uid, size, claimed, version, why)


def resize(view: View, following: Next) -> Resize | None:
    """The resize of the next pod; None where none is to be resized.

    The status says nothing of it before: nothing restarts, and what was asked for is seen of the
    pod itself.
    """
    if following.pod is None or following.in_place not in (Way.RESIZE, Way.WITHDRAW):
        return None
    size, back = view.size or _NONE, following.in_place is Way.WITHDRAW
    state, meta = view.compared(following.pod, view.size), following.pod.metadata
    wanted = state.actual if back else state.target
    sizes = {n: s for n, s in wanted.items() if s != state.asked[n]}
    return Resize(view.workload, meta.name, meta.uid, size, sizes, back)


def stores_size(view: View, action: Action) -> bool:
    """Whether the action stores another size than there is."""
    return isinstance(action, Write) and action.status.size != view.size


def in_place(view: View) -> bool:
    """Whether running pods can have another size at once."""
    return isinstance(view.settings, Settings) and view.settings.strategy is Strategy.RESIZE
