"""Which workload is asked about: every row of the table in target.py."""

import pytest
from msgspec.structs import replace

from scaler.annotations.options import Mode, Settings
from scaler.cluster.snapshot import Snapshot
from scaler.explain import target
from scaler.explain.target import ASSUMED, Target, UnknownTargetError
from scaler.policies.table import NAMES
from store.model import Workload
from tests.unit.scaler.builders import ours, owner, pod
from tests.unit.scaler.snapshots import snapshot

WEB = Workload("v1", "ReplicationController", "shop", "web")


def cluster(**annotations: str) -> Snapshot:
    whose = owner(annotations=ours(annotations) if annotations else {})
    return snapshot(pod("a"), owners={"ReplicationController": {("shop", "web"): whose}})


def found(shot: Snapshot, workload: Workload = WEB) -> Target:
    return target.target(shot, NAMES, workload, 0.0)


def test_an_enrolled_workload_is_explained_as_it_is() -> None:
    got = found(cluster(mode="auto", policy="track"))
    assert (got.assumed, got.view.podsize) == (None, None)
    assert got.enrolled == "yes, mode auto, policy track, strategy recreate"


@pytest.mark.parametrize(("annotations", "words"), [({}, "no"), ({"mode": "off"}, "no, podtailor")])
def test_one_that_is_not_is_explained_as_if_it_were(
    annotations: dict[str, str], words: str
) -> None:
    shot = cluster(**annotations)
    got = found(shot)
    assert got.assumed == ASSUMED and got.enrolled.startswith(words)
    assert isinstance(got.view.settings, Settings) and got.view.settings.mode is Mode.AUTO
    assert got.view.podsize and got.view.podsize.owned
    assert shot == cluster(**annotations), "the cluster itself is left as it is"


def test_a_mistake_in_an_annotation_is_said() -> None:
    got = found(cluster(mode="atuo"))
    assert got.assumed is None and "atuo" in got.enrolled


def test_what_does_not_exist_is_named() -> None:
    with pytest.raises(UnknownTargetError, match="shop/ReplicationController/other does not exist"):
        found(cluster(), replace(WEB, name="other"))


def test_a_replica_set_of_a_deployment_is_not_what_is_sized() -> None:
    reference = {"kind": "Deployment", "apiVersion": "apps/v1", "name": "web", "uid": "d"}
    references = {"ownerReferences": [{**reference, "controller": True}]}
    shot = snapshot(owners={"ReplicaSet": {("shop", "web-1"): owner(metadata=references)}})
    with pytest.raises(UnknownTargetError, match="Deployment/web is what is sized"):
        found(shot, Workload("apps/v1", "ReplicaSet", "shop", "web-1"))


@pytest.mark.parametrize("text", ["deploy", "Deployment", "deployments", "DEPLOYMENT"])
def test_a_kind_may_be_written_as_for_kubectl(text: str) -> None:
    assert target.kind_of(text) == "Deployment"


@pytest.mark.parametrize("text", ["job", "pod", ""])
def test_a_kind_whose_pods_are_not_sized_is_named(text: str) -> None:
    with pytest.raises(UnknownTargetError, match="its pods are not sized"):
        target.kind_of(text)
