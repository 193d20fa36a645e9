"""Whom the old pod still serves: every row of draining.py's table."""

from typing import Any

import msgspec
import pytest

from scaler.execution import draining
from tests.unit.scaler.builders import pod

OLD, NEW = pod("web-1"), pod("web-2")


def service(name: str = "web", selector: dict[str, str] | None = None, **spec: Any) -> Any:
    raw = {"metadata": {"name": name}, "spec": {"selector": selector or {"app": "web"}, **spec}}
    return msgspec.convert(raw, draining.Service)


def listing(*uids: str, of: str = "web", ready: bool | None = True) -> Any:
    points = [{"targetRef": {"uid": u}, "conditions": {"ready": ready}} for u in uids]
    meta = {"name": f"{of}-1", "labels": {draining.SERVICE: of}}
    return msgspec.convert({"metadata": meta, "endpoints": points}, draining.Slice)


def policy(**selector: Any) -> Any:
    raw = {"metadata": {"name": "p"}, "spec": {"podSelector": selector}}
    return msgspec.convert(raw, draining.NetworkPolicy)


BOTH = listing("uid-web-1", "uid-web-2")
CASES: dict[str, tuple[list[Any], list[Any], list[Any], object]] = {
    "nobody selects it": ([], [], [], None),
    "a Service of others": ([service(selector={"app": "db"})], [], [], None),
    "a Service without a selector": (
        [msgspec.convert({"metadata": {"name": "x"}, "spec": {}}, draining.Service)],
        [],
        [],
        None,
    ),
    "a name elsewhere": ([service(type="ExternalName")], [], [], None),
    "both are listed": ([service()], [BOTH], [], ("app",)),
    "the new one is not listed": ([service()], [listing("uid-web-1")], [], "web-2 is not listed"),
    "listed, but not ready": (
        [service()],
        [listing("uid-web-2", ready=False)],
        [],
        "web-2 is not listed",
    ),
    "ready as far as anybody knows": (
        [service()],
        [listing("uid-web-2", ready=None)],
        [],
        ("app",),
    ),
    "listed for another Service": (
        [service()],
        [listing("uid-web-2", of="other")],
        [],
        "web-2 is not listed",
    ),
    "two Services, two keys": (
        [service(), service("b", {"app": "web", "tier": "x"})],
        [BOTH, listing("uid-web-1", of="b")],
        [],
        ("app", "tier"),
    ),
    "a policy selects it": ([service()], [BOTH], [policy(matchLabels={"app": "web"})], None),
    "a policy about all": ([service()], [BOTH], [policy()], None),
    "a policy by expression": (
        [service()],
        [BOTH],
        [policy(matchExpressions=[{"key": "app", "operator": "Exists"}])],
        None,
    ),
    "a policy of others": ([service()], [BOTH], [policy(matchLabels={"app": "db"})], ("app",)),
    "a policy, but the new one is not listed": (
        [service()],
        [listing()],
        [policy()],
        "web-2 is not listed",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_held_pod_is_drained_deleted_or_waited_for(name: str) -> None:
    services, slices, policies, expected = CASES[name]
    old = pod("web-1", labels={"tier": "x"})
    got = draining.leave(old, draining.Surroundings(services, slices, policies, [NEW]))
    if isinstance(got, draining.Strip):
        assert got.keys == expected
    elif isinstance(got, draining.NotYet):
        assert isinstance(expected, str)
        assert expected in got.why
    else:
        assert expected is None


def test_a_service_that_only_the_old_pod_is_in_waits_for_nobody() -> None:
    services = [service("b", {"canary": "yes"})]
    old = pod("web-1", labels={"canary": "yes"})
    got = draining.leave(old, draining.Surroundings(services, [], [], [NEW]))
    assert got == draining.Strip(("canary",))
