"""One node: containerd, kubelet and kube-proxy with the configuration that they read."""

import json
from pathlib import Path

from . import containerd, files, options
from .certificates import Subject
from .component import Component, listens
from .layout import API_URL, POD_RANGE, Layout, Node
from .pki import Authority

TEST_NODE_TAINT = (
    "podtailor.io/test-node"  # on every node except the first: only for pods that tolerate it
)


def prepare(layout: Layout, node: Node, ca: Authority) -> None:
    """Create certificates and configuration files, except the kubelet's: see `reserve`."""
    node.home.mkdir(parents=True, exist_ok=True)
    for name, group in (("kubelet", "system:nodes"), ("kube-proxy", "")):
        user = f"system:node:{node.name}" if group else f"system:{name}"
        # The certificate needs the node's address: exec, logs and verified scrapes fail without it.
        subject = Subject(user, group=group, hosts=(node.address, node.name) if group else ())
        ca.kubeconfig(layout.pki / f"{node.component(name)}.kubeconfig", API_URL, subject)
    containerd.prepare(node)
    proxy = proxy_settings(node.name, f"{layout.pki / node.component('kube-proxy')}.kubeconfig")
    files.write(_proxy_config(node), json.dumps(proxy, indent=1))


def reserve(layout: Layout, node: Node, resources: dict[str, str] | None) -> bool:
    """Make the node smaller by that much (cpu, memory: quantities; None: as before).

    True if that, or an option of the cluster, changes what the kubelet reads.
    """
    path = _kubelet_config(node)
    if resources is None:
        resources = json.loads(path.read_text())["kubeReserved"] if path.exists() else {}
    config = json.dumps(_kubelet(layout, node, resources), indent=1)
    return files.write(path, config)


def components(layout: Layout, node: Node) -> list[Component]:
    """The components in the order of their start."""
    kubelet = [
        str(layout.bin / "kubelet"),
        f"--config={_kubelet_config(node)}",
        f"--kubeconfig={layout.pki / node.component('kubelet')}.kubeconfig",
        f"--root-dir={node.home / 'kubelet'}",
        f"--cert-dir={node.home / 'kubelet' / 'pki'}",
        f"--hostname-override={node.name}",
        f"--node-ip={node.address}",
    ]
    proxy = [str(layout.bin / "kube-proxy"), f"--config={_proxy_config(node)}"]
    return [
        containerd.component(node),
        Component(node.component("kubelet"), node, kubelet, listens(node.address, 10250)),
        Component(node.component("kube-proxy"), node, proxy, listens("127.0.0.1", 10256)),
    ]


def kubelet_settings(address: str, ca: str, tainted: bool) -> dict[str, object]:
    """What every kubelet of the cluster has alike; `ca`: the path of the CA where it runs."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": address,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},  # service-account tokens: how the scaler reads usage
            "x509": {"clientCAFile": ca},
        },
        "authorization": {"mode": "Webhook"},
        # Refuses at once: without any server the kubelet warns about each pod, and with the
        # machine's own a look-up would hang, because the namespace is not connected.
        "clusterDNS": ["127.0.0.1"],
        "resolvConf": "",
        "maxPods": 240,  # as many as fit into the node's address range
        "registerWithTaints": [{"key": TEST_NODE_TAINT, "effect": "NoSchedule"}] if tainted else [],
        "serializeImagePulls": False,
        # A developer's nearly full disk must not cause evictions; 100 turns image garbage
        # collection off, because images were loaded manually and cannot be pulled again.
        "evictionHard": {
            "memory.available": "50Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
            "nodefs.inodesFree": "1%",
        },
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
    }


def proxy_settings(name: str, kubeconfig: str) -> dict[str, object]:
    """The kube-proxy's configuration; `kubeconfig`: its path where kube-proxy runs."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": kubeconfig},
        "hostnameOverride": name,
        "clusterCIDR": POD_RANGE,
        "mode": "nftables",
        # Otherwise pods on one bridge would answer each other directly, bypassing translation.
        "nftables": {"masqueradeAll": True},
        "conntrack": {"maxPerCore": 0},  # that limit is machine-wide: leave it
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
    }


def _kubelet(layout: Layout, node: Node, reserved: dict[str, str]) -> dict[str, object]:
    return {
        **kubelet_settings(node.address, str(layout.pki / "ca.crt"), node.number > 1),
        **_serving(layout, node),
        "cgroupDriver": "cgroupfs",  # the machine may not have systemd
        "cgroupRoot": f"/{node.cgroup}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "containerRuntimeEndpoint": f"unix://{node.containerd_address}",
        # /var/log/pods would be shared with every other kubelet of this machine.
        "podLogsDir": str(node.home / "pods-log"),
        "volumePluginDir": str(node.home / "volume-plugins"),
        "kubeReserved": reserved,
    }


def _serving(layout: Layout, node: Node) -> dict[str, str]:
    """Serving certificate settings; without them the kubelet uses a self-signed one."""
    if options.has(layout, options.SELF_SIGNED_KUBELETS):
        return {}
    certificate = layout.pki / f"{node.component('kubelet')}.crt"
    key = certificate.with_suffix(".key")
    return {"tlsCertFile": str(certificate), "tlsPrivateKeyFile": str(key)}


def _kubelet_config(node: Node) -> Path:
    return node.home / "kubelet.json"


def _proxy_config(node: Node) -> Path:
    return node.home / "kube-proxy.json"
