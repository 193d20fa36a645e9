"""Network namespaces: one for the control plane and first node, one for each additional node.

Nothing is added to the machine's own namespace, and none is connected to the outside: there is no
default route.
"""

import subprocess
from pathlib import Path

from .layout import SERVICE_RANGE, Node
from .say import ClusterError

_LINK = "peer"  # the veth's name in the second namespace; in the first: peer2


def enter(node: Node, argv: tuple[str, ...]) -> tuple[str, ...]:
    """The command inside the node's namespace.

    `ip netns exec` would mount a new /sys without cgroups, which makes the kubelet crash.
    """
    return ("nsenter", f"--net={node.netns_path}", *argv)


def exists(node: Node) -> bool:
    """Whether it exists; False for the empty file that a crash or unmounted /run/netns leaves."""
    path = node.netns_path
    return path.exists() and path.stat().st_dev != path.parent.stat().st_dev


def make(node: Node, first: Node) -> None:
    """Create the namespace with the node's address and pod bridge, as far as they are missing."""
    if not exists(node):
        node.netns_path.unlink(missing_ok=True)
        _ip("netns", "add", node.netns)
    for setting, value in (
        ("ip_forward", "1"),
        # Answers leave by a different interface than requests arrive on: the address is on lo.
        ("conf/all/rp_filter", "0"),
        ("conf/default/rp_filter", "0"),
    ):
        path = f"/proc/sys/net/ipv4/{setting}"
        _inside(node, "sh", "-c", f"echo {value} > {path}")
    _inside(node, "ip", "link", "set", "lo", "up")
    _inside(node, "ip", "address", "replace", f"{node.address}/32", "dev", "lo")
    if node.number != first.number:
        _join(node, first)
    _bridge(node)


def remove(node: Node) -> None:
    """Delete the namespace and every interface in it."""
    if node.netns_path.exists():
        while exists(node):
            _run("umount", "--lazy", str(node.netns_path))
        node.netns_path.unlink()


def remove_empty_folder() -> None:
    """Undo, after the last cluster, that `ip netns add` mounts /run/netns on itself."""
    folder = Path("/run/netns")
    if folder.is_dir() and not any(folder.iterdir()):
        while _is_mounted(folder):
            _run("umount", str(folder))
        folder.rmdir()


def _bridge(node: Node) -> None:
    """Create the CNI plugin's bridge: the service route needs it before the first pod."""
    if not _succeeds(node, "ip", "link", "show", "cni0"):
        _inside(node, "ip", "link", "add", "cni0", "type", "bridge")
    _inside(node, "ip", "address", "replace", f"{node.pod_gateway}/24", "dev", "cni0")
    _inside(node, "ip", "link", "set", "cni0", "up")
    # Any route works, but without one a packet to a Service never reaches kube-proxy's rules.
    _inside(node, "ip", "route", "replace", SERVICE_RANGE, "dev", "cni0")


def _join(node: Node, first: Node) -> None:
    """Create a veth between the two namespaces, never visible in the machine's own."""
    here, there = f"{_LINK}{node.number}", _LINK
    if not _succeeds(first, "ip", "link", "show", here):
        link = ("ip", "link", "add", here, "type", "veth", "peer", "name", there)
        _inside(first, *link, "netns", str(node.netns_path))
    for own, other, device in ((first, node, here), (node, first, there)):
        _inside(own, "ip", "address", "replace", f"{own.address}/32", "dev", device)
        _inside(own, "ip", "link", "set", device, "up")
        _inside(own, "ip", "route", "replace", f"{other.address}/32", "dev", device)
        route = ("ip", "route", "replace", other.pod_range, "via", other.address)
        _inside(own, *route, "dev", device, "onlink")


def _is_mounted(folder: Path) -> bool:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return any(line.split()[4] == str(folder) for line in lines)


def _succeeds(node: Node, *argv: str) -> bool:
    return subprocess.run(enter(node, argv), capture_output=True).returncode == 0


def _inside(node: Node, *argv: str) -> None:
    _run(*enter(node, argv))


def _ip(*argv: str) -> None:
    _run("ip", *argv)


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True)
    if done.returncode != 0:
        raise ClusterError(f"`{' '.join(argv)}` failed: {done.stderr.strip()}")
