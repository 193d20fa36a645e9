"""Pods that nobody may disrupt: the table of do_not_disrupt.py."""

from collections.abc import Mapping

import msgspec
import pytest

from kube import objects
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.disruption import do_not_disrupt
from store.model import Status
from tests.unit.scaler.builders import owner, pod, stored, view

SAFE, DISRUPT, EVICT = (
    "cluster-autoscaler.kubernetes.io/safe-to-evict",
    "karpenter.sh/do-not-disrupt",
    "karpenter.sh/do-not-evict",
)


def annotated(name: str, annotations: Mapping[str, str]) -> objects.Pod:
    made = pod(name)
    meta = msgspec.structs.replace(made.metadata, annotations=dict(annotations))
    return msgspec.structs.replace(made, metadata=meta)


def seen(
    annotations: Mapping[str, str], on_template: Mapping[str, str] | None = None
) -> tuple[View, PodState]:
    """A workload whose first pod bears these annotations."""
    whose = owner(on_template=dict(on_template or {}))
    made = view(annotated("a", annotations), pod("b"), status=Status(size=stored()), whose=whose)
    return made, made.states[0]


@pytest.mark.parametrize(
    ("annotations", "forbids"),
    [
        ({}, None),
        ({SAFE: "false"}, f'{SAFE}: "false"'),
        ({DISRUPT: "true"}, f'{DISRUPT}: "true"'),
        ({EVICT: "true"}, f'{EVICT}: "true"'),
        ({SAFE: "true", DISRUPT: "false", EVICT: "false"}, None),
        ({SAFE: "no", DISRUPT: "True", EVICT: ""}, None),
    ],
    ids=[
        *("no annotation", "not safe to evict", "not to be disrupted", "its former name"),
        *("the opposite values", "any other value"),
    ],
)
def test_an_annotation_of_the_pod_or_of_its_template_forbids(
    annotations: dict[str, str], forbids: str | None
) -> None:
    assert do_not_disrupt.why(*seen(annotations)) == forbids
    assert do_not_disrupt.why(*seen({}, annotations)) == forbids


def test_the_message_names_at_most_three_pods_and_the_annotation() -> None:
    made = view(*(annotated(name, {SAFE: "false"}) for name in "abcd"))
    message = do_not_disrupt.message(made, made.states)
    assert "a, b, c" in message and "d" not in message.partition(";")[0].split()
    assert message.endswith(f'{SAFE}: "false"')
