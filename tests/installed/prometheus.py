"""A real Prometheus beside the cluster, which scrapes what the chart's ServiceMonitors name.

The operator would make the scrape jobs from the ServiceMonitors; here the same is done by hand,
with the pods' addresses as they are now: path, scheme, server name and CA are those of the rendered
ServiceMonitors, and labels are those that the operator sets. The API server and the kubelet's
two pages of usage are scraped as kube-prometheus does.
"""

import base64
import json
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.chart import servers
from tests.e2e.workloads import until
from tests.installed.release import Release, run

STEP = 1  # second between scrapes: rates need two of them

Json = dict[str, Any]


@dataclass(frozen=True)
class Prometheus:
    """One that runs, at `url`."""

    url: str

    def query(self, expression: str) -> list[Json]:
        """The samples of an instant query. Raises HTTPError for one that is wrong."""
        return list(self.get("query", query=expression)["data"]["result"])

    def get(self, what: str, **parameters: str) -> Json:
        """An answer of its HTTP API."""
        asked = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.url}/api/v1/{what}?{asked}", timeout=10) as answer:
            return dict(json.load(answer))

    def unscraped(self) -> dict[str, str]:
        """Targets that have not been scraped, and why."""
        targets = self.get("targets")["data"]["activeTargets"]
        return {t["scrapeUrl"]: t["lastError"] for t in targets if t["health"] != "up"}


@contextmanager
def scraping(release: Release, rules: Mapping[str, Any]) -> Iterator[Prometheus]:
    """While this runs, all of it is scraped each second, and the rules are evaluated."""
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": rules["groups"]}))
        config = {
            "global": {"scrape_interval": f"{STEP}s", "evaluation_interval": f"{STEP}s"},
            "rule_files": ["rules.yaml"],
            "scrape_configs": [*_programs(release, folder), *_cluster(folder)],
        }
        (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
        with servers.prometheus(folder) as url:
            made = Prometheus(url)
            until(lambda: made.get("targets")["data"]["activeTargets"], 20)
            until(lambda: not made.unscraped(), 20, made.unscraped)
            yield made


def _programs(release: Release, folder: Path) -> Iterator[Json]:
    rendered = run(
        release.helm, "template", release.name, "charts/podtailor", "-n", release.namespace,
        "--set", "monitoring.serviceMonitor.enabled=true",
        "--show-only", "templates/monitoring/servicemonitor.yaml",
    )  # fmt: skip
    for monitor in filter(None, yaml.safe_load_all(rendered)):
        (endpoint,) = monitor["spec"]["endpoints"]
        service = monitor["metadata"]["name"]
        port = _port(release, service, endpoint["port"])
        component = service.rpartition("-")[2]
        yield {
            "job_name": service,
            "metrics_path": endpoint["path"],
            "scheme": endpoint.get("scheme", "http"),
            "tls_config": _trust(release, endpoint.get("tlsConfig"), folder),
            "static_configs": [
                {
                    "targets": [f"{pod['status']['podIP']}:{port}"],
                    "labels": {
                        "namespace": release.namespace,
                        "service": service,
                        "pod": pod["metadata"]["name"],
                    },
                }
                for pod in _pods(release, component)
            ],
        }


def _pods(release: Release, component: str) -> list[Json]:
    names = [p.metadata.name for p in release.pods(component)]
    return [release.get(release.path("pods", name, "api/v1")) for name in names]


def _port(release: Release, service: str, name: str) -> int:
    found = release.get(release.path("services", service))
    (port,) = [p for p in found["spec"]["ports"] if p["name"] == name]
    pod = _pods(release, service.rpartition("-")[2])[0]
    named = {p["name"]: p["containerPort"] for c in pod["spec"]["containers"] for p in c["ports"]}
    return int(named.get(port["targetPort"], port["targetPort"]))


def _trust(release: Release, config: Json | None, folder: Path) -> Json:
    if config is None:
        return {}
    wanted = config["ca"]["secret"]
    secret = release.get(release.path("secrets", wanted["name"]))
    (folder / "webhook.crt").write_bytes(base64.b64decode(secret["data"][wanted["key"]]))
    return {"ca_file": "webhook.crt", "server_name": config["serverName"]}


def _cluster(folder: Path) -> Iterator[Json]:
    """The API server, and both pages of each kubelet through it."""
    view = json.loads(run("kubectl", "config", "view", "--raw", "--minify", "-o", "json"))
    server, user = view["clusters"][0]["cluster"], view["users"][0]["user"]
    host = server["server"].removeprefix("https://")
    tls = {}
    for key, data in (("ca_file", server), ("cert_file", user), ("key_file", user)):
        field = {"ca_file": "certificate-authority", "cert_file": "client-certificate"}.get(key)
        field = field or "client-key"
        if f"{field}-data" in data:
            (folder / key).write_bytes(base64.b64decode(data[f"{field}-data"]))
        tls[key] = key if f"{field}-data" in data else data[field]
    common = {"scheme": "https", "tls_config": tls}
    yield {**common, "job_name": "apiserver", "static_configs": [{"targets": [host]}]}
    nodes = json.loads(run("kubectl", "get", "nodes", "-o", "json"))["items"]
    for name in (n["metadata"]["name"] for n in nodes):
        static = {"targets": [host], "labels": {"node": name}}
        for page in ("cadvisor", "resource"):
            path = f"/api/v1/nodes/{name}/proxy/metrics/{page}"
            job = {"job_name": f"{page}-{name}", "metrics_path": path, "static_configs": [static]}
            yield {**common, **job}
