"""Whose cgroup it is: the table of identity.py, with names as runtimes make them."""

import pytest

from agent.identity import Identity, of, pod_of

UID = "97038060-e58d-4392-8ce8-f49b3dc96fc7"
UNDERSCORED = UID.replace("-", "_")
STATIC = "0f3ab1c2d4e5f60718293a4b5c6d7e8f"
ID = "aefe412b87f59c077dd766011c896987dc49a2ba0d642b8281d17a6330bc56ce"
SLICE = f"kubepods-burstable-pod{UNDERSCORED}.slice"


@pytest.mark.parametrize(
    "path",
    [
        f"/kubepods/burstable/pod{UID}/{ID}",
        f"/kubepods/besteffort/pod{UID}/{ID}",
        f"/kubepods/pod{UID}/{ID}",
        f"/kubelet/kubepods/burstable/pod{UID}/{ID}",
        f"/pt-205f2a14-1/kubepods/burstable/pod{UID}/{ID}",
        f"/kubepods/burstable/pod{UID}/crio-{ID}",
        f"/kubepods.slice/kubepods-burstable.slice/{SLICE}/cri-containerd-{ID}.scope",
        f"/kubepods.slice/kubepods-burstable.slice/{SLICE}/crio-{ID}.scope",
        f"/kubepods.slice/kubepods-burstable.slice/{SLICE}/docker-{ID}.scope",
        f"/kubepods.slice/kubepods-pod{UNDERSCORED}.slice/cri-containerd-{ID}.scope",
        f"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
        f"kubelet-kubepods-burstable-pod{UNDERSCORED}.slice/cri-containerd-{ID}.scope",
    ],
)
def test_a_container_of_a_pod(path: str) -> None:
    assert of(path) == Identity(UID, ID)


@pytest.mark.parametrize(
    "name", [f"pod{STATIC}", f"kubepods-pod{STATIC}.slice", f"kubepods-burstable-pod{STATIC}.slice"]
)
def test_the_uid_of_a_static_pod_has_no_dashes(name: str) -> None:
    assert pod_of(name) == STATIC


@pytest.mark.parametrize(
    "path",
    [
        f"/kubepods/burstable/pod{UID}",
        f"/kubepods.slice/kubepods-burstable.slice/{SLICE}",
        f"/kubepods.slice/{SLICE}/crio-conmon-{ID}.scope",
        f"/system.slice/docker-{ID}.scope",
        f"/docker/{ID}",
        f"/kubepods/burstable/{ID}",
        f"/kubepods/burstable/pod{UID}/{ID}/inner",
        f"/kubepods/burstable/podevil/{ID}",
        f"/burstable/pod{UID}/{ID}",
        "",
    ],
)
def test_everything_else_is_no_container(path: str) -> None:
    assert of(path) is None
