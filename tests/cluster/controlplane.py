"""etcd, API server, controller-manager and scheduler: their command lines and certificates."""

import json
from pathlib import Path

from . import files, options
from .certificates import Subject
from .component import Component, listens
from .layout import API_PORT, API_SERVICE, API_URL, SERVICE_RANGE, Layout
from .pki import Authority, private_key, public_key

_ETCD = (
    "http://127.0.0.1:2379"  # plain HTTP: on the loopback of a namespace with nothing else in it
)
_ETCD_PEER = "http://127.0.0.1:2380"
MEASURED = "podtailor:measured"
"""The group of the users whose writes are logged, in a large cluster."""
_OFTEN = ("--kube-api-qps=1000", "--kube-api-burst=2000")


def prepare(layout: Layout) -> Authority:
    """Create certificates, keys and kubeconfigs of the control plane; existing ones are kept."""
    ca = Authority(layout.pki)
    served = ("localhost", "kubernetes.default.svc", "kubernetes.default", "kubernetes")
    addresses = ("127.0.0.1", API_SERVICE, layout.node(1).address)
    ca.leaf("apiserver", Subject("kube-apiserver", hosts=served + addresses))
    ca.leaf("apiserver-kubelet", Subject("kube-apiserver-kubelet", group="system:masters"))
    front = Authority(layout.pki, "front-proxy-ca")
    front.leaf("front-proxy", Subject("front-proxy"))
    public_key(layout.pki / "sa.pub", private_key(layout.pki / "sa.key"))
    admin = Subject("podtailor-test-admin", group="system:masters")
    ca.kubeconfig(layout.admin_kubeconfig, API_URL, admin)
    for name in ("kube-controller-manager", "kube-scheduler"):
        ca.kubeconfig(_kubeconfig(layout, name), API_URL, Subject(f"system:{name}"))
    return ca


def components(layout: Layout, etcd: str) -> list[Component]:
    """The components in the order of their start; `etcd` is the path of its binary."""
    return [
        _etcd(layout, etcd),
        _apiserver(layout),
        _controller_manager(layout),
        _scheduler(layout),
    ]


def _etcd(layout: Layout, binary: str) -> Component:
    argv = [
        binary,
        "--name=default",
        f"--data-dir={layout.home / 'etcd'}",
        f"--listen-client-urls={_ETCD}",
        f"--advertise-client-urls={_ETCD}",
        f"--listen-peer-urls={_ETCD_PEER}",
        f"--initial-advertise-peer-urls={_ETCD_PEER}",
        f"--initial-cluster=default={_ETCD_PEER}",
        "--logger=zap",  # 3.4's default does not exist in later versions; all know this one
        "--log-level=warn",
    ]
    return Component("etcd", layout.node(1), argv, listens("127.0.0.1", 2379))


def _apiserver(layout: Layout) -> Component:
    pki, node = layout.pki, layout.node(1)
    argv = [
        str(layout.bin / "kube-apiserver"),
        f"--etcd-servers={_ETCD}",
        # Without a default route it cannot find its own address.
        f"--advertise-address={node.address}",
        f"--secure-port={API_PORT}",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        # Call webhooks and aggregated APIs at their endpoints: needs neither DNS nor Services.
        "--enable-aggregator-routing=true",
        "--allow-privileged=true",
        "--profiling=false",
        f"--client-ca-file={pki / 'ca.crt'}",
        f"--tls-cert-file={pki / 'apiserver.crt'}",
        f"--tls-private-key-file={pki / 'apiserver.key'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={pki / 'sa.pub'}",
        f"--service-account-signing-key-file={pki / 'sa.key'}",
        # Node names cannot be resolved here.
        "--kubelet-preferred-address-types=InternalIP",
        *_kubelet_ca(layout),
        f"--kubelet-client-certificate={pki / 'apiserver-kubelet.crt'}",
        f"--kubelet-client-key={pki / 'apiserver-kubelet.key'}",
        # The aggregation layer (metrics.k8s.io) identifies callers by these.
        f"--requestheader-client-ca-file={pki / 'front-proxy-ca.crt'}",
        "--requestheader-allowed-names=front-proxy",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-username-headers=X-Remote-User",
        f"--proxy-client-cert-file={pki / 'front-proxy.crt'}",
        f"--proxy-client-key-file={pki / 'front-proxy.key'}",
        *_audit(layout),
    ]
    kubectl = str(layout.bin / "kubectl")
    ready = (kubectl, f"--kubeconfig={layout.admin_kubeconfig}", "get", "--raw=/readyz")
    probe = (*ready, "--request-timeout=2s")
    return Component("apiserver", node, argv, probe, patience=90)


def audit_log(layout: Layout) -> Path:
    """Where the writes of measured users are logged, a JSON object a line."""
    return layout.logs / "audit.log"


def _audit(layout: Layout) -> list[str]:
    if not options.has(layout, options.LARGE):
        return []
    verbs = ["create", "update", "patch", "delete", "deletecollection"]
    rules = [{"level": "Metadata", "userGroups": [MEASURED], "verbs": verbs}, {"level": "None"}]
    head = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy"}
    policy = layout.home / "audit.json"
    files.write(policy, json.dumps({**head, "omitStages": ["RequestReceived"], "rules": rules}))
    return [f"--audit-policy-file={policy}", f"--audit-log-path={audit_log(layout)}"]


def _kubelet_ca(layout: Layout) -> list[str]:
    if options.has(layout, options.SELF_SIGNED_KUBELETS):
        return []  # exec and logs are not verified, as on kind and kubeadm
    return [f"--kubelet-certificate-authority={layout.pki / 'ca.crt'}"]


def _controller_manager(layout: Layout) -> Component:
    pki = layout.pki
    argv = [
        *_controller(layout, "kube-controller-manager"),
        # Each controller has its own account, as on real clusters.
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={pki / 'sa.key'}",
        f"--root-ca-file={pki / 'ca.crt'}",
        f"--cluster-signing-cert-file={pki / 'ca.crt'}",
        f"--cluster-signing-key-file={pki / 'ca.key'}",
        # kwok renews the Leases of hundreds of nodes, on a machine that is busy.
        *(["--node-monitor-grace-period=5m"] if options.has(layout, options.LARGE) else []),
    ]
    return Component("controller-manager", layout.node(1), argv, listens("127.0.0.1", 10257))


def _scheduler(layout: Layout) -> Component:
    argv = _controller(layout, "kube-scheduler")
    return Component("scheduler", layout.node(1), argv, listens("127.0.0.1", 10259))


def _controller(layout: Layout, name: str) -> list[str]:
    config = _kubeconfig(layout, name)
    return [
        str(layout.bin / name),
        f"--kubeconfig={config}",
        f"--authentication-kubeconfig={config}",
        f"--authorization-kubeconfig={config}",
        "--bind-address=127.0.0.1",
        *(_OFTEN if options.has(layout, options.LARGE) else ()),
        "--leader-elect=false",  # there is only one of each; a restart must not wait for a lease
        "--profiling=false",
    ]


def _kubeconfig(layout: Layout, name: str) -> Path:
    return layout.pki / f"{name}.kubeconfig"
