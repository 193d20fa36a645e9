"""What can go wrong between us and the API server, as types instead of status codes.

Callers catch what they can handle (after a conflict they read again, after a 429 they back off)
and let everything else reach the edge of the loop. The client's own exceptions never leave this
package: their bodies may contain complete objects, whereas ours carry a single line.

    KubeError
    ├── NotFound      404   ├── Gone      410 (also "Expired" on a watch)
    ├── Conflict      409   ├── Invalid   400, 422
    ├── Forbidden     401, 403   ├── TooMany   429, with Retry-After
    └── Unreachable   no HTTP answer: refused, timed out, TLS, or 5xx
"""

import math
from collections.abc import Sequence

import msgspec

BUDGET = "DisruptionBudget"
"""The cause that the API server gives where a budget refuses an eviction."""


class KubeError(Exception):
    """An API call that did not succeed.

    `status` is the HTTP status (0: no answer), `reason` the machine-readable reason of the
    returned Status object, `message` one human-readable line.
    """

    causes: Sequence[str] = ()
    """The machine-readable causes, where the server names any."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message


class NotFound(KubeError):
    """404: the object, or the kind, does not exist."""


class Conflict(KubeError):
    """409: another client wrote first, a precondition failed, or the name is in use."""


class Gone(KubeError):
    """410: the resource version is too old; list again."""


class Invalid(KubeError):
    """400 or 422: the server rejects the object itself; retrying cannot help."""


class Forbidden(KubeError):
    """401 or 403: no permission to do this, or an admission plugin denied it."""


class TooMany(KubeError):
    """429: a budget or the server's own limit; `retry_after` is in seconds."""

    def __init__(
        self, reason: str, message: str, retry_after: float, causes: Sequence[str] = ()
    ) -> None:
        super().__init__(429, reason, message)
        self.retry_after = retry_after
        self.causes = tuple(causes)

    @property
    def budget(self) -> bool:
        """Whether a PodDisruptionBudget is the cause. If not, the server has too much to do."""
        return BUDGET in self.causes


class Unreachable(KubeError):
    """No usable answer: refused, timed out, TLS failure, or a server error (5xx)."""


class _Cause(msgspec.Struct):
    reason: str = ""


class _Details(msgspec.Struct):
    causes: list[_Cause] | None = None


class _Status(msgspec.Struct):
    message: str = ""
    reason: str = ""
    code: int = 0
    details: _Details | None = None


_STATUS = msgspec.json.Decoder(_Status)


_BY_STATUS: dict[int, type[KubeError]] = {
    400: Invalid,
    401: Forbidden,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: Invalid,
}
_LONGEST_MESSAGE = 512


def error_of(status: int, body: bytes, retry_after: str | None = None) -> KubeError:
    """The error for an HTTP answer; a body that is not a Status object is ignored."""
    try:
        answer = _STATUS.decode(body)
    except ValueError:  # not JSON, not a Status, or not UTF-8: a proxy's error page
        answer = _Status()
    status = answer.code if status == 200 and answer.code else status
    message = answer.message[:_LONGEST_MESSAGE] or "no message"
    causes = [c.reason for c in (answer.details.causes if answer.details else None) or ()]
    if status == 429:
        return TooMany(answer.reason, message, _seconds(retry_after), causes)
    if status >= 500 or status == 0:
        return Unreachable(status, answer.reason, message)
    error = _BY_STATUS.get(status, KubeError)(status, answer.reason, message)
    error.causes = tuple(causes)
    return error


def _seconds(header: str | None) -> float:
    try:
        seconds = float(header or 0)
    except ValueError:
        return 0.0
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0
