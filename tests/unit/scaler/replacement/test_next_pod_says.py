"""What is said of the next pod, and of the pods that it waits for: next_pod.py's messages."""

import pytest
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.replacement.next_pod import next_pod
from scaler.replacement.prospects import Prospects, RestartLimits
from store.model import Phase, Sizes
from store.reasons import Reason
from tests.unit.scaler.builders import NGINX, NOW, pod, size
from tests.unit.scaler.replacement.test_next_pod import (
    NEW,
    OLD,
    WRITTEN,
    Case,
    R,
    asked_about,
    following,
    missed,
    old,
)
from tests.unit.scaler.troubled import placed

EDITED = {"nginx": size((300, 600))}


def stuck_as(stamp: tuple[int, Sizes] | None, sizes: Sizes = NGINX) -> objects.Pod:
    """Has these values, and cannot have its image."""
    waiting = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}
    return placed(pod("web-3", sizes, stamp_of=stamp), since=70, waiting=waiting)


def test_a_failure_says_that_another_pod_is_on_its_way() -> None:
    """It takes one of the cluster's places."""
    going = old("b", going=True)
    got = following(Case("", (missed("a"), NEW, going), None))
    assert (got.reason, got.failed, got.in_flight) == (R.WEBHOOK_UNVERIFIED, True, True)


def test_a_pod_that_does_not_end_is_reported_where_another_is_missing_for_it() -> None:
    going = old("b", going=True)
    meta = replace(going.metadata, deletion_timestamp=timestamps.text(NOW - 120))
    got = following(Case("", (OLD, replace(going, metadata=meta)), None))
    assert got.reason is R.NOT_READY
    assert got.message == (
        "1 of 2 pods exist; b is still terminating, though its time was up at 20:28:00"
    )


@pytest.mark.parametrize(
    ("stamp", "sizes", "its_own"),
    [((3, NGINX), NGINX, True), (None, EDITED, True), (None, NGINX, False)],
    ids=["rewritten", "of an edited manifest", "an old one"],
)
def test_why_a_pod_waits_is_said_where_it_came_with_the_size_stored(
    stamp: tuple[int, Sizes] | None, sizes: Sizes, its_own: bool
) -> None:
    got = following(Case("", (OLD, stuck_as(stamp, sizes)), None))
    assert got.message.startswith("web-3 is not Ready after 70 s: ") is its_own


def test_a_replaced_pod_that_does_not_end_is_named_though_nobody_waits_for_it() -> None:
    going = old("b", going=True)
    meta = replace(going.metadata, deletion_timestamp=timestamps.text(NOW - 120))
    seen = Case("", (NEW, replace(going, metadata=meta)), None, world={"replicas": 1})
    got = following(seen)
    assert got.phase is Phase.SETTLED
    assert got.lingering == "b is still terminating, though its time was up at 20:28:00"


def test_who_has_paused_it_is_said() -> None:
    got = following(Case("", (OLD, NEW), None, asked={"paused": "true"}))
    assert got.message == "the workload or its namespace is paused"
    limits = RestartLimits(paused="scaler.dryRun is set")
    got = following(Case("", (OLD, NEW), None, world={"limits": limits}))
    assert got.message == "scaler.dryRun is set"


def test_a_pause_still_says_that_a_pod_is_on_its_way() -> None:
    going = old("b", going=True)
    got = following(Case("", (OLD, going), None, asked={"paused": "true"}))
    assert (got.reason, got.in_flight) == (R.PAUSED, True)


@pytest.mark.parametrize(("there", "without"), [((), False), (("uid-a",), False), (("x",), True)])
def test_a_pod_of_the_second_of_the_write_came_after_it_where_it_was_not_there_before(
    there: tuple[str, ...], without: bool
) -> None:
    limits = RestartLimits(there=frozenset(there))
    got = following(Case("", (old("a", created=WRITTEN), NEW), None, world={"limits": limits}))
    assert (got.reason is R.WEBHOOK_UNVERIFIED) is without


def test_pods_of_a_node_that_nobody_may_disrupt_stay() -> None:
    pods = old("a", nodeName="kept"), old("b", nodeName="other")
    limits = RestartLimits(kept_nodes=frozenset({"kept"}))
    got = following(Case("", pods, None, world={"limits": limits}))
    assert got.pod and got.pod.metadata.name == "b"
    got = following(Case("", (pods[0], NEW), None, world={"limits": limits}))
    assert got.reason is R.DISRUPTION_BUDGET
    assert "on node kept" in got.message


@pytest.mark.parametrize(
    ("refused", "reason"), [(False, R.SINGLE_REPLICA), (True, R.REFUSED)], ids=str
)
def test_the_only_pod_says_why_it_waits_and_what_would_allow_the_gap(
    refused: bool, reason: Reason
) -> None:
    case = asked_about(Case("", (OLD,), None, world={"replicas": 1}))
    asks = Prospects(lambda pods: None, unable=lambda pod: "it has a volume", refused=refused)
    got = next_pod(replace(case, prospects=asks))
    assert got.reason is reason
    assert got.message == (
        "it has one pod, whose replacement cannot be Ready first: it has a volume; "
        'podtailor.io/single-replica: "restart" allows the gap'
    )
