"""What would have to change for something else to happen, by reason code. Pure.

In short what docs/reasons.md says at length.
"""

from collections.abc import Mapping

from scaler.policies import table
from store.reasons import Reason

_WAIT = "nothing to do: it ends by itself"
_ROOM = "free some room or raise the bound that the message names, or set a smaller size"
_DONE = "a size was changed for this reason; the next change follows from usage"

REMEDIES: Mapping[Reason, str] = {
    **dict.fromkeys(table.REASONS, _DONE),
    Reason.MANUAL: "the size by hand counts; remove it from the PodSize's spec to hand it back",
    Reason.MANIFEST_CHANGED: "the manifest's new value counts, and sizes start from it again",
    Reason.ROLLED_BACK: "mend what the message names; it is tried again after the back-off, or"
    " at once when the PodSize or the manifest is edited",
    Reason.REFUSED: "ask whoever refuses it, in the words of the message",
    Reason.RESIZE_DEFERRED: "free some room on the pod's node",
    Reason.RESIZE_INFEASIBLE: "use podtailor.io/strategy: recreate, or a smaller size",
    Reason.IN_BOUNDS: "usage: a minute at 90 % of the limit (of the request, where there is no"
    " limit) or throttled in most periods makes it larger; half an hour below 40 % smaller"
    " (docs/policies.md)",
    Reason.WARMING_UP: _WAIT + " when a whole minute of usage is known",
    Reason.NO_USAGE: "let usage be read: scaler.usage.source, scaler.usage.kubeletTLS",
    Reason.STALE_USAGE: "let the node's kubelet answer again",
    Reason.COOLDOWN: _WAIT + " two minutes after the last change",
    Reason.AT_MAXIMUM: "raise podtailor.io/cpu-max or memory-max, or the chart's policy.cpuMax or"
    " policy.memoryMax",
    Reason.AT_MINIMUM: "lower podtailor.io/cpu-min or memory-min",
    Reason.NOTHING_TO_SCALE: "set a request in the manifest",
    Reason.OBSERVING: "set podtailor.io/mode: auto",
    Reason.BAD_ANNOTATION: "correct the annotation that the message names",
    Reason.UNSUPPORTED: "such pods are not sized",
    Reason.NOT_RECREATABLE: "nothing creates such pods again; let a Deployment or another"
    " controller make them",
    Reason.TEMPLATE_CHANGED: "roll the template out",
    Reason.ROLLOUT_IN_PROGRESS: "let the rollout end",
    Reason.SINGLE_REPLICA: "allow the gap with podtailor.io/single-replica: restart, or run two",
    Reason.DISRUPTION_BUDGET: "let the PodDisruptionBudget or the annotation that the message"
    " names allow a disruption",
    Reason.NO_NODE_FITS: _ROOM,
    Reason.QUOTA: _ROOM,
    Reason.LIMIT_RANGE: _ROOM,
    Reason.QOS_CLASS: "use a size that keeps the QoS class",
    Reason.WEBHOOK_UNVERIFIED: "let the API server reach the webhook, as the message says",
    Reason.REWRITTEN: "stop whoever writes other values onto the pods",
    Reason.SURGE_UNAVAILABLE: "let the chart's rights policy be in force",
    Reason.PENDING_REPLACEMENT: _WAIT + " when the replacement is Ready",
    Reason.NOT_READY: "mend the pod that the message names",
    Reason.RESTART_BUDGET: "wait for the next hour, or raise scaler.restarts",
    Reason.BREAKER: "mend what several workloads fail with",
    Reason.BACKING_OFF: "mend what failed; it is tried again after the back-off",
    Reason.OTHER_AUTOSCALER: "let only one of the two size the pods, or use"
    " podtailor.io/resources to name the other resource",
    Reason.OPTED_OUT: "set podtailor.io/mode: auto on the workload",
    Reason.PAUSED: "remove podtailor.io/paused (or scaler.dryRun)",
}


def remedy(reason: str | None) -> str:
    """For the reason of a plan; None: nothing is reported."""
    return REMEDIES[Reason(reason)] if reason else "there is nothing that podtailor could do"
