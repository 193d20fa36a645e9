"""One installed release on the real cluster, driven by one Helm."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.chart.conftest import CHART, Object

# CLUSTER=current: the current kubectl context, where the image must be available.
_CURRENT = os.environ.get("CLUSTER") == "current"
RUN = [] if _CURRENT else [str(CHART.parents[1] / "tests/cluster/run")]
NAME = "podtailor-chart-test"
SCALER = f"system:serviceaccount:{NAME}:{NAME}-scaler"
WEBHOOK = f"system:serviceaccount:{NAME}:{NAME}-webhook"
_CRD = "podsizes.podtailor.io"
CONFIGURATION = f"{NAME}-{NAME}"
# Nothing outside its own namespace is changed: the cluster may be in use by others.
VALUES = {
    "scaler": {"dryRun": True},
    "webhook": {"namespaceSelector": {"matchLabels": {"podtailor.io/chart-test": "true"}}},
}


def kubectl(*arguments: str, given: str | None = None) -> "subprocess.CompletedProcess[str]":
    command = [*RUN, "kubectl", *arguments]
    return subprocess.run(command, input=given, capture_output=True, text=True)


def done(process: "subprocess.CompletedProcess[str]") -> str:
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def get(*what: str) -> Any:
    return json.loads(done(kubectl("get", *what, "-o", "json")))


@dataclass(frozen=True)
class Release:
    """An installed release, and what Helm can do with it."""

    helm: Path
    values: Mapping[str, Any] = field(default_factory=lambda: VALUES)

    def __call__(self, *arguments: str, values: Mapping[str, Any] | None = None) -> str:
        command = [*RUN, str(self.helm), *arguments, "--namespace", NAME]
        if values is not None:
            command += ["--values", "-"]
        given = None if values is None else json.dumps(values)
        return done(subprocess.run(command, input=given, capture_output=True, text=True))

    def upgrade(self, chart: Path = CHART, **more: Any) -> None:
        values = {**self.values, **more}
        words = ("upgrade", NAME, str(chart), "--wait", "--timeout", "120s")
        self(*words, values=values)

    def configuration(self) -> Object:
        found = get("mutatingwebhookconfiguration", CONFIGURATION)
        assert isinstance(found, dict)
        return found

    def bundles(self) -> list[str]:
        """The caBundle of both entries."""
        return [w["clientConfig"].get("caBundle", "") for w in self.configuration()["webhooks"]]

    def secrets(self) -> dict[str, Any]:
        found = get("secrets", "-n", NAME, "-l", "app.kubernetes.io/part-of=podtailor")
        return {one["metadata"]["name"]: one.get("data") for one in found["items"]}


def until(what: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.5)


@contextmanager
def installed(
    helm: Path, chart: Path = CHART, values: Mapping[str, Any] = VALUES
) -> Iterator[Release]:
    """Install without required values, into a namespace that enforces the restricted level."""
    level = {"pod-security.kubernetes.io/enforce": "restricted"}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAME}}
    namespace["metadata"]["labels"] = level  # type: ignore[index]
    values = dict(values)
    if not _defined_by(None):
        values["crds"] = {"enabled": _defined_by(NAME)}  # or another release's
    done(kubectl("apply", "-f", "-", given=yaml.safe_dump(namespace)))
    release = Release(helm, values)
    try:
        words = ("install", NAME, str(chart), "--wait", "--timeout", "120s")
        release(*words, values=values)
        yield release
    finally:
        subprocess.run([*RUN, str(helm), "uninstall", NAME, "-n", NAME], capture_output=True)
        kubectl("delete", "namespace", NAME)
        if _defined_by(NAME):  # no other release could be installed beside the CRD that is kept
            done(kubectl("delete", "crd", _CRD))


def _defined_by(release: str | None) -> bool:
    """Whether the CRD belongs to that release; with None: whether it does not exist."""
    found = kubectl("get", "crd", _CRD, "-o", "json")
    if found.returncode or release is None:
        return found.returncode != 0 and release is None
    annotations = json.loads(found.stdout)["metadata"].get("annotations", {})
    return bool(annotations.get("meta.helm.sh/release-name") == release)
