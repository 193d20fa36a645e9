"""What only the API knows: whether nodes are Ready and pods can be created."""

import subprocess
import time

from .layout import Layout
from .network import enter
from .say import ClusterError

_PATIENCE = 60.0  # seconds


def await_ready(layout: Layout) -> None:
    """Wait until every node is Ready and the default ServiceAccount for pods exists."""
    for node in layout.nodes():
        await_node(layout, node.name, _PATIENCE)
    account = ("get", "serviceaccount", "default", "-o", "name")
    _await(layout, account, "serviceaccount/default", "no service account for pods", _PATIENCE)


def await_node(layout: Layout, name: str, patience: float) -> None:
    """Wait until the node is Ready, for so many seconds at most."""
    condition = '{.status.conditions[?(@.type=="Ready")].status}'
    argv = ("get", "node", name, "-o", f"jsonpath={condition}")
    _await(layout, argv, "True", f"{name} is not Ready", patience)


def forget_node(layout: Layout, name: str) -> None:
    """Delete the node's pods and the node; no kubelet is left to confirm that they ended."""
    on_it = f"--field-selector=spec.nodeName={name}"
    pods = ("delete", "pods", "--all-namespaces", on_it, "--force", "--grace-period=0")
    for argv in (("cordon", name), pods, ("delete", "node", name)):
        _kubectl(layout, argv)


def _await(
    layout: Layout, argv: tuple[str, ...], wanted: str, failure: str, patience: float
) -> None:
    deadline = time.monotonic() + patience
    while (answer := _kubectl(layout, argv)) != wanted:
        if time.monotonic() > deadline:
            raise ClusterError(f"{failure} after {patience:.0f} s: {answer}")
        time.sleep(0.2)


def _kubectl(layout: Layout, argv: tuple[str, ...]) -> str:
    command = (str(layout.bin / "kubectl"), f"--kubeconfig={layout.admin_kubeconfig}", *argv)
    done = subprocess.run(
        enter(layout.node(1), command), capture_output=True, text=True, env={"HOME": "/"}
    )
    return (done.stdout if done.returncode == 0 else done.stderr).strip()
