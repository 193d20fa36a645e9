"""What is built from source, in which versions: a folder with go.mod and go.sum for each part.

A part's binaries are cached under a hash of its own pins: a newer helm does not rebuild Kubernetes.
To add a part: a folder under go/ and a line in PARTS.
"""

import hashlib
import platform
import re
from dataclasses import dataclass, replace
from pathlib import Path

_GO = Path(__file__).parent / "go"


@dataclass(frozen=True)
class Part:
    """One go.mod; `module` carries the version, `packages` are the commands built from it."""

    name: str
    module: str
    packages: tuple[str, ...]
    version_variables: tuple[str, ...]  # Go import paths set to the full version by the linker
    tags: tuple[str, ...] = ()  # Go build tags
    architecture: str = ""  # Go's word; empty: this machine's

    @property
    def folder(self) -> Path:
        return _GO / self.name

    @property
    def binaries(self) -> tuple[str, ...]:
        return tuple(package.rsplit("/", 1)[-1] for package in self.packages)

    @property
    def version(self) -> str:
        text = (self.folder / "go.mod").read_text()
        found = re.search(rf"{re.escape(self.module)} (v\S+)", text)
        if found is None:
            raise ValueError(f"{self.folder}/go.mod does not require {self.module}")
        return found[1]

    @property
    def linker_flags(self) -> str:
        """Linker flags with the version: otherwise `kubectl version` and checks see v0.0.0."""
        major, minor, _ = self.version.removeprefix("v").split(".", 2)
        flags = ["-s", "-w"]
        for variable in self.version_variables:
            flags += ["-X", f"{variable}={self.version}"]
            if variable.endswith(".gitVersion"):
                base = variable.removesuffix(".gitVersion")
                flags += ["-X", f"{base}.gitMajor={major}", "-X", f"{base}.gitMinor={minor}"]
                flags += ["-X", f"{base}.gitTreeState=clean"]
        return " ".join(flags)

    @property
    def key(self) -> str:
        digest = hashlib.sha256()
        for name in ("go.mod", "go.sum"):
            digest.update((self.folder / name).read_bytes())
        inputs = " ".join((self.architecture or platform.machine(), self.linker_flags, *self.tags))
        digest.update(inputs.encode())
        return digest.hexdigest()[:16]


_KUBERNETES = "k8s.io/kubernetes"
PARTS = (
    Part(
        name="kubernetes",
        module=_KUBERNETES,
        packages=tuple(
            f"{_KUBERNETES}/cmd/{command}"
            for command in (
                "kube-apiserver",
                "kube-controller-manager",
                "kube-proxy",
                "kube-scheduler",
                "kubectl",
                "kubelet",
            )
        ),
        version_variables=(
            "k8s.io/component-base/version.gitVersion",
            "k8s.io/client-go/pkg/version.gitVersion",
        ),
    ),
    Part(
        name="helm",
        module="helm.sh/helm/v4",
        packages=("helm.sh/helm/v4/cmd/helm",),
        version_variables=("helm.sh/helm/v4/internal/version.version",),
    ),
)


def node_part(architecture: str) -> Part:
    """What runs on a node of that architecture, to be built on this machine."""
    packages = tuple(f"{_KUBERNETES}/cmd/{command}" for command in ("kube-proxy", "kubelet"))
    return replace(PARTS[0], packages=packages, architecture=architecture)


# Optional: built only for `up --metrics-server`.
METRICS_SERVER = Part(
    name="metrics-server",
    module="sigs.k8s.io/metrics-server",
    packages=("sigs.k8s.io/metrics-server/cmd/metrics-server",),
    version_variables=("k8s.io/component-base/version.gitVersion",),
)
