"""The same web server on each node, three times: once with one size for all, twice by kind.

Nothing in the manifests but annotations refers to podtailor. A request costs little, so that there
can be many of them: what comes seldom and costs more than a period's quota is throttled by any.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from kube.gateway import Gateway
from kube.objects import Pod
from tests.demo import workload

Json = dict[str, Any]
REQUEST, LIMIT = 50, 100
"""Millicores in the manifests."""
PORT = 80
_NGINX = """\
user root;
worker_processes 1;
pid /tmp/nginx.pid;
error_log stderr;
events { worker_connections 512; }
http {
    access_log off;
    keepalive_requests 1000000;
    client_body_temp_path /tmp/body;
    fastcgi_temp_path /tmp/fastcgi;
    proxy_temp_path /tmp/proxy;
    scgi_temp_path /tmp/scgi;
    uwsgi_temp_path /tmp/uwsgi;
    server {
        listen 80;
        root /etc/nginx;
        location = / { try_files /page.txt =404; }
    }
}
"""
_IN_PLACE = {"mode": "auto", "strategy": "resize", "resources": "cpu"}
SETS: Mapping[str, Mapping[str, str]] = {
    "one-size": {**_IN_PLACE, "policy": "double"},
    "double": {**_IN_PLACE, "policy": "double", "per-node": "on"},
    "track": {**_IN_PLACE, "policy": "track", "per-node": "on"},
}
"""Name of a DaemonSet -> what its annotations ask for."""
TOLERATED = [{"key": "podtailor.io/test-node", "operator": "Exists"}]


def create(gateway: Gateway, space: str) -> None:
    """All of them, not opted in yet."""
    data = {"nginx.conf": _NGINX, "page.txt": "an answer"}
    served = {"metadata": {"name": "served"}, "data": data}
    gateway.post(f"/api/v1/namespaces/{space}/configmaps", served)
    for name in SETS:
        gateway.post(_path(space), _daemonset(name))


def opt_in(gateway: Gateway, space: str) -> None:
    """Do what a user does with `kubectl annotate`."""
    for name, asked in SETS.items():
        named = {f"podtailor.io/{key}": value for key, value in asked.items()}
        gateway.patch(f"{_path(space)}/{name}", {"metadata": {"annotations": named}})


def pods(gateway: Gateway, space: str) -> list[Pod]:
    """Those of all DaemonSets that run."""

    class Pods(msgspec.Struct):
        items: list[Pod]

    raw = gateway.get(f"/api/v1/namespaces/{space}/pods", labelSelector="demo=unlike")
    found = msgspec.json.decode(raw, type=Pods).items
    return [pod for pod in found if not pod.metadata.deletion_timestamp]


def addresses(gateway: Gateway, space: str) -> dict[str, tuple[str, int]]:
    """Where each pod serves, by its name."""
    raw = gateway.get(f"/api/v1/namespaces/{space}/pods", labelSelector="demo=unlike")
    found = msgspec.json.decode(raw)["items"]
    return {pod["metadata"]["name"]: (pod["status"]["podIP"], PORT) for pod in found}


def _path(space: str) -> str:
    return f"/apis/apps/v1/namespaces/{space}/daemonsets"


def _daemonset(name: str) -> Json:
    container = {
        "name": "nginx",
        "image": workload.IMAGE,
        "ports": [{"containerPort": PORT}],
        "resources": {
            "requests": {"cpu": f"{REQUEST}m", "memory": "32Mi"},
            "limits": {"cpu": f"{LIMIT}m", "memory": "64Mi"},
        },
        "readinessProbe": {"tcpSocket": {"port": PORT}, "periodSeconds": 2},
        "volumeMounts": [{"name": "served", "mountPath": "/etc/nginx"}],
    }
    pod = {
        "terminationGracePeriodSeconds": 1,
        "containers": [container],
        "tolerations": TOLERATED,
        "volumes": [{"name": "served", "configMap": {"name": "served"}}],
    }
    labels = {"app": name, "demo": "unlike"}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
