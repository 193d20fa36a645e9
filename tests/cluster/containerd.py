"""One node's containerd: its configuration, its network plugin's, and its images."""

import contextlib
import json
import subprocess
from pathlib import Path

from . import files
from .component import Component
from .layout import Node
from .network import enter
from .say import ClusterError

PAUSE_IMAGE = "localhost/podtailor-test/pause:1"
_PLUGINS = "/usr/lib/cni"  # where Debian's containernetworking-plugins installs them
DEFAULT_ADDRESS = Path("/run/containerd/containerd.sock")
"""Compiled into the kubelet's cAdvisor, which knows the containers only of the containerd there."""

# Everything that containerd would store at a fixed path of the machine is moved into the node's
# folder, so that two clusters never share a file and `down` finds everything. (The shims' sockets
# cannot be moved; leftovers.py removes those.)
_CONFIG = """\
version = 2
root = "{home}/containerd"
state = "{home}/containerd-run"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]

[grpc]
  address = "{address}"

[plugins."io.containerd.internal.v1.opt"]
  path = "{home}/opt"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  netns_mounts_under_state_dir = true
  # Root without CAP_SYS_RESOURCE (in many sandboxes) cannot lower the score of a pause container.
  restrict_oom_score_adj = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{plugins}"
    conf_dir = "{home}/cni"

  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      Root = "{home}/runc"
      SystemdCgroup = false
"""


def prepare(node: Node) -> None:
    """Write both configurations."""
    (node.home / "cni").mkdir(parents=True, exist_ok=True)
    text = _CONFIG.format(
        home=node.home, address=node.containerd_address, pause=PAUSE_IMAGE, plugins=_PLUGINS
    )
    files.write(_config(node), text)
    leases = str(node.home / "cni-leases")
    network = pod_network(network_name(node), node.pod_range, node.pod_gateway, leases)
    files.write(node.home / "cni" / "10-bridge.conflist", json.dumps(network, indent=1))
    if node.number == 1:
        _be_found(node)


def _be_found(node: Node) -> None:
    """Link the default address to this containerd, unless another one answers there.

    With it the kubelet serves usage as any user's does: cAdvisor's samples, 10 to 28 s apart.
    """
    if DEFAULT_ADDRESS.exists():
        return
    DEFAULT_ADDRESS.unlink(missing_ok=True)  # a link to a containerd that is gone
    DEFAULT_ADDRESS.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        DEFAULT_ADDRESS.symlink_to(node.containerd_address)


def component(node: Node) -> Component:
    argv = ["containerd", "--config", str(_config(node)), "--log-level", "warn"]
    probe = _ctr(node, "version")
    return Component(node.component("containerd"), node, argv, probe)


def load(node: Node, archive: Path) -> None:
    """Import a docker or OCI archive so that pods on this node can use its images."""
    command = _ctr(node, "--namespace", "k8s.io", "images", "import", str(archive))
    done = subprocess.run(enter(node, command), capture_output=True, text=True)
    if done.returncode != 0:
        raise ClusterError(f"{archive} could not be loaded into {node.name}: {done.stderr.strip()}")


def network_name(node: Node) -> str:
    """The name of the plugin's files in /var/lib/cni, a folder that all clusters share."""
    return node.netns


def pod_network(name: str, pod_range: str, gateway: str, leases: str) -> dict[str, object]:
    """The network plugin's configuration; `leases`: the folder where it keeps addresses."""
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isDefaultGateway": True,
        # kube-proxy does the address translation; the plugin's own rules would need iptables.
        "ipMasq": False,
        "hairpinMode": True,  # for a pod that calls its own Service
        "ipam": {
            "type": "host-local",
            "ranges": [[{"subnet": pod_range, "gateway": gateway}]],
            "dataDir": leases,
        },
    }
    return {"cniVersion": "0.4.0", "name": name, "plugins": [bridge]}


def _ctr(node: Node, *argv: str) -> tuple[str, ...]:
    return ("ctr", "--address", str(node.containerd_address), *argv)


def _config(node: Node) -> Path:
    return node.home / "containerd.toml"
