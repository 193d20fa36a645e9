"""May a pod be replaced, and which: every check of next_pod.py, every row of in_flight.py."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.annotations.options import Settings
from scaler.cluster.view import View
from scaler.replacement.candidate import Next, NextCase
from scaler.replacement.next_pod import CHECKS, next_pod
from scaler.replacement.prospects import Prospects, RestartLimits
from scaler.resizing.resize_case import Terms
from store.model import Apply, ContainerSize, Phase, Status, StoredSize
from store.reasons import Reason
from store.records import BackOff, Change, Restarts
from tests.unit.scaler.builders import (
    NGINX,
    NOW,
    asked,
    injected,
    owner,
    pod,
    size,
    stored,
    view,
)
from tests.unit.scaler.troubled import placed

SIZE = stored(3)
OLD, NEW = pod("web-1", NGINX), injected("web-2", SIZE)
WRITTEN = timestamps.text(NOW - 60)
STATUS = Status(
    size=SIZE, changes=(Change(WRITTEN, 3, "nginx", "cpu", "500m", "1", Reason.DOUBLED),)
)
TAKEN = replace(STATUS, phase=Phase.APPLYING, reason=Reason.PENDING_REPLACEMENT)
EQUAL = size((500, 500), (None, None))
ONE_MEMORY = size((None, None), (64, 64))
LOW = msgspec.convert(
    {
        "metadata": {"name": "low"},
        "spec": {"limits": [{"type": "Container", "max": {"cpu": "900m"}}]},
    },
    objects.LimitRange,
)
R = Reason
SAFE = "cluster-autoscaler.kubernetes.io/safe-to-evict"
KARPENTER = "karpenter.sh/do-not-disrupt"


class Case(msgspec.Struct, frozen=True):
    """`taken`: the name of the pod to replace."""

    name: str
    pods: tuple[objects.Pod, ...]
    reason: Reason | None
    taken: str | None = None
    status: Status = STATUS
    asked: Mapping[str, str] = msgspec.field(default_factory=dict)
    world: Mapping[str, Any] = msgspec.field(default_factory=dict)
    terms: Terms | None = None
    """How pods are resized in place; None: they are replaced."""


def old(name: str, **more: Any) -> objects.Pod:
    return pod(name, NGINX, **more)


def unsafe(name: str, word: str = SAFE, value: str = "false") -> objects.Pod:
    """With annotations for other disruption tools."""
    made = old(name)
    return msgspec.structs.replace(
        made, metadata=msgspec.structs.replace(made.metadata, annotations={word: value})
    )


def missed(name: str, **more: Any) -> objects.Pod:
    """Created after the size was written, without it."""
    return old(name, created=timestamps.text(NOW - 30), **more)


def stuck(since: float = 70) -> objects.Pod:
    """Has the size, and cannot have its image."""
    waiting = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}
    created = timestamps.text(NOW - since)
    return placed(injected("web-3", SIZE, created=created), since=since, waiting=waiting)


def with_size(**more: Any) -> Status:
    return replace(STATUS, size=replace(SIZE, **more))


CASES = [
    Case("nothing is stored", (OLD, NEW), None, status=Status()),
    Case("every pod has it", (injected("a", SIZE), NEW), None),
    Case("no pods", (), None),
    Case("`apply: new`", (OLD, NEW), None, status=with_size(apply=Apply.NEW)),
    Case("mode initial", (OLD, NEW), None, asked={"mode": "initial"}),
    Case("its container is initial", (OLD, NEW), None, asked={"mode__nginx": "initial"}),
    Case("its container is observed", (OLD, NEW), None, asked={"mode__nginx": "observe"}),
    Case("its container is off", (OLD, NEW), None, asked={"mode__nginx": "off"}),
    Case("the last one comes up", (NEW, injected("a", SIZE, ready=False)), R.PENDING_REPLACEMENT),
    Case("the last one is missing", (NEW,), R.PENDING_REPLACEMENT, status=TAKEN),
    Case("paused", (OLD, NEW), R.PAUSED, asked={"paused": "true"}),
    Case(
        "dry run",
        (OLD, NEW),
        R.PAUSED,
        world={"limits": RestartLimits(paused="scaler.dryRun is set")},
    ),
    Case("paused, but all is done", (NEW, injected("a", SIZE)), None, asked={"paused": "true"}),
    Case("the webhook missed one", (missed("a"), NEW), R.WEBHOOK_UNVERIFIED),
    Case(
        "one was made as the size was written",
        (old("a", created=timestamps.text(NOW - 1)), NEW),
        R.PENDING_REPLACEMENT,
        status=replace(STATUS, changes=(replace(STATUS.changes[0], at=timestamps.text(NOW - 1)),)),
    ),
    Case("paused comes first", (missed("a"), NEW), R.PAUSED, asked={"paused": "true"}),
    Case(
        "waiting after that",
        (missed("a", ready=False), NEW),
        R.BACKING_OFF,
        status=replace(STATUS, backoff=BackOff(1, timestamps.text(NOW + 270))),
    ),
    Case(
        "waited long enough",
        (old("a", created=timestamps.text(NOW - 400)), NEW),
        None,
        "a",
        status=replace(STATUS, backoff=BackOff(1, timestamps.text(NOW - 1))),
    ),
    Case("rewritten", (pod("a", NGINX, stamp_of=(3, NGINX)), NEW), R.REWRITTEN),
    Case(
        "an older revision is no rewriting", (pod("a", NGINX, stamp_of=(2, NGINX)), NEW), None, "a"
    ),
    Case(
        "rewritten to something else",
        (pod("a", {"nginx": size((1, 2))}, stamp_of=(3, NGINX)), NEW),
        R.REWRITTEN,
    ),
    Case(
        "a newer spec is not taken up",
        (OLD, NEW),
        R.ROLLOUT_IN_PROGRESS,
        world={"owner": {"metadata": {"generation": 2}}},
    ),
    Case(
        "OnDelete, and the template moved on",
        (OLD, NEW),
        R.TEMPLATE_CHANGED,
        world={
            "kind": "StatefulSet",
            "owner": {
                "spec": {"updateStrategy": {"type": "OnDelete"}},
                "status": {"updateRevision": "two"},
            },
        },
    ),
    Case("one goes", (OLD, injected("a", SIZE, going=True)), R.PENDING_REPLACEMENT),
    Case("an old one goes", (OLD, old("a", going=True)), R.PENDING_REPLACEMENT),
    Case("a new one comes up", (OLD, injected("a", SIZE, ready=False)), R.PENDING_REPLACEMENT),
    Case(
        "not Ready for long enough",
        (OLD, injected("a", SIZE, since=timestamps.text(NOW - 9))),
        R.PENDING_REPLACEMENT,
        world={"owner": {"spec": {"minReadySeconds": 10}}},
    ),
    Case(
        "Ready for long enough",
        (OLD, injected("a", SIZE, since=timestamps.text(NOW - 10))),
        None,
        "web-1",
        world={"owner": {"spec": {"minReadySeconds": 10}}},
    ),
    Case("missing after we took it", (OLD,), R.PENDING_REPLACEMENT, status=TAKEN),
    Case(
        "comes up with old values after we took it",
        (OLD, old("a", ready=False)),
        R.PENDING_REPLACEMENT,
        status=TAKEN,
    ),
    Case("claimed, then killed before it was taken", (OLD, NEW), None, "web-1", status=TAKEN),
    Case("missing before we took any", (OLD,), R.NOT_READY),
    Case("an old one is not Ready", (OLD, old("a", ready=False)), R.NOT_READY),
    Case("the only pod", (OLD,), R.SINGLE_REPLICA, world={"replicas": 1}),
    Case(
        "the only pod, and a gap is allowed",
        (OLD,),
        None,
        "web-1",
        asked={"single_replica": "restart"},
        world={"replicas": 1},
    ),
    Case(
        "the hour's restarts are used up",
        (OLD, NEW),
        R.RESTART_BUDGET,
        status=replace(STATUS, restarts=Restarts(timestamps.hour(NOW), 8)),
    ),
    Case(
        "one is left",
        (OLD, NEW),
        None,
        "web-1",
        status=replace(STATUS, restarts=Restarts(timestamps.hour(NOW), 7)),
    ),
    Case(
        "another hour's",
        (OLD, NEW),
        None,
        "web-1",
        status=replace(STATUS, restarts=Restarts(timestamps.hour(NOW - 3600), 80)),
    ),
    Case("a quota is full", (OLD, NEW), R.QUOTA, world={"quota": "full"}),
    Case(
        "both: that no node has room is reported",
        (OLD, NEW),
        R.NO_NODE_FITS,
        world={"obstacle": "full", "quota": "full"},
    ),
    Case("it may not be evicted", (unsafe("a"), NEW), R.DISRUPTION_BUDGET),
    Case(
        "Karpenter may not disrupt it", (unsafe("a", KARPENTER, "true"), NEW), R.DISRUPTION_BUDGET
    ),
    Case("the other is taken", (unsafe("a"), OLD), None, "web-1"),
    Case("it says that it may be evicted", (unsafe("a", value="true"), NEW), None, "a"),
    Case(
        "its template says that it may not",
        (OLD, NEW),
        R.DISRUPTION_BUDGET,
        world={"owner": {"on_template": {SAFE: "false"}}},
    ),
    Case(
        "waiting for its turn is no flight",
        (OLD, old("a", ready=False)),
        R.NOT_READY,
        status=replace(TAKEN, phase=Phase.BLOCKED),
    ),
    Case(
        "it would be Guaranteed, and is not: the webhook would not give it the size",
        (pod("a", {"nginx": EQUAL}, stamp_of=(2, {"nginx": EQUAL})),),
        R.QOS_CLASS,
        status=with_size(containers=(ContainerSize("nginx", ONE_MEMORY, EQUAL),)),
        world={"replicas": 1},
        asked={"single_replica": "restart"},
    ),
    Case("a LimitRange came since", (OLD, NEW), R.LIMIT_RANGE, world={"limit_ranges": (LOW,)}),
    Case("fits nowhere", (OLD, NEW), R.NO_NODE_FITS, world={"obstacle": "full"}),
    Case("an image cannot be pulled", (OLD, stuck()), R.NOT_READY),
    Case("it waits for a moment only", (OLD, stuck(since=50)), R.PENDING_REPLACEMENT),
    Case("the oldest first", (old("b", created="2026-11-23T11:00:00Z"), OLD), None, "b"),
    Case(
        "a StatefulSet's last ordinal first",
        (old("web-2", labels={"controller-revision-hash": ""}), old("web-10"), old("web-9")),
        None,
        "web-10",
        world={"kind": "StatefulSet", "replicas": 3},
    ),
    Case(
        "an edited manifest's values are as they should be",
        (injected("a", SIZE, {"nginx": size((300, 600))}), NEW),
        None,
    ),
    Case(
        "a pod of other values that came without a stamp",
        (pod("a", {"nginx": size((9, 9))}), NEW),
        None,
    ),
]


def asked_about(case: Case) -> NextCase:
    more = dict(case.world)
    limits = more.pop("limits", RestartLimits())
    obstacle, quota = more.pop("obstacle", None), more.pop("quota", None)
    whose = owner(replicas=more.pop("replicas", max(2, len(case.pods))), **more.pop("owner", {}))
    settings = asked(**case.asked)
    assert isinstance(settings, Settings)
    seen: View = view(*case.pods, status=case.status, settings=settings, whose=whose, **more)
    seen = replace(seen, pods=case.pods)
    prospects = Prospects(lambda pods: obstacle, lambda pods: quota)
    return NextCase(seen, settings, limits, prospects, NOW, terms=case.terms)


def following(case: Case) -> Next:
    return next_pod(asked_about(case))


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_next_pod_follows_from_what_the_cluster_shows(case: Case) -> None:
    got = following(case)
    assert (got.reason, got.pod and got.pod.metadata.name) == (case.reason, case.taken), got


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_flight_failure_and_block_are_reported(case: Case) -> None:
    got = following(case)
    assert got.in_flight is (case.reason is Reason.PENDING_REPLACEMENT)
    assert got.failed is (case.reason in (Reason.WEBHOOK_UNVERIFIED, Reason.REWRITTEN))
    blocked = case.reason not in (None, Reason.PENDING_REPLACEMENT)
    assert (got.phase is Phase.BLOCKED) is blocked
    applying = case.taken is not None or case.reason is Reason.PENDING_REPLACEMENT
    assert (got.phase is Phase.APPLYING) is applying
    assert (got.phase is Phase.SETTLED) is not (applying or blocked)
    assert bool(got.message) is (case.reason is not None or case.taken is not None)
    assert (got.message == "replacing the next pod") is (case.taken is not None)


def test_a_replacement_that_waits_for_no_size_is_a_failure_once_and_said_in_full() -> None:
    got = following(Case("", (OLD, stuck()), None, status=TAKEN))
    assert got.failed and not got.in_flight
    assert got.message == (
        "web-3 is not Ready after 70 s: nginx: ImagePullBackOff: Back-off pulling image"
    )
    said = replace(STATUS, phase=Phase.BLOCKED, reason=Reason.NOT_READY)
    assert not following(Case("", (OLD, stuck()), None, status=said)).failed


def test_every_check_decides_a_case() -> None:
    """The three about resizes in place: test_in_place.py, test_misplaced.py."""
    decided = {CHECKS.decisive(asked_about(c))[0] for c in CASES}
    assert decided | {"withdrawn", "misplaced", "resized_in_place"} == CHECKS.purposes().keys()


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_check_gives_the_reasons_that_it_says_and_no_other(case: Case) -> None:
    name, got = CHECKS.decisive(asked_about(case))
    said = {*re.findall(r"`(\w+)`", CHECKS.purposes()[name])} & {*Reason}
    assert got.reason in (said or {None})


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_all_checks_can_be_asked_and_the_first_answer_is_the_one(case: Case) -> None:
    answers = [a for _, a in CHECKS.each(asked_about(case)) if a is not None]
    assert answers[0] == following(case)


CHEAP = (R.PAUSED, R.WEBHOOK_UNVERIFIED, R.REWRITTEN, R.BACKING_OFF, R.ROLLOUT_IN_PROGRESS)


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if c.reason in (*CHEAP, R.TEMPLATE_CHANGED, R.PENDING_REPLACEMENT)],
    ids=lambda c: c.name,
)
def test_nodes_and_quotas_are_not_asked_for_a_pod_that_stays_anyway(case: Case) -> None:
    def costly(*args: object) -> str:
        raise AssertionError("asked")

    prospects = Prospects(costly, costly, costly)
    assert next_pod(replace(asked_about(case), prospects=prospects)).reason is case.reason


@pytest.mark.parametrize(
    ("name", "pods", "last", "proven"),
    [
        ("all have it and are Ready", (NEW,), None, True),
        ("one comes up", (NEW, injected("a", SIZE, ready=False)), None, False),
        ("one comes up, it was proven before", (NEW, injected("a", SIZE, ready=False)), SIZE, True),
        ("another size was proven", (NEW, injected("a", SIZE, ready=False)), stored(2), False),
        ("no pods", (), None, False),
    ],
)
def test_a_size_is_proven_by_pods_that_run_with_it(
    name: str, pods: tuple[objects.Pod, ...], last: StoredSize | None, proven: bool
) -> None:
    got = following(Case(name, pods, None, status=replace(STATUS, last_good=last)))
    assert got.proven is proven


def test_an_unhealthy_pod_of_a_settled_workload_is_not_reported() -> None:
    """Else every crash would be two writes, and one of the three pods in flight."""
    status = replace(STATUS, last_good=SIZE)
    got = following(Case("", (NEW, injected("a", SIZE, ready=False)), None, status=status))
    assert (got.phase, got.reason, got.in_flight) == (Phase.SETTLED, None, False)


def test_a_size_of_mode_initial_is_proven_by_new_pods_only() -> None:
    case = Case("", (OLD, NEW), None, status=with_size(apply=Apply.NEW), asked={"mode": "initial"})
    assert not following(case).proven
    assert following(replace(case, pods=(NEW,))).proven
