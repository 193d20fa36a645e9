"""What is done inside a machine: commands by ssh, and the files of a node."""

import io
import json
import subprocess
import tarfile
import time
from pathlib import Path

from .. import containerd, node
from ..certificates import Subject
from ..layout import API_URL, POD_RANGE, SERVICE_RANGE
from ..network import enter
from ..pki import Authority
from ..say import ClusterError
from . import qemu
from .machine import Machine

_PATIENCE = 900.0  # seconds for a boot beside much other work
_START = Path(__file__).parent / "guest" / "start"
_NODES = "10.1.0.0/24"


def ssh(machine: Machine, *command: str, patience: int = 20) -> tuple[str, ...]:
    """The command line, in the machine's own namespace, of a command in the virtual one."""
    options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR")
    flags = [word for option in (*options, f"ConnectTimeout={patience}") for word in ("-o", option)]
    target = f"root@{qemu.ADMINISTRATION}%{machine.tap}"
    argv = ("ssh", "-i", str(machine.key), *flags, target, *command)
    return enter(machine.layout.node(1), argv)


def execute(machine: Machine, command: str, stdin: bytes = b"") -> str:
    """What the command printed. Raises ClusterError if it failed."""
    argv = ssh(machine, command)
    done = subprocess.run(argv, input=stdin, capture_output=True)
    if done.returncode != 0:
        raise ClusterError(f"in {machine.name}: `{command[:100]}`: {done.stderr.decode()}")
    return done.stdout.decode()


def load(machine: Machine, archive: Path) -> None:
    """Import a docker or OCI archive so that pods on it can use its images."""
    execute(machine, "ctr --namespace k8s.io images import -", archive.read_bytes())


def await_prepared(machine: Machine) -> None:
    """Wait until it has booted and containerd has the images."""
    deadline = time.monotonic() + _PATIENCE
    argv = ssh(machine, "test -e /run/prepared", patience=3)
    while subprocess.run(argv, capture_output=True).returncode != 0:
        qemu.require(machine)
        if time.monotonic() > deadline:
            raise ClusterError(f"{machine.name} is not prepared after {_PATIENCE:.0f} s")
        time.sleep(0.2)


def become_node(machine: Machine, ca: Authority) -> None:
    """Send it the files of a node of this cluster, and start kubelet and kube-proxy."""
    # The time of a kept moment is that of its making.
    now = f"date --set=@{time.time() + 0.5:.3f} >/dev/null"
    command = f"{now}; tar -C /node -x && sh /node/start"
    execute(machine, command, _archive(_files(machine, ca)))


def _files(machine: Machine, ca: Authority) -> dict[str, bytes]:
    """Of /node: certificates of the cluster's own CA (but not its key), and configurations."""
    pki = machine.layout.pki
    user = Subject(f"system:node:{machine.name}", "system:nodes", (machine.address, machine.name))
    kubelet = ca.kubeconfig(pki / f"kubelet-{machine.name}.kubeconfig", API_URL, user)
    proxy_user = Subject("system:kube-proxy")
    proxy = ca.kubeconfig(pki / f"kube-proxy-{machine.name}.kubeconfig", API_URL, proxy_user)
    network = containerd.pod_network(
        "pods", machine.pod_range, machine.pod_gateway, "/var/lib/cni/pods"
    )
    configuration = {
        **node.kubelet_settings(machine.address, "/node/ca.crt", tainted=True),
        "tlsCertFile": "/node/kubelet.crt",
        "tlsPrivateKeyFile": "/node/kubelet.key",
        "cgroupDriver": "systemd",
        "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
    }
    settings = {
        "NAME": machine.name,
        "ADDRESS": machine.address,
        "FIRST": machine.layout.node(1).address,
        "NODES": _NODES,
        "PODS": POD_RANGE,
        "SERVICES": SERVICE_RANGE,
        "GATEWAY": machine.pod_gateway,
    }
    return {
        "ca.crt": ca.certificate_path.read_bytes(),
        "kubelet.crt": kubelet.with_suffix(".crt").read_bytes(),
        "kubelet.key": kubelet.with_suffix(".key").read_bytes(),
        "kubelet.kubeconfig": kubelet.read_bytes(),
        "kube-proxy.kubeconfig": proxy.read_bytes(),
        "kubelet.json": json.dumps(configuration).encode(),
        "kube-proxy.json": json.dumps(
            node.proxy_settings(machine.name, "/node/kube-proxy.kubeconfig")
        ).encode(),
        "10-bridge.conflist": json.dumps(network).encode(),
        "settings": "".join(f"{name}={value}\n" for name, value in settings.items()).encode(),
        "start": _START.read_bytes(),
    }


def _archive(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o600
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()
