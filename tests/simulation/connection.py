"""The gateway seam: what the scaler and the webhook use as the API server.

Everything that can happen to a call is done here: it takes time, in which everything else goes on;
it is refused or lost; the caller dies before it or right after its effect.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec

from kube.errors import Gone, KubeError
from kube.gateway import MERGE_PATCH, Gateway, Trust
from tests.simulation import rights_policy
from tests.simulation.apiserver import ApiServer
from tests.simulation.etcd import Json
from tests.simulation.routes import Route, route
from tests.simulation.timeline import Timeline

_decode = msgspec.json.decode
_encode = msgspec.json.encode


class CrashedError(BaseException):
    """The process that made the call is dead. None of our code may catch it."""


@dataclass
class Call:
    """One call of one client. `number` counts the client's calls."""

    actor: str
    verb: str
    path: str
    body: Json
    query: dict[str, str]
    number: int
    where: Route

    @property
    def dry_run(self) -> bool:
        """Whether it is a dry run."""
        options = self.body.get("deleteOptions") or self.body if self.verb != "PUT" else {}
        return self.query.get("dryRun") == "All" or "All" in (options.get("dryRun") or ())

    @property
    def writes(self) -> bool:
        """Whether it changes the cluster (other than by events, which only inform users)."""
        return self.verb != "GET" and not self.dry_run and self.where.kind.plural != "events"

    @property
    def evicts(self) -> bool:
        """Whether it evicts or deletes a pod, or hands one over."""
        deletes = self.verb == "DELETE" and self.where.kind.plural == "pods"
        return (deletes or self.where.sub == "eviction") and not self.dry_run

    @property
    def concerns(self) -> str | None:
        """What it is to third-party policies, dry runs among them."""
        plural = self.where.kind.plural
        if plural in ("events", "podsizes") and self.verb == "POST":
            return plural
        if plural == "podsizes" and self.where.sub == "status":
            return "statuses"
        if plural != "pods":
            return None
        if self.where.sub in ("eviction", "resize"):
            return {"eviction": "evictions", "resize": "resizes"}[self.where.sub]
        return {"PATCH": "updates", "DELETE": "deletions"}.get(self.verb)

    @property
    def resizes(self) -> bool:
        """Whether it resizes a pod in place."""
        return self.where.sub == "resize" and not self.dry_run

    @property
    def hands_over(self) -> bool:
        """Whether it makes a PodSize the controller of a pod."""
        references = (self.body.get("metadata") or {}).get("ownerReferences") or ()
        held = any(r["kind"] == "PodSize" for r in references)
        return self._patches_owners and held

    @property
    def hands_back(self) -> bool:
        """Whether it hands a pod back to its owner."""
        return self._patches_owners and not self.hands_over

    @property
    def _patches_owners(self) -> bool:
        about = self.verb == "PATCH" and self.where.kind.plural == "pods" and not self.dry_run
        return about and "ownerReferences" in (self.body.get("metadata") or {})

    def __str__(self) -> str:
        dry = " (dry run)" if self.dry_run else ""
        return f"{self.verb} {self.path}{dry}"


Hook = Callable[[Call], None]


@dataclass
class Connection(Gateway):
    """One client. Hooks may raise a KubeError, raise CrashedError, or let time pass."""

    api: ApiServer
    timeline: Timeline
    chance: Random
    actor: str
    latency: tuple[float, float] = (0.002, 0.03)
    before: list[Hook] = field(default_factory=list)
    after: list[Hook] = field(default_factory=list)
    ended: Callable[[Call, str], None] = lambda call, outcome: None
    watched: Callable[[Call], Callable[[], None] | None] = lambda call: None
    """Looks at the cluster just before a call has its effect; what it returns is called after."""
    calls: int = 0
    restricted: Callable[[], bool] = lambda: False
    """Whether the rights policy bounds what may be done to pods."""
    hostile: Callable[[str, Call], None] = lambda what, call: None
    """What third-party policies do to a call about a pod. Raises KubeError."""

    def get(self, path: str, **query: str) -> bytes:
        if path == "/apis":
            return b'{"groups": []}'  # none but those of Kubernetes itself
        return self._request("GET", path, None, query)

    def post(self, path: str, body: object, **query: str) -> bytes:
        return self._request("POST", path, body, query)

    def put(self, path: str, body: object, **query: str) -> bytes:
        return self._request("PUT", path, body, query)

    def patch(self, path: str, body: object, kind: str = MERGE_PATCH, **query: str) -> bytes:
        return self._request("PATCH", path, body, query)

    def delete(self, path: str, body: object = None, **query: str) -> bytes:
        return self._request("DELETE", path, body, query)

    def trust(self) -> Trust:
        return Trust(None, None, None, None)

    def _request(self, verb: str, path: str, body: object, query: dict[str, str]) -> bytes:
        self.calls += 1
        plain: Any = {} if body is None else _decode(_encode(body))
        call = Call(self.actor, verb, path, plain, query, self.calls, route(path))
        self.timeline.pass_(self.chance.uniform(*self.latency))
        try:
            for hook in list(self.before):
                hook(call)
            about_pods = call.where.kind.plural == "pods" and call.where.sub != "resize"
            if about_pods and self.restricted():
                held = self.api.etcd.get("pods", call.where.key)
                rights_policy.guard(verb, held, plain, dry=call.dry_run)
            if call.concerns:
                self.hostile(call.concerns, call)
            judge = self.watched(call)
            answer = _encode(self.api.call(verb, path, plain, **query))
            if judge is not None:
                judge()
            for hook in list(self.after):
                hook(call)
        except KubeError as e:
            self.ended(call, f"{e.status} {e.reason}")
            raise
        except CrashedError:
            self.ended(call, "the scaler dies")
            raise
        self.ended(call, "ok")
        self.timeline.pass_(self.chance.uniform(*self.latency) / 2)
        return answer


@dataclass
class WatchConnection(Gateway):
    """The same for lists and watches, which have threads of their own: they take no time here.

    A watch brings what there is and is closed by the server, so that it can be followed without a
    thread. `behind`: the version that this API server has come to, where it lags behind its etcd.
    """

    api: ApiServer
    delivered: dict[str, int] = field(default_factory=dict)
    behind: int | None = None
    upto: int | None = None
    """The version up to which the next watch brings what has happened; None: all of it."""
    disturb: Callable[[str], None] = lambda plural: None
    """Raises the error that a list or a watch of that kind gets."""

    def get(self, path: str, **query: str) -> bytes:
        plural = route(path).kind.plural
        self.disturb(plural)
        etcd = self.api.etcd
        version = etcd.version if self.behind is None else min(self.behind, etcd.version)
        if self.behind is None:
            items = [etcd.raw(plural, key) for key in etcd.all(plural)]
        else:
            items = [_encode(o) for o in etcd.state(plural, version).values()]
        self.delivered[plural] = version
        head = b'{"metadata":{"resourceVersion":"%d"},"items":[' % version
        return head + b",".join(items) + b"]}"

    def stream(self, path: str, *, silence: float, **query: str) -> Generator[bytes, None, None]:
        plural = route(path).kind.plural
        self.disturb(plural)
        etcd, since = self.api.etcd, int(query["resourceVersion"])
        if since < etcd.compacted:
            raise Gone(410, "Expired", f"too old resource version: {since}")
        last = min(v for v in (etcd.version, self.behind, self.upto) if v is not None)
        for event in etcd.since(plural, since):
            if event.version > last:
                break
            line = self.pass_on(plural, event.line)
            self.delivered[plural] = event.version
            if line is not None:
                yield line
        if last > since:
            mark = b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"%d"}}}'
            yield mark % last
            self.delivered[plural] = last

    def pass_on(self, plural: str, line: bytes) -> bytes | None:
        """A line of a watch on its way; None where it is lost, which no real server does."""
        return line
