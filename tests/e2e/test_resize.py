"""`strategy: resize` against a real API server and kubelet: each answer, and what follows from it.

Workloads are side by side in one namespace, so that the deadlines of all pass at once.
"""

import os
import subprocess
import time
from collections.abc import Iterator

import pytest

from kube.errors import KubeError
from kube.gateway import STRATEGIC_PATCH
from kube.objects import Pod
from store.model import Workload
from tests.e2e import observed
from tests.e2e.hungry import MI, program
from tests.e2e.policies import refusing
from tests.e2e.programs import Program, Programs
from tests.e2e.workloads import Json, Shop, container, manifest, sized, sizes, until

RESIZE = {
    "podtailor.io/mode": "auto",
    "podtailor.io/strategy": "resize",
    "podtailor.io/resources": "cpu",
}
_COMPONENT = "tests/cluster/component"
SECOND = 1.1
"""Who has resized a pod, and when a size was stored, is known to the second."""
HOLDS = """
x=$(/bin/busybox dd if=/dev/zero bs=1M count=12 2>/dev/null | /bin/busybox tr '\\0' x)
while :; do /bin/busybox sleep 1; done
"""


@pytest.fixture(scope="module")
def resizing(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The session's scaler, less patient with kubelets."""
    programs.scaler.stop()
    environment = {
        **programs.scaler.environment,
        "PODTAILOR_SCALER_RESIZE_DEADLINE": "4",
        "PODTAILOR_SCALER_RESTARTS_INFLIGHT": "20",
    }
    log = tmp_path_factory.mktemp("resizing") / "scaler.log"
    made = Program("scaler", environment, programs.scaler.health, log)
    made.start()
    yield made
    made.stop()
    programs.scaler.start()


def test_up_and_down_in_place_unless_somebody_else_insists(shop: Shop, resizing: Program) -> None:
    workload = shop.create(manifest("ReplicationController", annotations=RESIZE))
    before = observed.made(shop)
    for request, limit in (("200m", "400m"), ("300m", "600m"), ("150m", "300m")):
        shop.by_hand(workload, by_hand(request, limit))
        until(lambda: _has(shop, int(limit[:-1])), 20, lambda: said(shop, workload))  # noqa: B023
    assert observed.made(shop) == before, "no pod was replaced, and no container restarted"
    until(lambda: said(shop, workload)[:2] == ("Settled", "Manual"), 10)
    podsize = shop.podsize(workload)
    assert podsize is not None and podsize.status.restarts.count == 0

    time.sleep(SECOND)
    somebody_resizes(shop, shop.pods()[0], sized("100m", "200m"))
    until(lambda: said(shop, workload)[1] == "Rewritten", 20, lambda: said(shop, workload))
    assert [sizes(p).limits.cpu for p in shop.pods()] == [200, 300], "there is no fight"
    time.sleep(SECOND)
    shop.by_hand(workload, by_hand("125m", "250m"))
    until(lambda: _has(shop, 250), 20, lambda: said(shop, workload))
    assert observed.made(shop) == before


def test_what_a_kubelet_or_a_policy_does_not_do(shop: Shop, resizing: Program) -> None:
    may = {**RESIZE, "podtailor.io/single-replica": "restart"}
    again = container()
    again["resizePolicy"] = [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}]
    holds = [program(HOLDS, **sized("50m", "100m", "64Mi"))]
    made = {
        "one": manifest("StatefulSet", "one", replicas=1, annotations=RESIZE),
        "other": manifest("StatefulSet", "other", replicas=1, annotations=RESIZE),
        "restarts": manifest(
            "Deployment", "restarts", containers=[again], replicas=1, annotations=may
        ),
        "used": manifest("StatefulSet", "used", containers=holds, replicas=1, annotations=RESIZE),
        "refused": manifest("Deployment", "refused", replicas=1, annotations=may),
    }
    known = {name: shop.create(body, ready=False) for name, body in made.items()}
    until(lambda: all(any(p.ready for p in shop.pods(n)) for n in made), 60)
    until(lambda: all(shop.podsize(w) for w in known.values()), 20)
    before = {n: observed.made(shop, n) for n in made}
    rule, words = "object.metadata.labels.app != 'refused'", "nobody resizes this one"
    with refusing(shop.gateway, shop.namespace, "UPDATE", rule, words, "pods/resize"):
        until(lambda: may_not_resize(shop, "refused", words), 20)
        shop.by_hand(known["used"], {"name": "app", **sized("50m", "100m", "4Mi")})
        for name in ("restarts", "refused"):
            shop.by_hand(known[name], by_hand("110m", "220m"))
        for name in ("restarts", "refused"):
            _replaced(shop, known[name], before[name])
    resizing.stop()
    for name in ("one", "other"):  # each of them fits, both do not
        shop.by_hand(known[name], by_hand("1100m", "1200m"))
    resizing.start()
    until(lambda: len(_deferred(shop, known)) == 1, 30, lambda: _all_said(shop, known))
    waits = _deferred(shop, known)[0]
    until(lambda: said(shop, known["used"])[:2] == ("RolledBack", "RolledBack"), 40)
    until(lambda: sizes(shop.pods("used")[0]).limits.memory == 64 * MI, 20)
    observed.await_event(shop, known["refused"], words)
    assert observed.made(shop, "used") == before["used"]
    has = "other" if waits == "one" else "one"
    shop.gateway.delete(f"/apis/apps/v1/namespaces/{shop.namespace}/statefulsets/{has}")
    settled = ("Settled", "Manual")
    until(lambda: said(shop, known[waits])[:2] == settled, 20, lambda: _all_said(shop, known))
    assert observed.made(shop, waits) == before[waits], "resized as soon as there was room"


@pytest.mark.skipif(os.environ.get("CLUSTER") == "current", reason="stops the kubelet")
def test_a_kubelet_that_dies_in_mid_resize_does_it_when_it_is_back(
    shop: Shop, resizing: Program
) -> None:
    """Longer than the deadline, and still nothing is replaced that may not be.

    A kubelet that was started again takes up what it had missed after 30 s.
    """
    workload = shop.create(manifest("StatefulSet", replicas=1, annotations=RESIZE))
    until(lambda: shop.podsize(workload) is not None, 20)
    before = observed.made(shop)
    subprocess.run([_COMPONENT, "kill", "kubelet"], check=True)
    try:
        shop.by_hand(workload, by_hand("150m", "300m"))
        waits = ("Blocked", "ResizeDeferred")
        until(lambda: said(shop, workload)[:2] == waits, 20, lambda: said(shop, workload))
        assert sizes(shop.pods()[0]).limits.cpu == 300, "asked for"
        assert not _has(shop, 300)
    finally:
        subprocess.run([_COMPONENT, "start", "kubelet"], check=True)
    until(lambda: _has(shop, 300), 60, lambda: said(shop, workload))
    until(lambda: said(shop, workload)[:2] == ("Settled", "Manual"), 20)
    assert observed.made(shop) == before


def _deferred(shop: Shop, known: dict[str, Workload]) -> list[str]:
    wait = ("Blocked", "ResizeDeferred")
    return [n for n in ("one", "other") if said(shop, known[n])[:2] == wait]


def _all_said(shop: Shop, known: dict[str, Workload]) -> list[tuple[str, str, str]]:
    return [said(shop, w) for w in known.values()]


def by_hand(request: str, limit: str) -> Json:
    """A size by hand, of CPU only."""
    return {"name": "app", "requests": {"cpu": request}, "limits": {"cpu": limit}}


def said(shop: Shop, workload: Workload) -> tuple[str, str, str]:
    """Phase, reason and message."""
    podsize = shop.podsize(workload)
    assert podsize is not None
    status = podsize.status
    return str(status.phase), str(status.reason), status.message


def _has(shop: Shop, limit: int) -> bool:
    """Whether the kubelet says that each pod has this CPU limit, in millicores."""
    given = [c.resources for p in shop.pods() for c in p.status.container_statuses or ()]
    return {(r.limits or {}).get("cpu") for r in given if r} == {f"{limit}m"}


def _replaced(shop: Shop, workload: Workload, before: list[tuple[str, int]]) -> None:
    def holds() -> bool:
        pods = [p for p in shop.pods(workload.name) if not p.metadata.deletion_timestamp]
        new = [p for p in pods if p.metadata.uid not in [uid for uid, _ in before]]
        return len(pods) == 1 and new == pods and sizes(pods[0]).limits.cpu == 220

    until(holds, 40, lambda: said(shop, workload))


def somebody_resizes(shop: Shop, pod: Pod, resources: Json, **query: str) -> None:
    """Resize a pod as whoever is not podtailor would."""
    body = {"spec": {"containers": [{"name": "app", "resources": resources}]}}
    path = f"/api/v1/namespaces/{shop.namespace}/pods/{pod.metadata.name}/resize"
    shop.gateway.patch(path, body, STRATEGIC_PATCH, **query)


def may_not_resize(shop: Shop, name: str, words: str) -> bool:
    """Whether a resize of its first pod is refused in these words; a policy takes seconds."""
    try:
        somebody_resizes(shop, shop.pods(name)[0], sized("101m", "201m"), dryRun="All")
    except KubeError as e:
        return words in e.message
    return False
