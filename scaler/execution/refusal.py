"""Is an answer of the API server somebody's refusal, and in which words? Pure.

| the answer                                            | then                                  |
| ----------------------------------------------------- | ------------------------------------- |
| a webhook does not do dry runs                        | nothing is known: go by a trial       |
| 401, 403, 400, 422, or any code with the words of an  | refused: asking again at once cannot  |
| admission webhook or policy, also of one that is away | help                                  |
| 404, 409, 410, 429, no answer, the server's own error | no refusal: it passes                 |
| no answer in time about one pod, while the server     | refused, as far as we can wait for:   |
| answers whatever else it is asked                     | asking again holds up everybody       |

A message belongs to the workload that was asked about, and is reported there and nowhere else.
"""

from kube.errors import (
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    KubeError,
    NotFound,
    TooMany,
    Unreachable,
)

_NO_DRY_RUNS = "does not support dry run"
_ADMISSION = ("admission webhook", "denied request", "failed calling webhook")
_PASSES = (NotFound, Conflict, Gone, TooMany, Unreachable)


class StatusRefused(KubeError):
    """The PodSize's status, which has to say that a pod is replaced, may not be written."""


def words(error: KubeError) -> str | None:
    """The refuser's words; None where nobody refused."""
    if unasked(error):
        return None
    named = any(w in error.message for w in _ADMISSION)
    if isinstance(error, Forbidden | Invalid) or named or not isinstance(error, _PASSES):
        return error.message
    return None


def unanswered(error: KubeError) -> bool:
    """Whether the server took the call, and gave no answer in time."""
    return isinstance(error, Unreachable) and error.reason == "ReadTimeoutError"


def unasked(error: KubeError) -> bool:
    """Whether it could not be asked, as somebody's webhook does not do dry runs."""
    return _NO_DRY_RUNS in error.message
