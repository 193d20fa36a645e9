"""Objects of other projects' kinds in the chart are validated by those projects' own CRDs.

The CRDs come from their Go modules and are installed only for this test; none of those projects'
programs run here: a real cert-manager does in tests/installed/test_cert_manager.py.
"""

from collections.abc import Iterator

import pytest
import yaml

from tests.chart import tools
from tests.chart.conftest import CHART, Render
from tests.chart.release import done, kubectl, until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_DEFINITIONS = {
    (tools.CERT_MANAGER.module, tools.CERT_MANAGER.version): (
        "deploy/crds/cert-manager.io_certificates.yaml",
        "deploy/crds/cert-manager.io_issuers.yaml",
    ),
    ("github.com/prometheus-operator/prometheus-operator", "v0.85.0"): (
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
        "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
    ),
}


def _established(name: str) -> bool:
    """Asked again: `kubectl wait` takes the `conditions: null` of the first moment for an error."""
    wait = kubectl("wait", "--for=condition=Established", f"crd/{name}", "--timeout=5s")
    return not wait.returncode


@pytest.fixture(scope="module")
def definitions() -> Iterator[None]:
    made = []
    for module, paths in _DEFINITIONS.items():
        for path in (tools.module(*module) / one for one in paths):
            name = yaml.safe_load(path.read_text())["metadata"]["name"]
            if kubectl("get", "crd", name).returncode:
                done(kubectl("create", "-f", str(path)))
                made.append(name)
            until(lambda crd=name: _established(crd))  # type: ignore[misc]
    yield
    for name in made:
        done(kubectl("delete", "crd", name))


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        ("cert-manager", {"Issuer": 2, "Certificate": 2}),
        ("ha", {"ServiceMonitor": 2, "PrometheusRule": 1}),
    ],
)
def test_other_projects_kinds_are_as_they_define_them(
    render: Render, definitions: None, values: str, kinds: dict[str, int]
) -> None:
    rendered = render(CHART / f"ci/{values}-values.yaml", "podtailor", "default")
    for kind, count in kinds.items():
        objects = rendered.all(kind)
        assert len(objects) == count
        given = yaml.safe_dump_all(objects)
        done(kubectl("apply", "--dry-run=server", "--validate=strict", "-f", "-", given=given))
