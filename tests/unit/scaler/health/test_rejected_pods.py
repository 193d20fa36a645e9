"""Pods that their kubelet refuses: when the size is to blame, and what is kept of hundreds."""

import pytest
from msgspec.structs import replace
from msgspec.structs import replace as changed

from kube import objects
from scaler.cluster.view import View
from scaler.health.rejected_pods import TIMES, WINDOW, refusals, remembered
from scaler.model import Write
from store.model import Apply, Phase, Status, Workload
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import NOW, injected, owner, pod, stored, view
from tests.unit.scaler.cycles import context, planned
from tests.unit.scaler.troubled import ago

LARGE = stored(3)
LINE = Change(ago(300), 3, "nginx", "cpu", "500m", "1", Reason.DOUBLED)
STATUS = Status(size=LARGE, changes=(LINE,))
WORDS = "Pod was rejected: Node didn't have enough resource: cpu"


def refused(number: int, made: objects.Pod | None = None, *, age: float = 0.0) -> objects.Pod:
    """The kubelet refused it, that many tenths of a second after the one before."""
    one = made or injected(f"web-{number}", LARGE)
    meta = replace(one.metadata, creation_timestamp=ago(age or 20 - number), uid=f"uid-{number}")
    status = objects.PodStatus(phase="Failed", reason="OutOfcpu", message=WORDS)
    return replace(one, metadata=meta, status=status)


def seen(*failed: objects.Pod, replicas: int = 2, status: Status = STATUS) -> View:
    """One pod is Ready, and `failed` are the newest of the others."""
    made = view(injected("a", LARGE), status=status, whose=owner(replicas=replicas))
    return changed(made, failed=failed)


def found(view: View, now: float = NOW) -> list[str]:
    known = remembered({}, [view], now)
    return [words for _, words in refusals(view, known)]


THREE = [refused(n) for n in range(3)]


def test_three_refusals_in_a_row_are_the_size_s_fault() -> None:
    assert found(seen(*THREE)) == [
        f"web-2 and {TIMES - 1} before it were refused by their kubelet: OutOfcpu: {WORDS}"
    ]


@pytest.mark.parametrize(
    "case",
    [
        seen(*THREE[:2]),
        seen(*THREE, replicas=1),
        seen(*THREE, status=Status()),
        seen(*THREE, status=Status(size=stored(4), changes=(LINE,))),
        seen(*THREE[:2], refused(2, pod("b"))),
        seen(*THREE[:2], refused(2, age=WINDOW + 5)),
        seen(*THREE, status=Status(size=LARGE, changes=(changed(LINE, at=ago(19)),))),
    ],
    ids=[
        *("two", "all pods are Ready", "no size", "another size", "one without the size"),
        *("one that ran for longer", "one before the size was written"),
    ],
)
def test_fewer_or_other_refusals_are_not(case: View) -> None:
    assert found(case) == []


def test_a_statefulset_s_pods_are_remembered_as_it_deletes_each_before_the_next() -> None:
    known: dict[Workload, tuple[objects.Pod, ...]] = {}
    for one in THREE:
        known = dict(remembered(known, [seen(one)], NOW))
    assert [p.metadata.uid for p in known[seen().workload]] == ["uid-0", "uid-1", "uid-2"]
    assert len(list(refusals(seen(), known))) == 1
    known = dict(remembered(known, [seen(refused(3))], NOW))
    assert [p.metadata.uid for p in known[seen().workload]] == ["uid-1", "uid-2", "uid-3"]
    assert remembered(known, [seen()], NOW + WINDOW + 30) == {}


def test_the_manifest_s_values_are_given_back_and_a_failure_is_counted() -> None:
    case = seen(*THREE)
    plan = planned(case, context(rejected=remembered({}, [case], NOW)))
    assert isinstance(plan.action, Write) and plan.action.blames
    status = plan.action.status
    assert (status.phase, status.reason) == (Phase.ROLLED_BACK, Reason.ROLLED_BACK)
    assert status.size and (status.size.apply, status.size.containers) == (Apply.NEW, ())
    assert status.backoff.failures == 1
    assert "OutOfcpu" in status.message
