"""An eviction that meets another pod of its name: the server spends the budget all the same."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path

import pytest

from kube.gateway import Gateway
from store.reasons import Reason
from tests.e2e.passing import Proxy, returned
from tests.e2e.programs import Programs
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, settled, status_of, uids
from tests.e2e.test_what_stands_in_the_way import reason
from tests.e2e.workloads import Shop, manifest, until

MINE = {"podtailor.io/mode": "auto", "podtailor.io/disruption": "evict"}


class Late(Proxy):
    """A proxy in which the first pod to be evicted has always just been replaced by another."""

    def __init__(self, gateway: Gateway, folder: Path) -> None:
        self.answers: list[int] = []
        """The status codes of evictions, dry runs left out."""
        super().__init__(gateway, folder / "late.kubeconfig")

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Pass it on, but for the UID of the first eviction."""
        evicts = self._misled(request)
        with self.upstream.asked(request) as answer:
            if evicts:
                self.answers.append(answer.status)
            returned(request, answer)

    def _misled(self, request: BaseHTTPRequestHandler) -> bool:
        """Whether it evicts a pod; the first one that does asks for another UID."""
        if request.command != "POST" or not request.path.endswith("/eviction"):
            return False
        body = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        evicts = "dryRun" not in body["deleteOptions"]
        if evicts and not self.answers:
            body["deleteOptions"]["preconditions"]["uid"] = "another"
        raw = json.dumps(body).encode()
        request.rfile = BytesIO(raw)
        request.headers.replace_header("Content-Length", str(len(raw)))
        return evicts


@pytest.fixture
def late(gateway: Gateway, programs: Programs, tmp_path: Path) -> Iterator[Late]:
    """The session's scaler behind such a proxy."""
    usual = programs.scaler.environment
    with closing(Late(gateway, tmp_path)) as made:
        programs.scaler.stop()
        programs.scaler.environment = {**usual, "KUBECONFIG": str(made.kubeconfig)}
        programs.scaler.start()
        yield made
        programs.scaler.stop()
        programs.scaler.environment = usual
        programs.scaler.start()


def test_a_budget_that_our_own_eviction_has_spent_is_said_and_waited_for(
    shop: Shop, late: Late
) -> None:
    workload = shop.create(manifest("Deployment", annotations=MINE))
    path = f"/apis/policy/v1/namespaces/{shop.namespace}/poddisruptionbudgets"
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    shop.gateway.post(path, {"metadata": {"name": "web"}, "spec": spec})
    until(lambda: b'"disruptionsAllowed":1' in shop.gateway.get(path + "/web"), 20)
    before = uids(shop.pods())
    shop.by_hand(workload, BY_HAND)
    until(lambda: late.answers == [409], 30, lambda: (late.answers, status_of(shop, workload)))
    until(
        lambda: reason(shop, workload) is Reason.DISRUPTION_BUDGET,
        20,
        lambda: (late.answers, status_of(shop, workload)),
    )
    podsize = shop.podsize(workload)
    assert podsize and "by an eviction that met another pod" in podsize.status.message
    assert late.answers == [409] and uids(shop.pods()) == before
    shop.gateway.delete(f"{path}/web")
    until(lambda: settled(shop, workload, LARGE, 2), 40, lambda: status_of(shop, workload))
