"""The machine of a measurement, as far as a reader needs it: no paths, no host names."""

import os
import platform
import subprocess
from pathlib import Path

import msgspec

from kube.errors import KubeError
from kube.gateway import connect

ROOT = Path(__file__).parents[2]


def described() -> dict[str, object]:
    """The machine, the cluster's version, and ours."""
    return {
        "cores": os.cpu_count(),
        "processor": _field("/proc/cpuinfo", "model name"),
        "memory_gib": round(int(_field("/proc/meminfo", "MemTotal").split()[0]) / 1024**2, 1),
        "kernel": ".".join(platform.release().split(".")[:2]),
        "cgroups": 2 if Path("/sys/fs/cgroup/cgroup.controllers").exists() else 1,
        "python": platform.python_version(),
        "kubernetes": _kubernetes(),
        "commit": _commit(),
    }


def load() -> float:
    """The average number of runnable processes during the last minute."""
    return os.getloadavg()[0]


def _field(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return "0"


def _kubernetes() -> str | None:
    try:
        return str(msgspec.json.decode(connect().get("/version"))["gitVersion"])
    except KubeError:
        return None


def _commit() -> str | None:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() or None
