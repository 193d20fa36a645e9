"""What can go wrong between us and the API server, as types instead of status codes.

Callers catch what they can handle (a conflict is read again, a budget is waited out) and let the
rest reach the loop's edge. The client's own exceptions never leave this package: their bodies may
hold whole objects, and ours carry one line.

    KubeError
    ├── NotFound      404   ├── Gone      410 (also "Expired" on a watch)
    ├── Conflict      409   ├── Invalid   400, 422
    ├── Forbidden     401, 403   ├── TooMany   429, with Retry-After
    └── Unreachable   no HTTP answer: refused, timed out, TLS, or 5xx
"""

import math

import msgspec


class KubeError(Exception):
    """An API call that was not answered with success.

    `status` is the HTTP status (0: no answer), `reason` the machine-readable reason of the
    returned Status object, `message` one line for people.
    """

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message


class NotFound(KubeError):
    """404: the object, or the kind, is not there."""


class Conflict(KubeError):
    """409: somebody wrote first, a precondition failed, or the name is taken."""


class Gone(KubeError):
    """410: the resource version is too old; list again."""


class Invalid(KubeError):
    """400 or 422: the server refuses the object itself; trying again cannot help."""


class Forbidden(KubeError):
    """401 or 403: no right to do this, or an admission plugin said no."""


class TooMany(KubeError):
    """429: a budget or the server's own limit; `retry_after` is in seconds."""

    def __init__(self, reason: str, message: str, retry_after: float) -> None:
        super().__init__(429, reason, message)
        self.retry_after = retry_after


class Unreachable(KubeError):
    """No usable answer: refused, timed out, TLS failure, or a server error (5xx)."""


class _Status(msgspec.Struct):
    message: str = ""
    reason: str = ""
    code: int = 0


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
    """The error for an HTTP answer; anything but a Status object in the body is left out."""
    try:
        told = msgspec.json.decode(body, type=_Status)
    except ValueError:  # no JSON, no Status, or no UTF-8: a proxy's page
        told = _Status()
    status = told.code if status == 200 and told.code else status
    message = told.message[:_LONGEST_MESSAGE] or "no message"
    if status == 429:
        return TooMany(told.reason, message, _seconds(retry_after))
    if status >= 500 or status == 0:
        return Unreachable(status, told.reason, message)
    return _BY_STATUS.get(status, KubeError)(status, told.reason, message)


def _seconds(header: str | None) -> float:
    try:
        seconds = float(header or 0)
    except ValueError:
        return 0.0
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0
