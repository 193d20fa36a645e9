"""One Helm release of the chart in the cluster under test, and what users do with it."""

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from kube.errors import NotFound
from kube.gateway import Gateway
from kube.objects import Pod
from tests.e2e.workloads import until

CHART = Path(__file__).parents[2] / "charts/podtailor"
QUICK = (
    "scaler.interval=2",
    "scaler.restarts.perHour=100",
    "scaler.restarts.clusterPerHour=10000",
    "scaler.resize.deadline=5",
)
"""What these tests set, so that they need not wait; everything else is as the chart has it."""

_LABEL = "app.kubernetes.io"
_ADMISSION = "/apis/admissionregistration.k8s.io/v1"

Json = dict[str, Any]


def run(*command: str, stdin: str | None = None, timeout: float = 200) -> str:
    """What the command prints. Raises AssertionError with its output if it fails."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=timeout)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


@dataclass(frozen=True)
class Release:
    """A release; `helm` is the program that manages it."""

    gateway: Gateway
    name: str = "podtailor"
    namespace: str = "podtailor-system"
    helm: str = "helm"

    @property
    def fullname(self) -> str:
        """The prefix of its objects' names."""
        return self.name if "podtailor" in self.name else f"{self.name}-podtailor"

    @property
    def configuration(self) -> str:
        """The path of its MutatingWebhookConfiguration."""
        name = f"{self.fullname}-{self.namespace}"
        return f"{_ADMISSION}/mutatingwebhookconfigurations/{name}"

    def install(self, *values: str) -> float:
        """Install as in the README, but wait; the seconds that it took."""
        began = time.monotonic()
        self._helm("install", self.name, str(CHART), "--create-namespace", *_set(values))
        return time.monotonic() - began

    def upgrade(
        self, *values: str, files: Mapping[str, Path] | None = None, force: bool = False
    ) -> float:
        """Upgrade to these values, with defaults for all others; the seconds that it took.

        `force`: even if another manager has written fields that Helm sets.
        """
        began = time.monotonic()
        more = [f"--set-file={key}={path}" for key, path in (files or {}).items()]
        more += ["--force-conflicts"] if force else []
        self._helm("upgrade", self.name, str(CHART), "--reset-values", *_set(values), *more)
        return time.monotonic() - began

    def rollback(self, *revision: str) -> None:
        """Roll back to the previous revision, or the given one."""
        self._helm("rollback", self.name, *revision)

    def uninstall(self) -> None:
        """Uninstall, and wait until its pods are gone."""
        self._helm("uninstall", self.name)
        until(lambda: not self.pods("webhook") + self.pods("scaler"), 60)

    def test(self) -> str:
        """`helm test`; what it prints."""
        return run(self.helm, "test", self.name, "-n", self.namespace, "--timeout", "90s")

    def there(self) -> bool:
        """Whether it is installed."""
        words = [self.helm, "status", self.name, "-n", self.namespace]
        return subprocess.run(words, capture_output=True, timeout=60).returncode == 0

    def kubectl(self, *words: str, stdin: str | None = None) -> str:
        """Run kubectl in the release's namespace."""
        return run("kubectl", "-n", self.namespace, *words, stdin=stdin)

    def get(self, path: str) -> Json:
        """An object by its path."""
        return dict(msgspec.json.decode(self.gateway.get(path)))

    def path(self, kind: str, name: str, group: str = "api/v1") -> str:
        """The path of an object in the release's namespace."""
        return f"/{group}/namespaces/{self.namespace}/{kind}/{name}"

    def pods(self, component: str) -> list[Pod]:
        """The pods of a component, terminating ones included."""

        class Pods(msgspec.Struct):
            items: list[Pod]

        selector = f"{_LABEL}/instance={self.name},{_LABEL}/component={component}"
        raw = self.gateway.get(f"/api/v1/namespaces/{self.namespace}/pods", labelSelector=selector)
        return msgspec.json.decode(raw, type=Pods).items

    def log(self, component: str = "scaler") -> str:
        """What its pods have logged, with quotes unescaped."""
        selector = f"{_LABEL}/instance={self.name},{_LABEL}/component={component}"
        said = self.kubectl("logs", "-l", selector, "--tail=-1", "--prefix=false")
        return said.replace('\\"', '"')

    def ready(self, component: str, count: int) -> bool:
        """Whether there are exactly that many pods, all Ready."""
        pods = self.pods(component)
        return len(pods) == count and all(p.ready for p in pods)

    def bundles(self) -> list[str]:
        """What each entry of the configuration trusts; empty if there is no configuration."""
        try:
            entries = self.get(self.configuration)["webhooks"]
        except NotFound:
            return []
        return [entry["clientConfig"].get("caBundle", "") for entry in entries]

    def trusted(self) -> bool:
        """Whether the scaler has set both entries' trust."""
        return len(found := self.bundles()) == 2 and all(found)

    def whole(self) -> bool:
        """Whether all pods are Ready and the API server trusts the webhook."""
        return self.ready("webhook", 2) and self.ready("scaler", 1) and self.trusted()

    def _helm(self, *words: str) -> str:
        return run(self.helm, *words, "-n", self.namespace, "--wait", "--timeout", "120s")


def _set(values: tuple[str, ...]) -> list[str]:
    return [word for value in values for word in ("--set", value)]
