"""The circuit breaker and the other limits for all workloads."""

from typing import Any

import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler.cluster import backoff
from scaler.cluster.view import View
from scaler.disruption import circuit_breaker
from scaler.disruption.circuit_breaker import Terms
from store.model import Status, Workload
from store.reasons import Reason
from store.records import BackOff
from tests.unit.scaler.builders import NOW, injected, pod, stored, view

R = Reason
SIZE = stored(3)


def failed(name: str, ago: float, reason: R = R.WEBHOOK_UNVERIFIED, times: int = 1) -> View:
    """A workload whose last failure was so many seconds ago."""
    last = backoff.failed(BackOff(times - 1), NOW - ago, reason, "why")
    seen = view(pod("old"), status=Status(size=SIZE, backoff=last))
    return replace(seen, workload=Workload("v1", "ReplicationController", "shop", name))


def well(made: float, **more: Any) -> View:
    """A workload with a pod that has its size."""
    return view(
        injected("a", SIZE, created=timestamps.text(made), **more), status=Status(size=SIZE)
    )


def with_status(seen: View, status: Status) -> View:
    assert seen.podsize
    return replace(seen, podsize=replace(seen.podsize, status=status))


THREE = [failed("a", 10), failed("b", 60), failed("c", 590)]

TRIPPED = [
    ("no failures", [well(NOW)], False),
    ("two", THREE[:2], False),
    ("three", THREE, True),
    ("three, the last of many each", [failed(n, 5, times=9) for n in "abc"], True),
    ("one is too long ago", [*THREE[:2], failed("c", 601)], False),
    ("one is just not too long ago", [*THREE[:2], failed("c", 600)], True),
    ("one was written by a clock that is ahead", [*THREE[:2], failed("c", -30)], True),
    ("one failed otherwise", [*THREE[:2], failed("c", 5, R.ROLLED_BACK)], False),
    ("others did well before", [*THREE, well(NOW - 10)], True),
    ("one has done well since", [*THREE, well(NOW - 8)], False),
    ("it is not Ready", [*THREE, well(NOW - 8, ready=False)], True),
    (
        "a pod came since without its size",
        [*THREE, view(pod(created=timestamps.text(NOW - 1)))],
        True,
    ),
]


@pytest.mark.parametrize(("name", "views", "trips"), TRIPPED, ids=[t[0] for t in TRIPPED])
def test_workloads_that_fail_alike_trip_the_breaker(
    name: str, views: list[View], trips: bool
) -> None:
    assert (circuit_breaker.tripped(views, Terms(), NOW) is not None) is trips


def test_the_breaker_says_which_workloads_failed_and_how() -> None:
    message = circuit_breaker.tripped(THREE, Terms(), NOW) or ""
    assert "3 workloads failed in the same way (WebhookUnverified)" in message
    named = [f"shop/ReplicationController/{n}" for n in "abc"]
    assert circuit_breaker.named([*THREE, failed("d", 5)], Terms(), NOW) == ", ".join(named)
    assert circuit_breaker.named(THREE[:2], Terms(), NOW) == ""


def test_a_failure_of_no_known_kind_counts_with_its_like() -> None:
    kinds = [replace(v.status.backoff, reason=None) for v in THREE]
    views = [
        with_status(v, replace(v.status, backoff=b)) for v, b in zip(THREE, kinds, strict=True)
    ]
    assert "same way (unknown);" in (circuit_breaker.tripped(views, Terms(), NOW) or "")


def test_what_many_namespaces_are_shown_names_nobody() -> None:
    message = circuit_breaker.tripped(THREE, Terms(), NOW) or ""
    assert "shop" not in message and "ReplicationController" not in message


def test_the_terms_of_the_breaker_are_settings() -> None:
    assert circuit_breaker.tripped(THREE[:2], Terms(2, 30), NOW) is None
    assert circuit_breaker.tripped(THREE[:2], Terms(2, 70), NOW)
