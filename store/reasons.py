"""The reason codes: each action and each non-action has exactly one.

Log lines, events, metric labels, the PodSize's status and the tests all use them, so that the
question "why" has the same answer everywhere. The list is part of the public contract.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why something was done, or not done."""

    # Acted.
    DOUBLED = "Doubled"
    HALVED = "Halved"
    TRACKED = "Tracked"
    MEMORY_PRESSURE = "MemoryPressure"
    OOM_KILLED = "OOMKilled"
    THROTTLED = "Throttled"
    MANUAL = "Manual"
    MANIFEST_CHANGED = "ManifestChanged"
    ROLLED_BACK = "RolledBack"
    # Did not act.
    REFUSED = "Refused"
    RESIZE_DEFERRED = "ResizeDeferred"
    RESIZE_INFEASIBLE = "ResizeInfeasible"
    IN_BOUNDS = "InBounds"
    WARMING_UP = "WarmingUp"
    NO_USAGE = "NoUsage"
    STALE_USAGE = "StaleUsage"
    COOLDOWN = "Cooldown"
    AT_MAXIMUM = "AtMaximum"
    AT_MINIMUM = "AtMinimum"
    NOTHING_TO_SCALE = "NothingToScale"
    OBSERVING = "Observing"
    BAD_ANNOTATION = "BadAnnotation"
    UNSUPPORTED = "Unsupported"
    NOT_RECREATABLE = "NotRecreatable"
    TEMPLATE_CHANGED = "TemplateChanged"
    ROLLOUT_IN_PROGRESS = "RolloutInProgress"
    SINGLE_REPLICA = "SingleReplica"
    DISRUPTION_BUDGET = "DisruptionBudget"
    NO_NODE_FITS = "NoNodeFits"
    QUOTA = "Quota"
    LIMIT_RANGE = "LimitRange"
    QOS_CLASS = "QoSClass"
    WEBHOOK_UNVERIFIED = "WebhookUnverified"
    REWRITTEN = "Rewritten"
    SURGE_UNAVAILABLE = "SurgeUnavailable"
    PENDING_REPLACEMENT = "PendingReplacement"
    NOT_READY = "NotReady"
    RESTART_BUDGET = "RestartBudget"
    BREAKER = "Breaker"
    BACKING_OFF = "BackingOff"
    OTHER_AUTOSCALER = "OtherAutoscaler"
    OPTED_OUT = "OptedOut"
    PAUSED = "Paused"
