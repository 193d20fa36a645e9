"""One pod that serves on the node, and a budget that allows no eviction: replaced by surge."""

import msgspec

from tests.e2e.test_resize import said
from tests.e2e.workloads import IMAGE, Json, Shop, sized, sizes, until
from tests.installed.conftest import BY_HAND, HAND
from tests.installed.served import everything, serving
from tests.load.client import Load
from tests.nodes.workloads import ON_V2, PATIENCE

_SERVE = """
trap 'exit 0' TERM
mkdir /tmp/www; echo hello >/tmp/www/index.html; /bin/busybox httpd -f -p 80 -h /tmp/www & wait
"""
_PAUSE = 0.5
"""Seconds between two requests: what the emulated node serves beside its kubelet."""


def exchanged(shop: Shop) -> None:
    """Asserts that the replacement serves before the only pod of an empty namespace goes."""
    workload = serving(shop, "Deployment", containers=[_served()], pod=ON_V2)
    before = shop.pods()[0].metadata.uid
    load = Load(_address(shop), 80, clients=1, pause=_PAUSE).start()
    try:
        until(lambda: sum(load.tally.answered.values()) > 5, PATIENCE)
        load.tally.begin()
        shop.by_hand(workload, BY_HAND)
        until(lambda: _replaced(shop, before), PATIENCE, lambda: said(shop, workload))
    finally:
        tally = load.stop()
    failed, answered = sum(tally.failed.values()), sum(tally.answered.values())
    print(f"{failed} of {answered} failed, longest gap {tally.longest_gap:.1f} s")
    assert failed == 0, dict(tally.errors)


def _replaced(shop: Shop, before: str) -> bool:
    pods = shop.pods()
    new = len(pods) == len(everything(shop)) == 1 and pods[0].metadata.uid != before
    return new and pods[0].ready and sizes(pods[0]) == HAND


def _served() -> Json:
    return {
        "name": "app",
        "image": IMAGE,
        "command": ["/bin/busybox", "sh", "-c", _SERVE],
        "resources": sized("100m", "200m"),
        "readinessProbe": {"httpGet": {"port": 80, "path": "/"}, "periodSeconds": 2},
    }


def _address(shop: Shop) -> str:
    path = f"/api/v1/namespaces/{shop.namespace}/services/web"
    return str(msgspec.json.decode(shop.gateway.get(path))["spec"]["clusterIP"])
