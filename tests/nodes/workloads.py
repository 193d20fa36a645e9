"""What is sized on the node, side by side: by name, each a workload of one pod.

As few and as idle as can be: what they use is taken from the emulated kubelet.
"""

from tests.e2e.hungry import program
from tests.e2e.workloads import Json, manifest, sized

PATIENCE = 120
"""Seconds for anything on an emulated node beside other work."""
IN_PLACE = {"podtailor.io/mode": "auto", "podtailor.io/strategy": "resize"}
CPU = {**IN_PLACE, "podtailor.io/resources": "cpu"}
MEMORY = {**IN_PLACE, "podtailor.io/resources": "memory"}

ONCE = {**CPU, "podtailor.io/cpu-max": "120m"}
"""Doubled once, however long other tests take: what spins is taken from the emulated kubelet."""

ON_V2: Json = {
    "nodeSelector": {"kubernetes.io/hostname": "v2"},
    "tolerations": [{"key": "podtailor.io/test-node", "operator": "Exists"}],
}
IDLE = "while :; do /bin/busybox sleep 5; done"
_SPINS = "while :; do :; done"
_HOLDS = f"""
x=$(/bin/busybox dd if=/dev/zero bs=1M count=12 2>/dev/null | /bin/busybox tr '\\0' x)
{IDLE}
"""
_CHILD = f"""
/bin/busybox sleep 20
(x=$(/bin/busybox dd if=/dev/zero bs=1M count=20 2>/dev/null | /bin/busybox tr '\\0' x))
{IDLE}
"""
"""A child alone needs too much, once: about 60 MiB."""


def made() -> dict[str, Json]:
    """All of them, by name."""
    spins = [program(_SPINS, **sized("30m", "60m", "16Mi"))]
    idle = [program(IDLE, **sized("50m", "100m", "16Mi"))]
    holds = [program(_HOLDS, **sized("50m", "200m", "64Mi"))]
    child = [program(_CHILD, **sized("50m", "300m", "24Mi"))]
    return {
        "busy": _on_v2("Deployment", "busy", ONCE, spins),
        "resized": _on_v2("StatefulSet", "resized", CPU, idle),
        "holds": _on_v2("StatefulSet", "holds", IN_PLACE, holds),
        "child": _on_v2("StatefulSet", "child", MEMORY, child),
    }


def _on_v2(kind: str, name: str, annotations: Json, containers: list[Json]) -> Json:
    return manifest(
        kind, name, replicas=1, annotations=annotations, containers=containers, pod=ON_V2
    )
