"""Pods that nobody may disrupt: the table of do_not_disrupt.py."""

from collections.abc import Mapping

import msgspec
import pytest

from kube import objects, timestamps
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.disruption import do_not_disrupt
from store.model import Status
from tests.unit.scaler.builders import owner, pod, stored, view

SAFE, DISRUPT, EVICT, PREFERRED = (
    "cluster-autoscaler.kubernetes.io/safe-to-evict",
    "karpenter.sh/do-not-disrupt",
    "karpenter.sh/do-not-evict",
    "descheduler.alpha.kubernetes.io/prefer-no-eviction",
)
START = "2026-11-23T20:00:00Z"
BEGAN = timestamps.seconds(START) or 0.0
HOUR = 3600.0


def annotated(
    name: str, annotations: Mapping[str, str], node: str | None = None, start: str | None = START
) -> objects.Pod:
    made = pod(name)
    replace = msgspec.structs.replace
    return replace(
        made,
        metadata=replace(made.metadata, annotations=dict(annotations)),
        spec=replace(made.spec, node_name=node),
        status=replace(made.status, start_time=start),
    )


def seen(
    annotations: Mapping[str, str],
    on_template: Mapping[str, str] | None = None,
    start: str | None = START,
) -> tuple[View, PodState]:
    """A workload whose first pod bears these annotations."""
    whose = owner(on_template=dict(on_template or {}))
    first = annotated("a", annotations, start=start)
    made = view(first, pod("b"), status=Status(size=stored()), whose=whose)
    return made, made.states[0]


@pytest.mark.parametrize(
    ("annotations", "forbids"),
    [
        ({}, None),
        ({SAFE: "false"}, f'{SAFE}: "false"'),
        ({DISRUPT: "true"}, f'{DISRUPT}: "true"'),
        ({EVICT: "true"}, f'{EVICT}: "true"'),
        ({SAFE: "true", DISRUPT: "false", EVICT: "False"}, None),
        ({SAFE: "no"}, f'{SAFE}: "no"'),
        ({SAFE: "2h"}, f'{SAFE}: "2h"'),
        ({DISRUPT: "True"}, f'{DISRUPT}: "True"'),
        ({EVICT: ""}, f'{EVICT}: ""'),
        ({DISRUPT: "2 hours"}, f'{DISRUPT}: "2 hours"'),
        ({DISRUPT: "-2h"}, f'{DISRUPT}: "-2h"'),
        ({DISRUPT: "2"}, f'{DISRUPT}: "2"'),
        ({DISRUPT: "0s"}, None),
        ({DISRUPT: "2h"}, f'{DISRUPT}: "2h", until 2026-11-23T22:00:00Z'),
        ({EVICT: "90m"}, f'{EVICT}: "90m", until 2026-11-23T21:30:00Z'),
        ({DISRUPT: "1h", EVICT: "2h"}, f'{EVICT}: "2h", until 2026-11-23T22:00:00Z'),
        ({PREFERRED: "true"}, f'{PREFERRED}: "true"'),
        ({PREFERRED: ""}, f'{PREFERRED}: ""'),
        ({PREFERRED: "false", SAFE: "true"}, f'{PREFERRED}: "false"'),
        ({DISRUPT: "99999999h"}, f'{DISRUPT}: "99999999h"'),
    ],
)
def test_an_annotation_of_the_pod_or_of_its_template_forbids(
    annotations: dict[str, str], forbids: str | None
) -> None:
    now = BEGAN + HOUR / 2
    assert do_not_disrupt.why(*seen(annotations), now) == forbids
    assert do_not_disrupt.why(*seen({}, annotations), now) == forbids


def test_a_duration_counts_from_the_start_of_the_pod_and_ends() -> None:
    case = seen({DISRUPT: "1h30m"})
    assert do_not_disrupt.why(*case, BEGAN + 1.5 * HOUR - 1)
    assert do_not_disrupt.why(*case, BEGAN + 1.5 * HOUR) is None


def test_a_pod_without_a_start_is_as_old_as_its_object() -> None:
    case = seen({DISRUPT: "1h"}, start=None)
    made = timestamps.seconds(case[1].pod.metadata.creation_timestamp) or 0.0
    assert do_not_disrupt.why(*case, made + HOUR - 1)
    assert do_not_disrupt.why(*case, made + HOUR) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("2h", 7200.0), ("90m", 5400.0), ("1h30m", 5400.0), ("1.5h", 5400.0), (".5s", 0.5)),
        *(("300ms", 0.3), ("0", 0.0), ("+1m", 60.0), ("-1m", -60.0)),
        *(("", None), ("h", None), ("2", None), ("1d", None), ("1h ", None), ("1h-2m", None)),
        *(("true", None), ("1,5h", None), ("NaNs", None), ("1h30", None), ("- 1h", None)),
    ],
)
def test_a_duration_is_read_as_go_reads_it(text: str, seconds: float | None) -> None:
    assert do_not_disrupt.duration(text) == (None if seconds is None else pytest.approx(seconds))


def test_a_node_protects_its_pods_by_the_value_that_karpenter_reads_there() -> None:
    def node(name: str, value: str) -> objects.Node:
        return objects.Node(objects.NodeMeta(name=name, annotations={DISRUPT: value}))

    kept = do_not_disrupt.kept_nodes([node("n1", "true"), node("n2", "2h"), node("n3", "false")])
    assert kept == {"n1"}
    made = view(annotated("a", {}, "n1"), annotated("b", {}, "n2"), annotated("c", {}))
    whys = [do_not_disrupt.why(made, s, BEGAN, kept) for s in made.states]
    assert whys == [f'{DISRUPT}: "true" on node n1', None, None]


def test_the_message_names_at_most_three_pods_and_the_annotation() -> None:
    made = view(*(annotated(name, {SAFE: "false"}) for name in "abcd"))
    message = do_not_disrupt.message(made, made.states, BEGAN)
    assert "a, b, c" in message and "d" not in message.partition(";")[0].split()
    assert message.endswith(f'{SAFE}: "false"')


def test_without_an_owner_only_the_pod_s_own_annotations_count() -> None:
    view_of, state = seen({DISRUPT: "true"})
    orphan = msgspec.structs.replace(view_of, owner=None)
    assert do_not_disrupt.why(orphan, state, BEGAN) == f'{DISRUPT}: "true"'


@pytest.mark.parametrize(("value", "protects"), [("0", False), ("1h", True)])
def test_of_a_pod_that_has_not_begun_the_time_has_not_begun(value: str, protects: bool) -> None:
    replace = msgspec.structs.replace
    new = annotated("a", {DISRUPT: value}, start=None)
    new = replace(new, metadata=replace(new.metadata, creation_timestamp=None))
    made = view(new, status=Status(size=stored()))
    assert (do_not_disrupt.why(made, made.states[0], BEGAN) is not None) is protects


def test_the_longest_protection_is_named_and_of_equals_the_first() -> None:
    made, state = seen({DISRUPT: "2h", EVICT: "1h"})
    assert (do_not_disrupt.why(made, state, BEGAN) or "").startswith(DISRUPT)
    made, state = seen({DISRUPT: "true", EVICT: "true"})
    assert do_not_disrupt.why(made, state, BEGAN) == f'{DISRUPT}: "true"'


def test_the_message_gives_the_first_pod_s_reason_its_node_included() -> None:
    one, two = annotated("a", {}, node="big"), annotated("b", {EVICT: "true"})
    made = view(one, two, status=Status(size=stored()))
    got = do_not_disrupt.message(made, made.states, BEGAN, {"big"})
    assert got == f'not to be disrupted: a, b; annotated {DISRUPT}: "true" on node big'
