"""Quotas and the pods that are to be replaced: what is let in at the end, and at each step."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from kube import objects
from scaler.feasibility.quota import Ledger, Share
from scaler.model import Write
from store.model import Phase, Resources, Size, Status
from store.reasons import Reason
from tests.unit.scaler.builders import DOUBLED, NGINX, hand, injected, pod, size, stored, view
from tests.unit.scaler.cycles import context, planned, using
from tests.unit.scaler.feasibility.quotas import per_container, quota

R = Reason
BOTH = (pod("web-1"), pod("web-2"))  # 250m to 500m, 64Mi to 128Mi each
TWICE = {"nginx": DOUBLED}
WITH_PROXY = pod("web-1", {**NGINX, "proxy": size()})


@dataclass(frozen=True)
class Case:
    name: str
    hard: dict[str, str]
    message: str | None
    sizes: dict[str, Size] = field(default_factory=lambda: TWICE)
    replaced: tuple[objects.Pod, ...] = BOTH
    mine: Share = Share(BOTH)  # noqa: RUF009 (frozen)
    more: dict[str, Any] = field(default_factory=dict)


def other(**sizes: Any) -> objects.Pod:
    return pod("other", {"nginx": size(**sizes)}, of="somebody")


def becoming(pods: tuple[objects.Pod, ...], missing: int = 0) -> dict[str, Share]:
    """Another workload whose pods come to have 500m to 1."""
    return {"other": Share(pods, missing, lambda p: TWICE)}


CASES = [
    Case("both fit", {"requests.cpu": "1"}, None),
    Case("one fits, both do not", {"requests.cpu": "999m"}, "requests.cpu would be 1, 999m is"),
    Case("cpu is requests.cpu", {"cpu": "999m"}, "cpu would be 1"),
    Case("limits", {"limits.cpu": "1999m"}, "limits.cpu would be 2"),
    Case("limits fit", {"limits.cpu": "2"}, None),
    Case("memory is not changed", {"requests.memory": "128Mi", "limits.memory": "256Mi"}, None),
    Case("memory", {"limits.memory": "511Mi"}, "limits.memory would be 512Mi",
         {"nginx": size((250, 500), (64, 256))}),
    Case("memory is requests.memory", {"memory": "100Mi"}, "memory would be 128Mi"),
    Case("pods are replaced", {"pods": "2"}, None),
    Case("more pods than are allowed now", {"pods": "1"}, "pods would be 2, 1 is allowed"),
    Case("count/pods", {"count/pods": "1"}, "count/pods would be 2"),
    Case("names that we do not change", {"requests.nvidia.com/gpu": "0", "services": "0"}, None),
    Case("somebody else's pods hold some", {"requests.cpu": "1200m"}, "would be 1250m",
         more={"others": (other(),)}),
    Case("finished pods hold nothing", {"requests.cpu": "1"}, None,
         more={"others": (pod("done", of="job", phase="Succeeded"),)}),
    Case("another change under way counts with its end", {"requests.cpu": "1400m"},
         "would be 1500m", more={"shares": becoming((other(),))}),
    Case("one that shrinks counts until it has", {"requests.cpu": "1900m"}, "would be 2",
         more={"shares": becoming((other(cpu=(1000, 2000)),))}),
    Case("its missing pods count", {"requests.cpu": "1900m"}, "would be 2",
         more={"shares": becoming((other(),), missing=1)}),
    Case("each of its missing pods counts once", {"requests.cpu": "2499m"}, "would be 2500m",
         more={"shares": becoming((other(), other()), missing=1)}),
    Case("and no more than once", {"requests.cpu": "2500m"}, None,
         more={"shares": becoming((other(), other()), missing=1)}),
    Case("our only pod is missing another", {"requests.cpu": "999m"}, "would be 1",
         mine=Share(BOTH[:1], missing=1), replaced=BOTH[:1]),
    Case("a container that is not changed counts with what it has", {"limits.cpu": "1500m"}, None,
         mine=Share((WITH_PROXY,)), replaced=(WITH_PROXY,)),
    Case("and nothing less", {"limits.cpu": "1499m"}, "limits.cpu would be 1500m",
         mine=Share((WITH_PROXY,)), replaced=(WITH_PROXY,)),
    Case("our own missing pod comes with the new size", {"requests.cpu": "1400m"},
         "would be 1500m", mine=Share(BOTH, missing=1)),
    Case("our own of the ledger counts once", {"requests.cpu": "1"}, None,
         more={"shares": {"web": Share(BOTH, 3)}}),
    Case("full already: no pod could come back", {"requests.cpu": "400m"}, "would be 500m",
         NGINX),
    Case("full already: the first small one would not be let in", {"requests.cpu": "300m"},
         "would be 350m", {"nginx": size((100, 200))}),
    Case("full already, and small enough at once", {"requests.cpu": "350m"}, None,
         {"nginx": size((100, 200))}),
    Case("a limit that must be set", {"limits.cpu": "9"},
         "ResourceQuota q admits no container without limits.cpu, and nginx has none",
         {"nginx": size((500, None))}),
    Case("and that a LimitRange sets", {"limits.cpu": "9"}, None, {"nginx": size((500, None))},
         more={"ranges": (per_container(default={"cpu": "2"}),)}),
    Case("what that comes to counts", {"limits.cpu": "3"}, "limits.cpu would be 4",
         {"nginx": size((500, None))},
         more={"ranges": (per_container(default={"cpu": "2"}),)}),
    Case("a request that follows from the limit", {"requests.cpu": "2"}, None,
         {"nginx": size((None, 1000))}),
    Case("a quota at zero, nothing asked for", {"requests.cpu": "0"}, "admits no container",
         {"nginx": Size(Resources(None, 64), Resources(None, 128))}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_quota_lets_pods_in_or_says_what_is_too_much(case: Case) -> None:
    hard = {name.replace(".", "__"): value for name, value in case.hard.items()}
    found = quota(**hard)
    more = {"shares": {}, "ranges": (), **case.more}
    got = Ledger([found], **more).refusal("web", case.mine, case.replaced, case.sizes)
    assert (got or "") == "" if case.message is None else case.message in (got or "nothing"), got


def test_a_pod_that_the_quota_is_not_about_is_let_in_though_it_is_full() -> None:
    full = quota(scopes=["Terminating"], requests__cpu="0")
    assert Ledger([full], (), {}).refusal("web", Share(BOTH), BOTH, TWICE) is None


def test_a_quota_is_about_some_of_the_pods() -> None:
    """The others are let in, and those that it is about are looked at all the same."""
    prior = pod("web-2", priorityClassName="high")
    about = quota(
        selector=[{"scopeName": "PriorityClass", "operator": "Exists"}], requests__cpu="1m"
    )
    mine = (BOTH[0], prior)
    got = Ledger([about], (), {}).refusal("web", Share(mine), mine, TWICE)
    assert got == "ResourceQuota q refuses a replacement: requests.cpu would be 500m, 1m is allowed"


def test_each_quota_counts_for_itself() -> None:
    ending = quota("ending", scopes=["Terminating"], requests__cpu="1")
    ledger = Ledger([ending, quota(requests__cpu="1200m")], (), {}, (other(),))
    assert "requests.cpu would be 1250m" in (ledger.refusal("web", Share(BOTH), BOTH, TWICE) or "")


def limited(most: int) -> Any:
    """A cycle in which a quota allows each container so many millicores of limit."""
    refusal = lambda v, pods, sizes: (  # noqa: E731
        f"{most}m is allowed" if sizes["nginx"].limits.cpu > most else None
    )
    return context(using(nginx=490.0), quota=refusal)


@pytest.mark.parametrize(
    ("most", "reason", "limit"),
    [
        (1000, R.DOUBLED, 1000),
        (700, R.DOUBLED, 700),
        (550, R.DOUBLED, 550),
        (549, R.QUOTA, None),
        (500, R.QUOTA, None),
    ],
    ids=["all of it", "the largest step", "ten per cent more", "less than that", "nothing"],
)
def test_a_step_is_as_large_as_the_quota_allows(most: int, reason: R, limit: int | None) -> None:
    got = planned(view(), limited(most))
    assert got.standing.reason is reason
    assert isinstance(got.action, Write)
    after = got.action.status.size
    assert (after and after.containers[0].size.limits.cpu) == limit
    assert (got.standing.phase is Phase.BLOCKED) is (limit is None)


def test_a_size_by_hand_is_refused_as_it_stands() -> None:
    seen = view(by_hand=[hand(cpu=(500, 1000))])
    got = planned(seen, limited(700))
    assert (got.standing.phase, got.standing.reason) == (Phase.BLOCKED, R.QUOTA)
    assert isinstance(got.action, Write) and got.action.status.size is None


def test_a_quota_that_came_since_is_asked_before_a_pod_is_replaced() -> None:
    status = Status(size=stored(3))
    seen = view(pod("a"), injected("b", stored(3)), status=status)
    asked: list[list[str]] = []

    def refusal(v: object, pods: Any, sizes: object) -> str:
        asked.append([p.metadata.name for p in pods])
        return "full"

    got = planned(seen, context(quota=refusal))
    assert (got.standing.reason, got.standing.message) == (R.QUOTA, "full")
    assert {*map(tuple, asked)} == {("a",)}, "the one that has it already is not asked about"


def test_where_sizes_are_by_kind_of_node_those_that_are_to_change_too_are_counted() -> None:
    """web-1 is asked about, and web-2 will have twice as much, on its own kind of node."""
    ledger = Ledger([quota(requests__cpu="900m")], (), {})
    last = BOTH[1].metadata.uid
    for mixed, refused in ((False, False), (True, True)):
        mine = Share(BOTH, becomes=lambda p: TWICE if p.metadata.uid == last else None, mixed=mixed)
        message = ledger.refusal("mine", mine, BOTH[:1], TWICE)
        assert (message is not None) is refused
