"""From a cgroup's path to the pod and the container that it is of. Pure.

| the path ends with                                             | driver, runtime           |
| -------------------------------------------------------------- | ------------------------- |
| kubepods/burstable/podUID/ID, kubepods/podUID/ID               | cgroupfs, containerd      |
| kubepods/burstable/podUID/crio-ID                              | cgroupfs, CRI-O           |
| kubepods.slice/…/kubepods-burstable-podUID.slice/              | systemd, containerd       |
| cri-containerd-ID.scope                                        |                           |
| …/crio-ID.scope, …/docker-ID.scope                             | systemd, CRI-O and Docker |
| …/crio-conmon-ID.scope, …/ID.service, another name             | none: no container        |

A UID has `_` for `-` in systemd's names. The UID of a static pod is a hash without dashes.
"""

import re
from dataclasses import dataclass

ROOT = re.compile(r"kubepods(\.slice)?$|[^/]*-kubepods\.slice$")
"""The name of the folder of all pods of a node, wherever that is."""

_POD = re.compile(r"(?:.*[-/])?pod([0-9a-fA-F][0-9a-fA-F_-]{7,63}?)(?:\.slice)?")
_CONTAINER = re.compile(r"(?:(?:cri-containerd|crio|docker)-)?([0-9a-f]{32,64})(?:\.scope)?")
_CLASS = re.compile(r"(?:.*[-/])?(?:kubepods|burstable|besteffort|guaranteed)(?:\.slice)?")


@dataclass(frozen=True, slots=True)
class Identity:
    """A container's cgroup."""

    pod: str
    """The pod's UID."""
    container: str
    """The container's ID, without the runtime's name."""


def pod_of(name: str) -> str | None:
    """The UID that the name of a folder has; None: it is not a pod's."""
    found = _POD.fullmatch(name)
    return found[1].replace("_", "-") if found else None


def container_of(name: str) -> str | None:
    """The container ID that the name of a folder has; None: it is not a container's."""
    found = _CONTAINER.fullmatch(name)
    return found[1] if found else None


def quality(name: str) -> bool:
    """Whether it is a folder of pods of one QoS class."""
    return _CLASS.fullmatch(name) is not None


def of(path: str) -> Identity | None:
    """Whose cgroup it is; None: it is not a container's in a pod."""
    parts = path.strip("/").split("/")
    if len(parts) < 3 or not any(map(ROOT.fullmatch, parts[:-2])):
        return None
    pod, container = pod_of(parts[-2]), container_of(parts[-1])
    return Identity(pod, container) if pod and container else None
