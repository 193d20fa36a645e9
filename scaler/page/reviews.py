"""`scaler.page.auth: kubernetes`: whoever shows a token sees what RBAC lets them see.

| asked of the API server                                    | decides                            |
| ---------------------------------------------------------- | ---------------------------------- |
| TokenReview of the bearer token                            | who it is; 401 where nobody        |
| SubjectAccessReview: `list podsizes` in all namespaces,    | which rows of the overview         |
| where that is refused in each                              |                                    |
| SubjectAccessReview: `get podsizes` of that name           | one workload; 403                  |

Answers are kept for half a minute, by a digest: no token is kept, or ever logged. A right that is
taken away is gone after that. Where the API server does not answer, nothing is shown.
"""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar

import msgspec
from msgspec import Struct

from kube.errors import KubeError
from kube.gateway import Gateway
from scaler.page.doors import Asked, Refused, Viewer
from store.model import PODSIZE

KEPT = 30.0
"""Seconds for which an answer is taken to be true."""
MOST = 4096
"""Answers that are kept."""
LONGEST = 16 * 1024
"""Bytes of a token."""
_TOKENS = "/apis/authentication.k8s.io/v1/tokenreviews"
_ACCESS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
_ASKED = 4  # requests to the API server at the same time, whatever is asked of the page

T = TypeVar("T")


class User(Struct, frozen=True):
    """Who a token belongs to, as the API server says."""

    username: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: dict[str, tuple[str, ...]] = {}


class _TokenStatus(Struct):
    authenticated: bool = False
    user: User = User()


class _TokenAnswer(Struct):
    status: _TokenStatus = msgspec.field(default_factory=_TokenStatus)


_TOKEN_ANSWER = msgspec.json.Decoder(_TokenAnswer)


class _AccessStatus(Struct):
    allowed: bool = False


class _AccessAnswer(Struct):
    status: _AccessStatus = msgspec.field(default_factory=_AccessStatus)


_ACCESS_ANSWER = msgspec.json.Decoder(_AccessAnswer)


@dataclass
class ReviewedDoor:
    """Asks the API server about each token and each right. Safe for use from several threads."""

    gateway: Gateway
    clock: Callable[[], float] = monotonic
    _known: dict[tuple[object, ...], tuple[float, object]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _turns: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_ASKED))

    def enter(self, asked: Asked) -> None:
        """What shows nothing of the cluster is for everybody."""

    def viewer(self, asked: Asked) -> Viewer:
        """Raises Refused."""
        scheme, _, token = asked.authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(token) > LONGEST:
            raise Refused(401, "a bearer token is needed")
        digest = hashlib.sha256(token.encode(errors="replace")).hexdigest()
        user = self._once(("token", digest), lambda: self._user(token))
        if user is None:
            raise Refused(401, "the API server does not accept this token")
        return Reviewed(self, user, digest)

    def allowed(self, user: User, digest: str, verb: str, namespace: str, name: str = "") -> bool:
        """Whether the user may do that with PodSizes; no namespace: in all. Raises Refused."""
        key = ("access", digest, verb, namespace, name)
        return self._once(key, lambda: self._access(user, verb, namespace, name))

    def _once(self, key: tuple[object, ...], answer: Callable[[], T]) -> T:
        now = self.clock()
        with self._lock:
            until, found = self._known.get(key, (now, None))
        if now < until:
            return found  # type: ignore[return-value]  # by its key it is of this type
        made = answer()
        with self._lock:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = now + KEPT, made
        return made

    def _user(self, token: str) -> User | None:
        spec = {"token": token}
        made = self._post(_TOKENS, "authentication.k8s.io/v1", "TokenReview", spec)
        status = _TOKEN_ANSWER.decode(made).status
        return status.user if status.authenticated and status.user.username else None

    def _access(self, user: User, verb: str, namespace: str, name: str) -> bool:
        group, _, version = PODSIZE.api_version.partition("/")
        what = {"group": group, "version": version, "resource": PODSIZE.plural, "verb": verb}
        spec = {
            "user": user.username,
            "uid": user.uid,
            "groups": list(user.groups),
            "extra": {key: list(values) for key, values in user.extra.items()},
            "resourceAttributes": {**what, "namespace": namespace, "name": name},
        }
        made = self._post(_ACCESS, "authorization.k8s.io/v1", "SubjectAccessReview", spec)
        return _ACCESS_ANSWER.decode(made).status.allowed

    def _post(self, path: str, version: str, kind: str, spec: object) -> bytes:
        try:
            with self._turns:
                return self.gateway.post(path, {"apiVersion": version, "kind": kind, "spec": spec})
        except KubeError as e:
            # Without its message: it may quote what was sent.
            raise Refused(503, f"the API server does not answer a {kind} ({e.status})") from None


@dataclass(frozen=True)
class Reviewed:
    """One user. Raises Refused where the API server does not answer."""

    door: ReviewedDoor
    user: User
    digest: str

    def may_list(self, namespace: str) -> bool:
        """Everywhere, or there."""
        everywhere = self.door.allowed(self.user, self.digest, "list", "")
        return everywhere or self.door.allowed(self.user, self.digest, "list", namespace)

    def may_get(self, namespace: str, name: str) -> bool:
        """That one."""
        return self.door.allowed(self.user, self.digest, "get", namespace, name)
