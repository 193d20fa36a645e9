"""The programs that tests need besides the cluster: both Helms, helm-unittest, Prometheus, others.

Helm 4 is the embedded cluster's own; the others are built once from the pins in go/, and cached
like it. `HELM` and `HELM3` name existing ones. Inside the cluster's network nothing can be
downloaded, so `python -m tests.chart.tools NAME…` builds the named programs beforehand.
"""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import build
from tests.cluster.layout import cache_of
from tests.cluster.pins import METRICS_SERVER, PARTS, Part
from tests.cluster.toolchain import go_command


@dataclass(frozen=True)
class ChartPart(Part):
    """A part that only the tests need: `make cluster` does not build it."""

    @property
    def folder(self) -> Path:
        return Path(__file__).parent / "go" / self.name


HELM4 = next(part for part in PARTS if part.name == "helm")
HELM3 = ChartPart(
    name="helm3",
    module="helm.sh/helm/v3",
    packages=(
        "helm.sh/helm/v3/cmd/helm",
        "github.com/helm-unittest/helm-unittest/cmd/helm-unittest",
    ),
    version_variables=("helm.sh/helm/v3/internal/version.version",),
)
# Without service discovery for some twenty clouds.
PROMETHEUS = ChartPart(
    name="prometheus",
    module="github.com/prometheus/prometheus",
    packages=(
        "github.com/prometheus/prometheus/cmd/promtool",
        "github.com/prometheus/prometheus/cmd/prometheus",
    ),
    version_variables=("github.com/prometheus/common/version.Version",),
    tags=("remove_all_sd",),
)


VICTORIA_METRICS = ChartPart(
    name="victoriametrics",
    module="github.com/VictoriaMetrics/VictoriaMetrics",
    packages=("github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics",),
    version_variables=(),
)


@dataclass(frozen=True)
class OwnPart(ChartPart):
    """Our own commands that use another project's library: the cache key includes their source."""

    @property
    def key(self) -> str:
        digest = hashlib.sha256(super().key.encode())
        for path in sorted(self.folder.rglob("*.go")):
            digest.update(path.read_bytes())
        return digest.hexdigest()[:16]


# Its commands are separate modules that no proxy has; the code that they start is here.
CERT_MANAGER = OwnPart(
    name="certmanager",
    module="github.com/cert-manager/cert-manager",
    packages=("./controller", "./cainjector"),
    version_variables=(),
)


def helm4() -> Path:
    return _given("HELM") or build.commands_of(HELM4, os.environ)["helm"]


def helm3() -> Path:
    return _given("HELM3") or build.commands_of(HELM3, os.environ)["helm"]


def unittest() -> Path:
    return build.commands_of(HELM3, os.environ)["helm-unittest"]


def promtool() -> Path:
    return build.commands_of(PROMETHEUS, os.environ)["promtool"]


def prometheus() -> Path:
    return build.commands_of(PROMETHEUS, os.environ)["prometheus"]


def victoria_metrics() -> Path:
    return build.commands_of(VICTORIA_METRICS, os.environ)["victoria-metrics"]


def metrics_server() -> Path:
    return build.commands_of(METRICS_SERVER, os.environ)["metrics-server"]


def cert_manager() -> dict[str, Path]:
    """`controller` and `cainjector`."""
    return build.commands_of(CERT_MANAGER, os.environ)


def module(path: str, version: str) -> Path:
    """The source folder of a Go module, downloaded if missing."""
    command = [go_command(cache_of(os.environ)), "mod", "download", "-json", f"{path}@{version}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr
    return Path(json.loads(done.stdout)["Dir"])


def cert_manager_definitions() -> Path:
    """The folder of cert-manager's CRDs."""
    return module(CERT_MANAGER.module, CERT_MANAGER.version) / "deploy/crds"


def _given(variable: str) -> Path | None:
    path = os.environ.get(variable)
    return Path(path) if path else None


_MAKERS = {
    "prometheus": lambda: (promtool(), prometheus()),
    "victoria-metrics": victoria_metrics,
    "metrics-server": metrics_server,
    "cert-manager": cert_manager,
    "kinds": cert_manager_definitions,
}

if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        _MAKERS[wanted]()
