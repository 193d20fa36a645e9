"""The checks of next_pod.py about pods that have come already: do they live with the size? Pure."""

from msgspec.structs import replace

from scaler.cluster import in_flight
from scaler.health import unhealthy_pods
from scaler.replacement import mismatched_pods
from scaler.replacement.candidate import Next, NextCase, pending
from store.model import Apply, Phase
from store.reasons import Reason


def held_up(case: NextCase) -> Next | None:
    """A pod that has the stored size waits for something else, such as its image, a ConfigMap or
    its init containers, for too long (kubelet_says.py): `NotReady`, and a failure if it came as a
    replacement."""
    view = case.view
    mine = (s for s in view.unready if s.current or s.bears(view.size))
    all_pods = (*view.pods, *view.held)
    said = (unhealthy_pods.held_up(s, all_pods, case.deadline, case.now) for s in mine)
    why = next(filter(None, said), None)
    if why is None:
        return None
    failed = in_flight.replaced(view.status)
    return Next(None, Phase.BLOCKED, Reason.NOT_READY, why, failed=failed)


def settling(case: NextCase) -> Next | None:
    """No pod is left to replace, but one is missing or not Ready yet, and the size is new:
    `PendingReplacement`, until all pods have shown that they can live with it."""
    size = case.view.size
    if size is None or size.apply is Apply.NEW or case.outdated or not case.starting:
        return None
    return pending(case.starting)


def mismatched(case: NextCase) -> Next | None:
    """A new pod was created without the stored values, or the back-off after that is not over
    (mismatched_pods.py): `WebhookUnverified`, `Rewritten` or `BackingOff`."""
    stop = mismatched_pods.stop(case.view, case.rewritable, case.limits.there, case.now)
    return replace(stop, in_flight=case.in_flight is not None) if stop else None
