"""Evictions: the pod is read right before, a budget's 429 is not the server's own."""

from typing import Any

import pytest

from kube.errors import BUDGET, Conflict, Forbidden, KubeError, TooMany, Unreachable
from kube.gateway import Gateway
from scaler.execution.eviction import Evictor
from scaler.model import Outcome
from store.model import Phase
from store.reasons import Reason
from tests.unit.scaler.builders import workload
from tests.unit.scaler.world import PODS, World

BUSY = TooMany("TooManyRequests", "too many requests, please try again later", 1.0)
NONE = TooMany("TooManyRequests", "Cannot evict pod as it would violate", 0.0, [BUDGET])


@pytest.fixture
def hot() -> World:
    """Two pods, enrolled and busy, and nothing is handed over."""
    made = World()
    made.cycle(2)
    made.load.used = 490
    return made


def evictions(world: World) -> list[str]:
    return [w for w in world.api.writes if w.endswith("/eviction")]


def test_a_pod_that_is_another_one_by_now_is_not_evicted(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It went between the claim and the eviction, and one of its name came, as a StatefulSet's."""
    usual = type(hot.api).put

    def put(api: Any, path: str, body: Any, **query: str) -> bytes:
        answer = usual(api, path, body, **query)
        if body["status"].get("reason") == "PendingReplacement":
            for pod in api.list(PODS):
                meta = {**pod["metadata"], "uid": "another"}
                api.set(f"{PODS}/{meta['name']}", {**pod, "metadata": meta})
        return answer

    hot.cycle(1)
    monkeypatch.setattr(type(hot.api), "put", put)
    hot.cycle(1)
    assert evictions(hot) == []


def test_a_server_that_has_too_much_to_do_is_no_budget(hot: World) -> None:
    hot.api.refusal = BUSY
    hot.cycle(4)
    assert (hot.status.phase, hot.status.reason) == (Phase.BLOCKED, Reason.PENDING_REPLACEMENT)
    assert "the API server has too much to do: too many requests" in hot.status.message
    before = hot.api.calls
    hot.cycle(20, seconds=0.05)
    assert hot.api.calls == before, "it is not asked again at once"
    hot.api.refusal = None
    hot.cycle(12)
    assert hot.limits() == ["1", "1"]


class Scripted:
    """Answers evictions one after the other."""

    def __init__(self, *answers: Exception) -> None:
        self.answers = list(answers)

    def post(self, path: str, body: object, **query: str) -> bytes:
        raise self.answers.pop(0)


def test_a_budget_that_an_eviction_of_our_own_has_spent_is_reported_as_that() -> None:
    now = [100.0]
    api: Any = Scripted(NONE, Conflict(409, "Conflict", "another UID"), NONE, NONE)
    gateway: Gateway = api
    evictor = Evictor(gateway, Any, monotonic=lambda: now[0])  # type: ignore[arg-type]
    action: Any = type("A", (), {"workload": workload(), "pod": "web-1", "uid": "u"})
    got = evictor._evict(action, dry=True)
    assert got is not None and got.message == NONE.message, "nothing was spent"
    with pytest.raises(Conflict):
        evictor._evict(action, dry=False)
    now[0] += 40
    got = evictor._evict(action, dry=True)
    assert got is not None and got.reason is Reason.DISRUPTION_BUDGET
    assert "spent 40 s ago by an eviction that met another pod" in got.message
    now[0] += 80
    got = evictor._evict(action, dry=True)
    assert got is not None and got.message == NONE.message


class Post(Scripted):
    """The same, or grants them; what was asked for."""

    def __init__(self, *answers: Exception) -> None:
        super().__init__(*answers)
        self.asked: list[tuple[str, object]] = []

    def post(self, path: str, body: object, **query: str) -> bytes:
        self.asked.append((path, body))
        return super().post(path, body, **query) if self.answers else b"{}"

    def get(self, path: str) -> bytes:
        return b"{}"


def evicted(api: Post, *, dry: bool) -> Any:
    gateway: Any = api
    evictor = Evictor(gateway, Any)  # type: ignore[arg-type]
    action: Any = type("A", (), {"workload": workload(), "pod": "web-1", "uid": "u"})
    return evictor._evict(action, dry=dry)


@pytest.mark.parametrize("dry", [True, False], ids=["asked", "done"])
def test_an_eviction_names_the_pods_uid(dry: bool) -> None:
    api = Post()
    assert evicted(api, dry=dry) is None
    options = {"preconditions": {"uid": "u"}, **({"dryRun": ["All"]} if dry else {})}
    [(path, body)] = api.asked
    assert path == "/api/v1/namespaces/shop/pods/web-1/eviction"
    assert body == {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": "web-1", "namespace": "shop"},
        "deleteOptions": options,
    }


TWO = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not"
SLOW = Unreachable(0, "ReadTimeoutError", "Read timed out.")
HELD_UP = "no answer in time, though the API server answers: a webhook on pods is slow or away"


@pytest.mark.parametrize(
    ("answer", "dry", "reason", "message"),
    [
        (NONE, True, Reason.DISRUPTION_BUDGET, NONE.message),
        (NONE, False, Reason.DISRUPTION_BUDGET, NONE.message),
        (Unreachable(500, "InternalError", TWO), False, Reason.DISRUPTION_BUDGET, TWO),
        (Forbidden(403, "Forbidden", "no"), False, Reason.REFUSED, "web-1 may not be evicted: no"),
        (SLOW, True, Reason.REFUSED, f"web-1 may not be evicted: {HELD_UP}"),
    ],
    ids=["a budget, asked", "a budget", "two budgets", "a policy", "a slow webhook, asked"],
)
def test_who_refuses_an_eviction_is_named(
    answer: Exception, dry: bool, reason: Reason, message: str
) -> None:
    assert evicted(Post(answer), dry=dry) == Outcome(done=False, reason=reason, message=message)


@pytest.mark.parametrize(
    ("answer", "dry"),
    [
        (BUSY, True),
        (SLOW, False),
        (Unreachable(500, "InternalError", "etcdserver: request timed out"), True),
        (Conflict(409, "Conflict", "another UID"), True),
    ],
    ids=["too much to do", "no answer as it is done", "the server's error", "another pod"],
)
def test_what_nobody_refuses_is_an_error(answer: KubeError, dry: bool) -> None:
    with pytest.raises(type(answer)):
        evicted(Post(answer), dry=dry)


def test_only_an_eviction_that_was_meant_spends_a_budget() -> None:
    api: Any = Post(Conflict(409, "Conflict", "another UID"))
    evictor = Evictor(api, Any)  # type: ignore[arg-type]
    action: Any = type("A", (), {"workload": workload(), "pod": "web-1", "uid": "u"})
    with pytest.raises(Conflict):
        evictor._evict(action, dry=True)
    assert evictor.spent == {}
