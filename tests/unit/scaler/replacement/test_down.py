"""A pod that is down for want of memory is replaced though others would have to wait."""

from typing import Any

import pytest
from msgspec.structs import replace

from kube import objects
from scaler.replacement.candidate import Next, NextCase
from scaler.replacement.next_pod import next_pod
from scaler.replacement.prospects import Prospects
from store.model import ContainerSize, Phase, Status
from store.reasons import Reason
from tests.unit.scaler.builders import NGINX, injected, pod, size, stored
from tests.unit.scaler.replacement.test_next_pod import KARPENTER, Case, asked_about
from tests.unit.scaler.troubled import ago, placed

MORE = replace(
    stored(2),
    containers=(ContainerSize("nginx", size((None, None), (128, 256)), NGINX["nginx"]),),
)
GROWN = Status(size=MORE)
DELETES = Prospects(lambda pods: None, unable=lambda pod: None, deletes=True)
UNSEEN: dict[str, Any] = {"owner": {"metadata": {"generation": 2}}}
"""A rollout has begun: the owner's controller has not seen the newest spec yet."""


def down(made: objects.Pod) -> objects.Pod:
    """Its container was killed for want of memory, and waits to be started again."""
    end = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": ago(5)}
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting"}
    return placed(made, restarts=3, waiting=waiting, last={"terminated": end})


def protected(made: objects.Pod) -> objects.Pod:
    return replace(made, metadata=replace(made.metadata, annotations={KARPENTER: "true"}))


def case(*pods: objects.Pod, **more: Any) -> NextCase:
    prospects = more.pop("prospects", DELETES)
    return replace(asked_about(Case("", pods, None, status=GROWN, **more)), prospects=prospects)


def following(*pods: objects.Pod, **more: Any) -> Next:
    return next_pod(case(*pods, **more))


def test_it_is_deleted_whatever_budgets_say_and_its_replacement_is_not_waited_for() -> None:
    got = following(pod("web-1"), down(pod("web-2")))
    assert got.pod and got.pod.metadata.name == "web-2"
    assert (got.phase, got.deletes) == (Phase.APPLYING, True)
    assert got.unable == "web-2 is down for want of memory"


def test_without_the_right_to_it_it_is_evicted() -> None:
    got = following(pod("web-1"), down(pod("web-2")), prospects=replace(DELETES, deletes=False))
    assert got.pod and got.pod.metadata.name == "web-2"
    assert not got.deletes


def test_a_rollout_that_waits_for_it_does_not_hold_it_up_but_it_is_evicted() -> None:
    """Handed over it would be no pod of the rollout's."""
    got = following(pod("web-1"), down(pod("web-2")), world=UNSEEN)
    assert got.pod and got.pod.metadata.name == "web-2"
    assert not got.deletes
    assert got.unable == "the controller has not observed the newest spec yet"


def test_a_pod_of_an_older_template_is_left_to_the_rollout() -> None:
    rolling: dict[str, Any] = {
        "kind": "StatefulSet",
        "owner": {"status": {"updateRevision": "two", "currentRevision": "one"}},
    }
    new = pod("web-1", labels={"controller-revision-hash": "two"})
    old = down(pod("web-0", labels={"controller-revision-hash": "one"}))
    got = following(old, new, world=rolling)
    assert got.reason is Reason.ROLLOUT_IN_PROGRESS
    newest = down(pod("web-1", labels={"controller-revision-hash": "two"}))
    other = pod("web-0", labels={"controller-revision-hash": "one"})
    found = following(other, newest, world=rolling)
    assert found.pod and found.pod.metadata.name == "web-1"


@pytest.mark.parametrize(
    "others", [(), (injected("web-1", MORE),)], ids=["alone", "beside another"]
)
def test_one_that_an_annotation_protects_stays_and_the_annotation_is_why(
    others: tuple[objects.Pod, ...],
) -> None:
    got = following(*others, protected(down(pod("web-2"))), world={"replicas": len(others) + 1})
    assert got.reason is Reason.DISRUPTION_BUDGET
    assert "karpenter.sh/do-not-disrupt" in got.message
