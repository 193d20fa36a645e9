"""Programs that need memory, CPU in bursts, or page cache: what a minute's mean does not show."""

from store.model import Workload
from tests.e2e.workloads import IMAGE, Json, Shop, sizes

MI = 1024 * 1024
HUNGRY = """
echo started
/bin/busybox sleep 3
x=$(/bin/busybox dd if=/dev/zero bs=1M count=50 2>/dev/null | /bin/busybox tr '\\0' x)
echo full
while :; do /bin/busybox sleep 1; done
"""
"""Needs about 4 times 28Mi: the shell holds the text twice while it takes it in."""
BURSTY = """
while :; do
  i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done
  /bin/busybox usleep 400000
done
"""
FILES = """
/bin/busybox dd if=/dev/zero of=/tmp/file bs=1M count=100 2>/dev/null
while :; do /bin/busybox cat /tmp/file >/dev/null; /bin/busybox sleep 1; done
"""


def program(script: str, name: str = "app", **resources: Json) -> Json:
    """A container that runs this shell script."""
    return {
        "name": name,
        "image": IMAGE,
        "command": ["/bin/busybox", "sh", "-c", script],
        "resources": resources,
    }


def both(cpu: str, memory: str) -> Json:
    """Requests and limits alike."""
    part = {"cpu": cpu, "memory": memory}
    return {"requests": part, "limits": part}


def healed(shop: Shop, workload: Workload) -> bool:
    """Whether the one pod of HUNGRY at 28Mi is Ready with four times that."""
    pods = shop.pods(workload.name)
    return len(pods) == 1 and pods[0].ready and sizes(pods[0]).limits.memory == 112 * MI
