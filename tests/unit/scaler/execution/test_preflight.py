"""What is read before a pod is replaced: would it come back as the same program?"""

from typing import Any

import pytest

from scaler.execution.preflight import another_program
from store.model import Workload
from tests.fakes import FakeGateway

Json = dict[str, Any]
MADE, LATER, LAST = (f"2026-11-29T10:00:{s:02d}Z" for s in (0, 30, 50))
SPACE = "/api/v1/namespaces/shop"
RC, PODS = f"{SPACE}/replicationcontrollers/web", f"{SPACE}/pods"
WEB = Workload("v1", "ReplicationController", "shop", "web")
WHY = "spec.containers[a].image is not what the template says"


def spec(image: str) -> Json:
    return {"containers": [{"name": "a", "image": image}]}


def pod(name: str, at: str, image: str, of: str | None = "uid-web") -> Json:
    owners = {"ownerReferences": [{"uid": "uid-other"}, {"uid": of}]} if of else {}
    meta = {"name": name, "namespace": "shop", "creationTimestamp": at, **owners}
    return {"metadata": meta, "spec": spec(image)}


def cluster(*siblings: Json) -> FakeGateway:
    """A template that was edited `LATER`, and a pod from before with another image."""
    api = FakeGateway()
    edit = {"time": LATER, "fieldsV1": {"f:spec": {"f:template": {}}}}
    meta = {"uid": "uid-web", "generation": 2, "creationTimestamp": MADE, "managedFields": [edit]}
    api.set(RC, {"metadata": meta, "spec": {"template": {"spec": spec("two")}}})
    for made in (pod("web-1", MADE, "one"), *siblings):
        api.set(f"{PODS}/{made['metadata']['name']}", made)
    return api


@pytest.mark.parametrize(
    ("siblings", "why"),
    [
        ((), WHY),
        ((pod("web-2", LAST, "one"),), None),
        ((pod("web-2", LAST, "three"),), WHY),
        ((pod("db-1", LAST, "one", "uid-db"),), WHY),
        ((pod("bare", LAST, "one", None),), WHY),
        ((pod("bare", LAST, "x", None), pod("web-2", LAST, "one")), None),
    ],
    ids=[
        *("alone", "one that was made since is like it", "one that was made since is not"),
        *("another owner's is like it", "nobody's is", "after nobody's, one is like it"),
    ],
)
def test_a_pod_comes_back_as_another_program_unless_new_ones_are_like_it(
    siblings: tuple[Json, ...], why: str | None
) -> None:
    assert another_program(cluster(*siblings), WEB, "web-1") == why


def test_pods_that_bear_a_mark_of_their_template_are_not_compared() -> None:
    deployment = Workload("apps/v1", "Deployment", "shop", "web")
    api = cluster()
    before = api.calls
    assert another_program(api, deployment, "web-1") is None
    assert api.calls == before
