"""The outcome of a review: exactly one code for each, the `reason` label of the metrics.

Where a reason code of the contract applies, that is used; the other codes exist only here, because
they concern an HTTP request rather than a workload.
"""

from enum import StrEnum

from store.reasons import Reason


class Outcome(StrEnum):
    """Why a pod was patched, or not patched."""

    SIZED = "Sized"
    """At least one quantity was injected."""
    STAMPED = "Stamped"
    """Stamped, and nothing of its size changed: none is stored, or it came with those values."""
    UNCHANGED = "Unchanged"
    """The pod already has everything that we would write."""
    PROBED = "Probed"
    """The scaler's own dry run, answered with the revision that it asked for."""
    MANIFEST_CHANGED = Reason.MANIFEST_CHANGED.value
    """At least one resource came with values other than its basis and was left unchanged."""
    QOS_CLASS = Reason.QOS_CLASS.value
    """Injecting would change the pod's QoS class: nothing injected."""
    UNSUPPORTED = Reason.UNSUPPORTED.value
    """Pod-level resources, Windows, or a mirror pod."""
    NOT_OURS = "NotOurs"
    """No controller of a kind that we support, or no PodSize for it."""
    NOT_SYNCED = "NotSynced"
    """The store has not been read yet."""
    NOT_A_CREATION = "NotACreation"
    """An operation, kind or subresource other than the creation of a pod."""
    BAD_REVIEW = "BadReview"
    """Not a readable AdmissionReview."""
    TOO_LARGE = "TooLarge"
    """A body larger than any review that the API server sends."""
    ERROR = "Error"
    """A bug in the webhook; the log has the details."""
