"""The real metrics-server as a process of the first node, behind the aggregation layer."""

import base64
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from . import build, options
from .certificates import Subject
from .component import Component, listens
from .layout import API_URL, Layout
from .network import enter
from .pins import METRICS_SERVER
from .pki import Authority
from .say import ClusterError

_NAME = "metrics-server"
_NAMESPACE = "kube-system"
_PORT = 4443


def prepare(layout: Layout, ca: Authority, environ: Mapping[str, str]) -> None:
    """Create the certificate and kubeconfig, build the binary; existing ones are kept."""
    link = layout.bin / _NAME
    if not link.exists():
        link.symlink_to(build.commands_of(METRICS_SERVER, environ)[_NAME])
    ca.leaf("metrics-server-serving", Subject(_NAME, hosts=(f"{_NAME}.{_NAMESPACE}.svc",)))
    subject = Subject(f"podtailor-test-{_NAME}", group="system:masters")
    ca.kubeconfig(_kubeconfig(layout), API_URL, subject)


def component(layout: Layout) -> Component:
    node, config = layout.node(1), _kubeconfig(layout)
    serving = layout.pki / "metrics-server-serving.crt"
    argv = [
        str(layout.bin / _NAME),
        f"--kubeconfig={config}",
        f"--authentication-kubeconfig={config}",
        f"--authorization-kubeconfig={config}",
        f"--bind-address={node.address}",
        f"--secure-port={_PORT}",
        f"--tls-cert-file={serving}",
        f"--tls-private-key-file={serving.with_suffix('.key')}",
        "--kubelet-preferred-address-types=InternalIP",
        "--kubelet-use-node-status-port",
        "--metric-resolution=15s",  # as in its own manifests
    ]
    if options.has(layout, options.SELF_SIGNED_KUBELETS):
        argv.append("--kubelet-insecure-tls")
    else:
        argv.append(f"--kubelet-certificate-authority={layout.pki / 'ca.crt'}")
    return Component(_NAME, node, argv, listens(node.address, _PORT))


def register(layout: Layout) -> None:
    """Register it as the API server's `metrics.k8s.io`, unless that is done already."""
    kubectl = (str(layout.bin / "kubectl"), f"--kubeconfig={layout.admin_kubeconfig}")
    objects = {"apiVersion": "v1", "kind": "List", "items": _objects(layout)}
    done = subprocess.run(
        enter(layout.node(1), (*kubectl, "apply", "-f", "-")),
        input=json.dumps(objects),
        capture_output=True,
        text=True,
        env={"HOME": "/"},
    )
    if done.returncode != 0:
        raise ClusterError(f"metrics-server cannot be registered: {done.stderr.strip()}")


def _objects(layout: Layout) -> list[dict[str, object]]:
    named = {"name": _NAME, "namespace": _NAMESPACE}
    ca = base64.b64encode((layout.pki / "ca.crt").read_bytes()).decode()
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": named,
            "spec": {"ports": [{"name": "https", "port": 443, "targetPort": _PORT}]},
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {**named, "labels": {"kubernetes.io/service-name": _NAME}},
            "addressType": "IPv4",
            "ports": [{"name": "https", "port": _PORT, "protocol": "TCP"}],
            "endpoints": [{"addresses": [layout.node(1).address], "conditions": {"ready": True}}],
        },
        {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": "v1beta1.metrics.k8s.io"},
            "spec": {
                "group": "metrics.k8s.io",
                "version": "v1beta1",
                "groupPriorityMinimum": 100,
                "versionPriority": 100,
                "service": {**named, "port": 443},
                "caBundle": ca,
            },
        },
    ]


def _kubeconfig(layout: Layout) -> Path:
    return layout.pki / f"{_NAME}.kubeconfig"
