"""The circuit breaker: three workloads fail in the same way, so no more pods are replaced."""

import urllib.request
from collections.abc import Iterator

import msgspec
import pytest

from kube.gateway import Gateway
from store.reasons import Reason
from tests.e2e.observed import await_event
from tests.e2e.programs import CONFIGURATION, Programs
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, settled, status_of, uids
from tests.e2e.test_what_stands_in_the_way import reason
from tests.e2e.workloads import Shop, manifest, steadily, until

PATH = f"/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/{CONFIGURATION}"
NAMES = ("a", "b", "c", "d", "e", "f")


def conditions(gateway: Gateway, *expressions: str) -> None:
    """The matchConditions of the entry for pods, which only the API server evaluates."""
    found = msgspec.json.decode(gateway.get(PATH))
    made = [{"name": f"c{n}", "expression": e} for n, e in enumerate(expressions)]
    entries = [
        {**w, "matchConditions": made} if w["name"] == "pods.podtailor.io" else w
        for w in found["webhooks"]
    ]
    gateway.patch(PATH, {"webhooks": entries})


@pytest.fixture
def unasked(shop: Shop) -> Iterator[None]:
    """Probes are answered, but pods miss the webhook."""
    conditions(shop.gateway, "object.metadata.name == 'nobody'")
    yield
    conditions(shop.gateway)


def metric(programs: Programs) -> float:
    url = programs.scaler.health.replace("/readyz", "/metrics")
    with urllib.request.urlopen(url, timeout=5) as answer:
        text = answer.read().decode()
    name = "podtailor_scaler_breaker_open"
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith(name)))


def test_three_failures_alike_stop_the_others_until_a_trial_comes_well(
    shop: Shop, programs: Programs, unasked: None
) -> None:
    workloads = [shop.create(manifest("Deployment", name), ready=False) for name in NAMES]
    until(lambda: all(sum(p.ready for p in shop.pods(n)) == 2 for n in NAMES), 60)
    for workload in workloads:
        shop.by_hand(workload, BY_HAND)

    def those(*reasons: Reason) -> set[str]:
        return {w.name for w in workloads if reason(shop, w) in reasons}

    failed = (Reason.WEBHOOK_UNVERIFIED, Reason.BACKING_OFF)
    until(
        lambda: len(those(*failed)) >= 3 and len(those(Reason.BREAKER)) >= 2,
        40,
        lambda: [status_of(shop, w) for w in workloads],
    )
    assert metric(programs) == 1
    waiting = [w for w in workloads if w.name in those(Reason.BREAKER)]
    await_event(shop, waiting[0], "failed in the same way", "Breaker")
    events = [e for e in shop.events(waiting[0]) if e[1] == "Breaker"]
    assert [kind for kind, _, _ in events] == ["Warning"]
    assert programs.scaler.log.read_text().count("breaker tripped") == 1
    before = {w.name: uids(shop.pods(w.name)) for w in waiting}

    def untouched() -> int:
        return sum(uids(shop.pods(w.name)) == before[w.name] for w in waiting)

    steadily(lambda: untouched() >= len(waiting) - 1, 6)  # except for one trial
    conditions(shop.gateway)
    until(lambda: metric(programs) == 0, 60, lambda: [status_of(shop, w) for w in workloads])
    served = [w for w in waiting if reason(shop, w) not in failed]
    assert served
    until(
        lambda: all(settled(shop, w, LARGE, 2) for w in served),
        60,
        lambda: [status_of(shop, w) for w in workloads],
    )
    assert programs.scaler.log.read_text().count("breaker tripped") == 1
