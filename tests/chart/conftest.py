"""`helm template` as a fixture: values in, objects out."""

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart import tools

CHART = Path(__file__).parents[2] / "charts/podtailor"
CI = sorted((CHART / "ci").glob("*-values.yaml"))
Object = dict[str, Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this folder needs Helm (`make chart`), except what needs a cluster too."""
    for item in items:
        ours = Path(__file__).parent in item.path.parents
        if ours and item.get_closest_marker("e2e") is None:
            item.add_marker(pytest.mark.chart)


@dataclass(frozen=True)
class Rendered:
    """The result of one rendering: text and objects, or the error."""

    text: str
    error: str

    @property
    def objects(self) -> list[Object]:
        assert not self.error, self.error
        return [found for found in yaml.safe_load_all(self.text) if found]

    def all(self, kind: str) -> list[Object]:
        return [one for one in self.objects if one["kind"] == kind]

    def one(self, kind: str, ending: str = "") -> Object:
        [found] = [one for one in self.all(kind) if one["metadata"]["name"].endswith(ending)]
        return found


def run_helm(
    helm: Path,
    values: Mapping[str, Any] | Path,
    release: str,
    namespace: str,
    kubernetes: str = "1.37",
) -> Rendered:
    given = values if isinstance(values, Path) else "-"
    # Set explicitly, because a Helm 3 built from source assumes Kubernetes 1.20.
    command = [str(helm), "template", release, str(CHART), "--kube-version", kubernetes]
    done = subprocess.run(
        [*command, "--namespace", namespace, "--values", str(given)],
        input=None if isinstance(values, Path) else json.dumps(values),
        capture_output=True,
        text=True,
    )
    return Rendered(done.stdout, done.stderr if done.returncode else "")


@pytest.fixture(scope="session")
def helm4() -> Path:
    return tools.helm4()


@pytest.fixture(scope="session")
def helm3() -> Path:
    return tools.helm3()


Render = Callable[..., Rendered]


@pytest.fixture(scope="session")
def render(helm4: Path) -> Render:
    """render(values, release=…, namespace=…)"""

    def rendered(
        values: Mapping[str, Any] | Path = CHART / "ci/default-values.yaml",
        release: str = "podtailor",
        namespace: str = "podtailor-system",
    ) -> Rendered:
        return run_helm(helm4, values, release, namespace)

    return rendered


@pytest.fixture(params=CI, ids=lambda path: path.name.removesuffix("-values.yaml"))
def ci_values(request: pytest.FixtureRequest) -> Path:
    """The values of each file in ci/."""
    assert isinstance(request.param, Path)
    return request.param
