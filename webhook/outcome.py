"""What became of a review: exactly one word for each, the `reason` label of the metrics.

Where the contract has a code for it, that code is used; the other words exist only here, because
they are about an HTTP request and not about a workload.
"""

from enum import StrEnum

from store.reasons import Reason


class Outcome(StrEnum):
    """Why a pod was patched, or was not."""

    SIZED = "Sized"
    """At least one quantity was injected."""
    STAMPED = "Stamped"
    """Only stamped: the store has no size, or the pod already came with its values."""
    UNCHANGED = "Unchanged"
    """The pod already carries what we would write."""
    PROBED = "Probed"
    """The scaler's own dry run, told the revision that it asked for."""
    MANIFEST_CHANGED = Reason.MANIFEST_CHANGED.value
    """At least one resource came with other values than its basis and was left as it came."""
    QOS_CLASS = Reason.QOS_CLASS.value
    """Injecting would change the pod's QoS class: nothing injected."""
    UNSUPPORTED = Reason.UNSUPPORTED.value
    """A pod-level size, Windows, or a mirror pod."""
    NOT_OURS = "NotOurs"
    """No controller that we know, or no PodSize for it."""
    NOT_SYNCED = "NotSynced"
    """The store was not read yet."""
    NOT_A_CREATION = "NotACreation"
    """Another operation, kind or subresource than the creation of a pod."""
    BAD_REVIEW = "BadReview"
    """Not an AdmissionReview that can be read."""
    TOO_LARGE = "TooLarge"
    """A body larger than any review of the API server."""
    ERROR = "Error"
    """A defect of ours; the log has it."""
