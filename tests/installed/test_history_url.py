"""`scaler.history.url`: a real Prometheus in the cluster, asked from inside the scaler's pod.

It has scraped two days of a workload that podtailor has never seen. So all that is known of it at
once can only come from there.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chart import tools
from tests.chart.test_history_url import DAYS, blocks
from tests.e2e.workloads import IMAGE, Shop, container, manifest, sized, until
from tests.installed.release import QUICK, Release
from tests.installed.test_page import asked, forwarded

PLUGIN = str(Path(__file__).parents[2] / "bin/kubectl-podtailor")
PORT = 9090
MINUTES = DAYS * 24 * 60


@pytest.fixture
def prometheus(shop: Shop, tmp_path: Path) -> Iterator[str]:
    """Its address in the cluster."""
    if os.environ.get("CLUSTER") == "current":
        pytest.skip("the nodes of this cluster do not see the files of this machine")
    blocks(tmp_path, shop.namespace)
    program = tools.prometheus()
    paths = {"program": program.parent, "data": tmp_path}
    command = [f"/program/{program.name}", "--config.file=/data/prometheus.yaml"]
    command += ["--storage.tsdb.path=/data/data", "--storage.tsdb.retention.time=30d"]
    one = {
        "name": "prometheus",
        "image": IMAGE,
        "command": command,
        "volumeMounts": [{"name": name, "mountPath": f"/{name}"} for name in paths],
        "readinessProbe": {"httpGet": {"path": "/-/ready", "port": PORT}, "periodSeconds": 1},
    }
    volumes = [{"name": name, "hostPath": {"path": str(path)}} for name, path in paths.items()]
    pod = {"volumes": volumes, "terminationGracePeriodSeconds": 1}
    shop.create(
        manifest("Deployment", "prometheus", replicas=1, annotations={}, containers=[one], pod=pod)
    )
    labels, port = {"app": "prometheus"}, {"port": PORT, "targetPort": PORT}
    path = f"/api/v1/namespaces/{shop.namespace}/services"
    body = {"metadata": {"name": "prometheus"}, "spec": {"selector": labels, "ports": [port]}}
    made = json.loads(shop.gateway.post(path, body))
    yield f"http://{made['spec']['clusterIP']}:{PORT}"


def test_a_preview_of_days_that_only_a_server_knows_is_there_at_once(
    shop: Shop, release: Release, prometheus: str
) -> None:
    observed = {"podtailor.io/mode": "observe", "podtailor.io/policy": "track"}
    containers = [container("nginx", **sized("100m", "200m"))]
    made = manifest("Deployment", replicas=1, annotations=observed, containers=containers)
    web = shop.create(made, ready=False)
    until(lambda: shop.podsize(web) is not None, 20)
    release.upgrade(*QUICK, f"scaler.history.url={prometheus}", "networkPolicy.enabled=true")
    try:
        (found,) = until_observed(shop.namespace)
        (one,) = found["containers"]
        assert one["minutes"] >= MINUTES - 60, one
        assert len(one["sizes"]) > 1 and found["restarts"] >= 1, "400m were used, of 200m"
        assert "history filled from the server readings=0 windows=1" in release.log()
        with forwarded(release) as page:
            path = f"/api/workload/{shop.namespace}/Deployment/web?hours=48"
            (series,) = json.loads(asked(page + path)[1])["series"]
            assert len(series["at"]) >= 4 * 24 * (DAYS - 1), "the timeline begins with the server's"
    finally:
        release.upgrade(*QUICK)


def until_observed(namespace: str) -> list[dict[str, Any]]:
    """The preview, as soon as the scaler's pod knows that the workload is observed."""
    said: list[str] = []

    def printed() -> bool:
        command = [PLUGIN, "preview", namespace, "-o", "json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        said.append(done.stdout or done.stderr)
        return done.returncode == 0

    until(printed, 30, lambda: said[-1])
    return list(json.loads(said[-1]))
