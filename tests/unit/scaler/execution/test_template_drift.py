"""Would a pod come back as the same program? Every row of template_drift.py's table."""

import pytest

from scaler.execution.template_drift import differences, drift
from store.annotations import FIRST_TO_GO

SAME = [
    ("absent", None, {"a": 1}),
    ("empty text", "", "x"),
    ("empty object", {}, {"a": 1}),
    ("empty list", [], [1]),
    ("a scalar", 3, 3),
    ("an object, the pod says more", {"a": 1}, {"a": 1, "b": 2}),
    ("a field that the template leaves open", {"a": None}, {}),
    (
        "named items in another order, and more",
        [{"name": "a", "x": 1}, {"name": "b"}],
        [{"name": "b"}, {"name": "c"}, {"name": "a", "x": 1}],
    ),
    (
        "one volume in two places",
        [{"name": "data", "mountPath": "/a"}, {"name": "data", "mountPath": "/b"}],
        [{"name": "data", "mountPath": "/a"}, {"name": "data", "mountPath": "/b"}],
    ),
    ("items may follow", [{"key": "x"}], [{"key": "x"}, {"key": "y"}]),
    ("resources are managed", {"resources": {"limits": {"cpu": "1"}}}, {"resources": {}}),
    (
        "in each container",
        {"containers": [{"name": "a", "resources": {"limits": {"cpu": "1"}}}]},
        {"containers": [{"name": "a", "resources": {"limits": {"cpu": "2"}}}]},
    ),
]
OTHER = [
    ("a scalar", 3, 4, "spec"),
    ("a field", {"a": {"b": 1}}, {"a": {"b": 2}}, "spec.a.b"),
    ("a field is missing", {"a": 1}, {}, "spec.a"),
    ("an object is missing", {"a": {"b": 1}}, {}, "spec.a"),
    ("a list is missing", {"a": [1]}, {}, "spec.a"),
    ("a named item changed", [{"name": "a", "x": 1}], [{"name": "a", "x": 2}], "spec[a].x"),
    ("a named item is missing", [{"name": "a"}], [{"name": "b"}], "spec[a]"),
    (
        "a volume is mounted elsewhere",
        [{"name": "data", "mountPath": "/c"}],
        [{"name": "data", "mountPath": "/a"}, {"name": "data", "mountPath": "/b"}],
        "spec[data].mountPath",
    ),
    ("an argument changed", ["a", "b"], ["a", "c"], "spec[1]"),
    ("an argument is missing", ["a", "b"], ["a"], "spec[1]"),
    ("true is not text", {"a": True}, {"a": "true"}, "spec.a"),
]


@pytest.mark.parametrize(("name", "template", "pod"), SAME, ids=[s[0] for s in SAME])
def test_a_pod_that_has_all_that_its_template_says_has_not_drifted(
    name: str, template: object, pod: object
) -> None:
    assert [*differences(template, pod)] == []


@pytest.mark.parametrize(("name", "template", "pod", "where"), OTHER, ids=[o[0] for o in OTHER])
def test_the_first_place_where_a_pod_differs_from_its_template_is_named(
    name: str, template: object, pod: object, where: str
) -> None:
    found = [*differences(template, pod)]
    assert found and str(found[0]).split(" ")[0] == where


SPEC = {"containers": [{"name": "a", "image": "one"}]}
META = [
    ("labels, the pod has more", {"labels": {"a": "1"}}, {"labels": {"a": "1", "b": "2"}}, None),
    ("a label changed", {"labels": {"a": "1"}}, {"labels": {"a": "2"}}, "metadata.labels.a"),
    ("an annotation came", {"annotations": {"x": "1"}}, {}, "metadata.annotations.x"),
    ("ours: it is how people opt in", {"annotations": {"podtailor.io/mode": "auto"}}, {}, None),
    ("a label came", {"labels": {"a": "1"}}, {}, "metadata.labels.a"),
    ("we took it away", {"labels": {"a": "1"}}, {"annotations": dict(FIRST_TO_GO)}, None),
    (
        "we took it away, and an annotation came",
        {"labels": {"a": "1"}, "annotations": {"x": "1"}},
        {"annotations": dict(FIRST_TO_GO)},
        "metadata.annotations.x",
    ),
    ("no metadata", None, {}, None),
]


@pytest.mark.parametrize(("name", "template", "pod", "where"), META, ids=[m[0] for m in META])
def test_labels_and_annotations_of_a_pod_count(
    name: str, template: object, pod: object, where: str | None
) -> None:
    found = drift({"metadata": template, "spec": SPEC}, {"metadata": pod, "spec": SPEC})
    assert [d.path for d in found] == ([where] if where else [])


def test_the_spec_of_a_pod_counts() -> None:
    other = {"containers": [{"name": "a", "image": "two"}]}
    (found,) = drift({"spec": SPEC}, {"spec": other})
    assert str(found) == "spec.containers[a].image is not what the template says"
    assert found.found == "two"


def test_every_difference_counts_with_what_the_pod_has() -> None:
    template = {"hostNetwork": True, "containers": [{"name": "a", "image": "one", "tty": True}]}
    found = drift({"spec": template}, {"spec": {"containers": [{"name": "a", "image": "two"}]}})
    assert {d.path: d.found for d in found} == {
        "spec.hostNetwork": None,
        "spec.containers[a].image": "two",
        "spec.containers[a].tty": None,
    }
