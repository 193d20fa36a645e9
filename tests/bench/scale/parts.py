"""What a large cluster needs beside the embedded one: kwok, and the Vertical Pod Autoscaler.

Built once from the pins in go/, and cached like the cluster's own parts.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.chart.tools import module as module_source
from tests.cluster import build
from tests.cluster.pins import METRICS_SERVER, Part


@dataclass(frozen=True)
class ScalePart(Part):
    """A part that this measurement alone needs: `make cluster` does not build it."""

    @property
    def folder(self) -> Path:
        """Where its go.mod is."""
        return Path(__file__).parent / "go" / self.name


KWOK = ScalePart(
    name="kwok",
    module="sigs.k8s.io/kwok",
    packages=("sigs.k8s.io/kwok/cmd/kwok",),
    version_variables=("sigs.k8s.io/kwok/pkg/consts.Version",),
)

_VPA = "k8s.io/autoscaler/vertical-pod-autoscaler"
VPA = ScalePart(
    name="vpa",
    module=_VPA,
    packages=tuple(f"{_VPA}/pkg/{n}" for n in ("admission-controller", "recommender", "updater")),
    version_variables=(),
)


def kwok() -> Path:
    """The path of kwok's binary."""
    return build.commands_of(KWOK, os.environ)["kwok"]


def vpa() -> dict[str, Path]:
    """The paths of the three programs, by name."""
    return build.commands_of(VPA, os.environ)


def metrics_server() -> Path:
    """The path of metrics-server's binary."""
    return build.commands_of(METRICS_SERVER, os.environ)["metrics-server"]


def shipped(module: str, version: str) -> Path:
    """A module's source, with the files that it ships beside its code.

    Fetched the first time, which takes a network that the cluster under test has not.
    """
    return module_source(module, version)


if __name__ == "__main__":
    print(kwok(), *vpa().values(), metrics_server())
    print(*(shipped(part.module, part.version) for part in (KWOK, VPA)))
