"""What was said of a workload last, and done, as far as the cluster has it. Pure.

| the workload                                        | was said                            |
| --------------------------------------------------- | ----------------------------------- |
| has a status                                        | what is in it                       |
| has none, and an annotation that cannot be used     | that: it gets no PodSize before     |
| has none                                            | nothing yet                         |
"""

from scaler.annotations.options import BadAnnotation
from scaler.cluster.view import View
from scaler.model import Standing
from store.model import Phase
from store.reasons import Reason


def said(view: View) -> Standing | None:
    """By the table above."""
    status, settings = view.status, view.settings
    if status.phase and status.reason:
        return Standing(status.phase, status.reason, status.message)
    if isinstance(settings, BadAnnotation):
        return Standing(Phase.BLOCKED, Reason.BAD_ANNOTATION, settings.message)
    return None


def changed(view: View) -> str:
    """The last change, `2026-11-23T20:35:06Z nginx cpu 500m to 1, Doubled`; empty: none yet."""
    for last in view.status.changes[:1]:
        sizes = f"{last.before or 'unset'} to {last.after or 'unset'}"
        return f"{last.at} {last.container} {last.resource} {sizes}, {last.reason}"
    return ""
