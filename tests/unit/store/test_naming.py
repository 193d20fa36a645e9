"""The object's name: legal, the workload's alone, and known to both programs without a look-up."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.model import Workload
from store.naming import object_name, object_path

KINDS = ["ReplicationController", "ReplicaSet", "Deployment", "StatefulSet", "DaemonSet"]
LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
NAMES = st.lists(st.from_regex(LABEL, fullmatch=True), min_size=1, max_size=9).map(
    lambda labels: ".".join(labels)[:253].rstrip(".-")
)


def named(kind: str, name: str) -> str:
    return object_name(Workload("v1", kind, "n", name))


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("ReplicationController", "web", "replicationcontroller-web"),
        ("Deployment", "a.b-c", "deployment-a.b-c"),
        ("Deployment", "x" * 242, "deployment-" + "x" * 242),
    ],
)
def test_the_name_is_kind_dash_name(kind: str, name: str, told: str) -> None:
    assert named(kind, name) == told


def test_a_longer_name_is_cut_and_hashed() -> None:
    cut = named("Deployment", "x" * 243)
    assert len(cut) == 253
    assert re.fullmatch("deployment-x{233}-[0-9a-f]{8}", cut)
    assert cut != named("Deployment", "x" * 244) != named("Deployment", "x" * 242 + "y")
    assert cut == "deployment-" + "x" * 233 + "-541d2211"  # for ever: objects carry it


def test_a_name_that_is_cut_behind_a_dot_is_legal() -> None:
    name = named("Deployment", "x" * 232 + "." + "y" * 20)
    assert re.fullmatch("deployment-x{232}-[0-9a-f]{8}", name)


@given(st.sampled_from(KINDS), NAMES)
def test_each_legal_workload_has_a_legal_name(kind: str, name: str) -> None:
    told = named(kind, name)
    assert SUBDOMAIN.fullmatch(told)
    assert len(told) <= 253


@given(st.sampled_from(KINDS), st.sampled_from(KINDS), NAMES, NAMES)
def test_two_workloads_never_share_a_name(a: str, b: str, x: str, y: str) -> None:
    assert ((a, x) == (b, y)) == (named(a, x) == named(b, y))


def test_the_path_of_a_podsize_is_in_the_namespace_of_its_workload() -> None:
    web = Workload("apps/v1", "Deployment", "shop", "web")
    root = "/apis/podtailor.io/v1alpha1/namespaces/shop/podsizes/deployment-web"
    assert object_path(web) == root
    assert object_path(web, "status") == f"{root}/status"
