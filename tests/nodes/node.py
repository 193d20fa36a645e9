"""A node in a virtual machine as its own kernel shows it: a pod's cgroups, and commands."""

import subprocess
from dataclasses import dataclass

import msgspec

from kube.gateway import Gateway
from kube.objects import Pod
from tests.cluster.vm.guest import ssh
from tests.cluster.vm.machine import Machine

_PATIENCE = 120.0
"""Seconds for a command: it took 110 once, beside much other work."""


@dataclass(frozen=True)
class NodeV2:
    """One emulated node."""

    machine: Machine
    gateway: Gateway

    @property
    def name(self) -> str:
        """Of the node."""
        return self.machine.name

    def run(self, command: str) -> str:
        """What the command prints, on the node."""
        argv = ssh(self.machine, command)
        done = subprocess.run(argv, capture_output=True, text=True, timeout=_PATIENCE)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def freeze_kubelet(self) -> None:
        """It says and does nothing any more, while its containers go on."""
        self.run("systemctl kill --signal=STOP kubelet")

    def thaw_kubelet(self) -> None:
        """It goes on."""
        self.run("systemctl kill --signal=CONT kubelet")

    def folder(self, pod: Pod) -> str:
        """The cgroup of the pod's only container."""
        path = f"/api/v1/namespaces/{pod.metadata.namespace}/pods/{pod.metadata.name}"
        status = msgspec.json.decode(self.gateway.get(path))["status"]["containerStatuses"][0]
        scope = f"cri-containerd-{status['containerID'].rpartition('/')[2]}.scope"
        return f"{_slice(pod)}/{scope}"

    def container(self, pod: Pod, file: str) -> str:
        """The content of one file in it."""
        return self.run(f"cat {self.folder(pod)}/{file}").strip()

    def pod(self, pod: Pod, file: str) -> str:
        """The same in the pod's cgroup."""
        return self.run(f"cat {_slice(pod)}/{file}").strip()

    def quotas(self, pod: Pod) -> tuple[int, int]:
        """CPU time in microseconds for each 100 ms: the container's, and the pod's."""
        read = (of(pod, "cpu.max").split() for of in (self.container, self.pod))
        quotas, periods = zip(*read, strict=True)
        assert periods == ("100000", "100000")
        return int(quotas[0]), int(quotas[1])


def _slice(pod: Pod) -> str:
    """The pod's cgroup as systemd names it; all pods of these tests are Burstable."""
    folder = "/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice"
    return f"{folder}/kubepods-burstable-pod{pod.metadata.uid.replace('-', '_')}.slice"
