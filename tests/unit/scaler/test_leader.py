"""Does another process go on where this one stops?"""

from typing import Any

import pytest

from kube.errors import Forbidden, KubeError
from scaler.leader import succeeded
from tests.fakes import FakeGateway, Json

DEPLOYMENTS = "/apis/apps/v1/namespaces/podtailor-system/deployments"
NAME = "podtailor-scaler"


def deployed(**fields: Any) -> FakeGateway:
    api = FakeGateway()
    meta: Json = {"name": NAME, "namespace": "podtailor-system", **fields.pop("metadata", {})}
    api.set(f"{DEPLOYMENTS}/{NAME}", {"metadata": meta, "spec": {"replicas": 1, **fields}})
    return api


@pytest.mark.parametrize(
    ("api", "expected"),
    [
        (deployed(), True),
        (deployed(replicas=2), True),
        (deployed(replicas=0), False),
        (deployed(metadata={"deletionTimestamp": "2026-11-23T20:30:00Z"}), False),
        (FakeGateway(), False),
    ],
    ids=["upgraded", "two of them", "scaled to zero", "being deleted", "uninstalled"],
)
def test_a_successor_comes_while_the_deployment_stays(api: FakeGateway, expected: bool) -> None:
    assert succeeded(api, "podtailor-system", NAME) is expected
    assert not succeeded(api, "podtailor-system", ""), "run as a program"
    assert not succeeded(api, "podtailor-system", "another")


def test_without_an_answer_nobody_is_known_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: str, **query: str) -> bytes:
        raise Forbidden(403, "Forbidden", "no right")

    api = deployed()
    monkeypatch.setattr(api, "get", refused)
    with pytest.raises(KubeError):
        api.get("")
    assert not succeeded(api, "podtailor-system", NAME)
