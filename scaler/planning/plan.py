"""One workload, one cycle: from its view to a verdict with at most one action. Pure.

| the workload                                   | the verdict                         |
| ---------------------------------------------- | ----------------------------------- |
| has a pod that is held                         | see held_pod.py: that first         |
| is gone                                        | nothing: its PodSize goes with it   |
| has a malformed annotation, or asks for what   | everything freezes, `BadAnnotation` |
| is switched off (`disruption: delete`)         |                                     |
| left (`off`, or the annotation was removed)    | empty the size, `OptedOut`          |
| is not ours to recreate, or cannot be sized    | `Unsupported`                       |
| is enrolled and has no PodSize                 | make one                            |
| is a VerticalPodAutoscaler's, see autoscalers  | nothing, `OtherAutoscaler`          |
| could not be sized: the webhook is not set up, | nothing, `WebhookUnverified`        |
| or its configuration leaves its pods out       |                                     |
| has a PodSize that it does not own             | become its owner                    |
| otherwise                                      | see apply.py                        |
"""

from collections.abc import Iterable
from dataclasses import replace

from kube import objects
from kube.pods import counted, living, staying
from scaler.annotations.options import BadAnnotation, Disruption, Mode, Settings
from scaler.cluster import modes
from scaler.cluster.view import View
from scaler.model import (
    Action,
    Adopt,
    Create,
    Evict,
    HandOver,
    Standing,
    Swap,
    Verdict,
    Wait,
    Write,
    mends,
)
from scaler.planning import apply, surge_step
from scaler.planning.apply import ApplyCase
from scaler.planning.context import NO_SURGE, Context
from scaler.replacement import next_pod, surge
from scaler.sizing import decide, evidence
from scaler.sizing.vetting import Ceiling
from scaler.status import update
from store.model import BackOff, Phase
from store.reasons import Reason

_OS = "kubernetes.io/os"
_TEMPLATE_HASH = "pod-template-hash"


def plan(view: View, context: Context) -> Verdict | None:
    """The table above; None where there is nothing to say."""
    if view.held:
        return surge_step.verdict(view, context, _stopped(view, context))
    if view.owner is None:
        return None
    settings, podsize, uid = view.settings, view.podsize, view.owner.metadata.uid
    if isinstance(settings, BadAnnotation):
        return _frozen(view, Reason.BAD_ANNOTATION, settings.message, context.now)
    if settings is None or settings.mode is Mode.OFF:
        return _left(view, context.now)
    if unfit := _unfit(view, settings, context):
        return _frozen(view, *unfit, context.now)
    if podsize is None:
        told = Standing(Phase.SETTLED, Reason.OBSERVING, "enrolled")
        return Verdict(view.workload, told, Create(view.workload, uid))
    if whose := view.others.whole:
        return _frozen(view, Reason.OTHER_AUTOSCALER, whose, context.now)
    if settings.mode is not Mode.OBSERVE and (why := context.webhook or context.admits(view)):
        return _frozen(view, Reason.WEBHOOK_UNVERIFIED, why, context.now)
    if not podsize.owned:
        told = Standing(Phase.SETTLED, Reason.OBSERVING, "taking over the PodSize")
        return Verdict(view.workload, told, Adopt(view.workload, uid))
    stretches = context.stretches.get(view.workload, {})
    watched = evidence.Watched(context.minute_of, context.now, context.patience, stretches)
    decided = decide.decide(view, settings, watched, _ceiling(view, settings, context))
    return apply.verdict(ApplyCase(view, podsize, settings, decided, context))


def still(seen: View, verdict: Verdict, context: Context, pods: Iterable[objects.Pod]) -> bool:
    """Whether the verdict does the same in the light of a fresh list of the namespace's."""
    pods = list(pods)
    if seen.workload.kind == "Deployment" and any(_of_unseen_set(seen, p) for p in pods):
        return False  # a rollout has begun that no watch has told of yet
    by = [(r.uid, p) for p in pods if (r := p.metadata.controller())]
    mine = living(p for uid, p in by if uid in seen.controllers)
    held = living(p for uid, p in by if seen.podsize and uid == seen.podsize.uid)
    again = plan(replace(seen, pods=mine, held=held), context)
    before, after = verdict.action, again.action if again else None
    if isinstance(before, Write) and isinstance(after, Write):
        return before.status.size == after.status.size
    if not isinstance(before, Evict | HandOver | Swap) or type(before) is not type(after):
        return False
    same = isinstance(after, Evict | HandOver | Swap) and before.uid == after.uid
    return same and mends(before) is mends(after)  # one in need may be Ready by now


def _of_unseen_set(seen: View, pod: objects.Pod) -> bool:
    owner, labels = pod.metadata.controller(), pod.metadata.labels or {}
    if owner is None or owner.kind != "ReplicaSet" or owner.uid in seen.controllers:
        return False
    return owner.name == f"{seen.workload.name}-{labels.get(_TEMPLATE_HASH)}"


def unsupported(view: View) -> str | None:
    """Why the workload cannot be sized at all."""
    spec = view.template
    if view.foreign:
        return "its controller is not a Deployment"
    if spec.resources is not None:
        return "resources at pod level"
    if "windows" in ((spec.os or {}).get("name"), (spec.node_selector or {}).get(_OS)):
        return "a Windows pod"
    return None


def _unfit(view: View, settings: Settings, context: Context) -> tuple[Reason, str] | None:
    """Why what people ask for cannot be had."""
    if settings.disruption is Disruption.DELETE and context.unfenced == NO_SURGE:
        return Reason.BAD_ANNOTATION, f"disruption: delete needs surge, and {NO_SURGE}"
    why = unsupported(view)
    return (Reason.UNSUPPORTED, why) if why else None


def _stopped(view: View, context: Context) -> str | None:
    """Why a change that was begun is not carried on; None where it is."""
    settings = view.settings
    if isinstance(settings, BadAnnotation):
        return settings.message
    if settings is None or settings.mode is Mode.OFF or modes.only_observes(view, settings):
        return "the workload has left"
    return unsupported(view) or view.others.whole or next_pod.stopped(settings, context.limits)


def _ceiling(view: View, settings: Settings, context: Context) -> Ceiling:
    side_by_side = frozenset(counted(view.pods[-1])) if view.pods else None
    return Ceiling(
        view.limit_ranges,
        lambda sizes: surge.obstacle(view, settings, sizes, context.surge),
        context.maxima,
        side_by_side,
        lambda sizes: context.quota(view, staying(view.pods), sizes),
    )


def _left(view: View, now: float) -> Verdict | None:
    told = Standing(Phase.SETTLED, Reason.OPTED_OUT, "new pods have the manifest's values")
    if view.podsize is None:
        return None
    # The history stays: it holds the highest revision that was ever given out.
    new = replace(view.podsize.status, size=None, wish=(), quiet=(), backoff=BackOff())
    return Verdict(view.workload, told, update.written(view, view.podsize, new, told, now))


def _frozen(view: View, reason: Reason, message: str, now: float) -> Verdict:
    """Everything stays as it is, and says why."""
    told = Standing(Phase.BLOCKED, reason, message)
    action: Action = Wait()
    if view.podsize:
        action = update.written(view, view.podsize, view.podsize.status, told, now)
    return Verdict(view.workload, told, action)
