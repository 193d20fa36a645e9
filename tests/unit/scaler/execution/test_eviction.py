"""Evictions: the pod is read right before, a budget's 429 is not the server's own."""

from typing import Any

import pytest

from kube.errors import BUDGET, Conflict, TooMany
from kube.gateway import Gateway
from scaler.execution.eviction import Evictor
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
    api: Any = Scripted(Conflict(409, "Conflict", "another UID"), NONE, NONE)
    gateway: Gateway = api
    evictor = Evictor(gateway, Any, monotonic=lambda: now[0])  # type: ignore[arg-type]
    action: Any = type("A", (), {"workload": workload(), "pod": "web-1", "uid": "u"})
    with pytest.raises(Conflict):
        evictor._evict(action, dry=False)
    now[0] += 40
    got = evictor._evict(action, dry=True)
    assert got is not None and got.reason is Reason.DISRUPTION_BUDGET
    assert "spent 40 s ago by an eviction that met another pod" in got.message
    now[0] += 90
    got = evictor._evict(action, dry=True)
    assert got is not None and got.message == NONE.message
