"""The whole product on the emulated board, beside twenty pods: what it keeps in memory there."""

import subprocess
import time
from collections.abc import Mapping, Sequence

import msgspec

from kube.gateway import STRATEGIC_PATCH, Gateway
from kube.objects import Pod
from tests.demo import workload
from tests.demo.scene import until
from tests.demo.unlike.daemonsets import TOLERATED
from tests.e2e.workloads import IMAGE
from tests.nodes.node import NodeV2

SYSTEM, RELEASE = "podtailor-system", "podtailor"
PARTS = {"webhook", "scaler", "agent"}
PODS = 20
PRODUCT, AGENT = 120.0, 30.0
"""MB, proportional: webhook and scaler together; the node's agent."""
READY, FILLED = 900.0, 130.0
"""Seconds until all runs there, and until two minutes of readings are in memory."""
_STARTS = 600
"""Looks, each two seconds, that a program may take to start: as many as an emulated one needs."""
_SMAPS = "grep -h ^Pss: $(sed 's,.*,/proc/&/smaps_rollup,' {folder}/cgroup.procs)"


def run(gateway: Gateway, board: NodeV2) -> bool:
    """Print what it keeps; whether that is within the bounds. Then it is where it was again."""
    space = workload.namespace(gateway)
    try:
        _move(board.name)
        for name in ("webhook", "scaler"):
            _patient(gateway, name)
        return _measured(gateway, board, space)
    finally:
        workload.remove(gateway, space)
        _helm("rollback", RELEASE)


def held(text: str) -> float:
    """MB, of lines `Pss: N kB`."""
    return sum(int(line.split()[1]) for line in text.splitlines()) * 1024 / 1e6


def _measured(gateway: Gateway, board: NodeV2, space: str) -> bool:
    _twenty(gateway, space, board.name)
    if not until(lambda: len(_there(gateway, board, space)) == PODS, READY):
        print(f"FAILED: not all of {PODS} pods became Ready on {board.name}")
        return False
    if not until(lambda: set(_parts(gateway, board)) == PARTS, READY):
        print(f"FAILED: of the product only {sorted(_parts(gateway, board))} is Ready there")
        return False
    parts = _parts(gateway, board)
    time.sleep(FILLED)
    found = {n: held(board.run(_SMAPS.format(folder=board.folder(p)))) for n, p in parts.items()}
    print(f"\non {board.name}, with {PODS} pods there: {said(found)}")
    return found["webhook"] + found["scaler"] <= PRODUCT and found["agent"] <= AGENT


def said(found: Mapping[str, float]) -> str:
    """MB of each, beside what was asked."""
    both = found["webhook"] + found["scaler"]
    return (
        f"webhook {found['webhook']:.0f} MB and scaler {found['scaler']:.0f} MB, {both:.0f} MB "
        f"together (asked {PRODUCT:.0f}); agent {found['agent']:.0f} MB (asked {AGENT:.0f})"
    )


def _move(node: str) -> None:
    where = {"nodeSelector": {"kubernetes.io/hostname": node}, "tolerations": TOLERATED}
    values = {"agent": {"enabled": True}, "webhook": where, "scaler": where}
    upgrade = ("upgrade", RELEASE, "charts/podtailor", "--reuse-values", "--values=-")
    _helm(*upgrade, values=msgspec.json.encode(values))


def _helm(*command: str, values: bytes = b"") -> None:
    argv = ["helm", *command, f"--namespace={SYSTEM}"]
    subprocess.run(argv, input=values, stdout=subprocess.DEVNULL, check=True)


def _patient(gateway: Gateway, name: str) -> None:
    """An emulated board needs minutes to start a program, for which the chart has no value."""
    probe = {"name": name, "startupProbe": {"failureThreshold": _STARTS}}
    body = {"spec": {"template": {"spec": {"containers": [probe]}}}}
    path = f"/apis/apps/v1/namespaces/{SYSTEM}/deployments/{RELEASE}-{name}"
    gateway.patch(path, body, STRATEGIC_PATCH)


def _twenty(gateway: Gateway, space: str, node: str) -> None:
    labels = {"app": "sleeps"}
    sleeps = {
        "name": "app",
        "image": IMAGE,
        "command": ["/bin/busybox", "sleep", "100000"],
        "resources": {"requests": {"cpu": "10m", "memory": "8Mi"}, "limits": {"cpu": "50m"}},
    }
    on = {"nodeSelector": {"kubernetes.io/hostname": node}, "tolerations": TOLERATED}
    spec = {"terminationGracePeriodSeconds": 1, "containers": [sleeps], **on}
    body = {
        "metadata": {"name": "sleeps", "annotations": {"podtailor.io/mode": "auto"}},
        "spec": {
            "replicas": PODS,
            "selector": labels,
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }
    gateway.post(f"/api/v1/namespaces/{space}/replicationcontrollers", body)


def _there(gateway: Gateway, board: NodeV2, space: str) -> Sequence[Pod]:
    class Pods(msgspec.Struct):
        items: list[Pod]

    where = f"spec.nodeName={board.name}"
    raw = gateway.get(f"/api/v1/namespaces/{space}/pods", fieldSelector=where)
    return [p for p in msgspec.json.decode(raw, type=Pods).items if p.ready]


def _parts(gateway: Gateway, board: NodeV2) -> Mapping[str, Pod]:
    there = _there(gateway, board, SYSTEM)
    return {(p.metadata.labels or {})["app.kubernetes.io/component"]: p for p in there}
