"""A workload that has opted out: its size goes, new pods get the manifest's values. Pure."""

from msgspec.structs import replace

from scaler.cluster.view import View
from scaler.model import Plan, Standing
from scaler.planning.context import Context
from scaler.status import update
from store.model import Phase
from store.reasons import Reason
from store.records import BackOff

_MANIFEST = "new pods get the manifest's values"


def plan(view: View, context: Context) -> Plan | None:
    """Empty the size; in a dry run only say so. None where there is no PodSize."""
    podsize, old = view.podsize, view.status
    if podsize is None:
        return None
    if context.limits.dry_run and old.size is not None:
        message = f"{context.limits.paused}; would be {Reason.OPTED_OUT}: {_MANIFEST}"
        standing, new = Standing(Phase.BLOCKED, Reason.PAUSED, message), old
    else:
        standing = Standing(Phase.SETTLED, Reason.OPTED_OUT, _MANIFEST)
        # The log of changes stays: it has the highest revision that was ever used.
        gone = replace(old, size=None, wish=(), quiet=(), start_ups=(), backoff=BackOff())
        new = replace(
            gone, restart_on_resize=old.restart_on_resize if context.limits.dry_run else ()
        )
    action = update.written(view, podsize, new, standing, context.now)
    return Plan(view.workload, standing, action)
