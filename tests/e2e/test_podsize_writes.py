"""What users and the scaler write is accepted, returned unchanged, and displayed."""

import json
import re
from collections.abc import Callable

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from kube.errors import Invalid
from kube.gateway import APPLY_PATCH, Gateway
from kube.kinds import OWNERS
from store.codec import status_to_json
from store.model import Status
from tests.e2e.definition import CRD
from tests.e2e.podsizes import c, changed, cpu, create, decoded, of, path, podsize, write
from tests.unit.store.strategies import STATUSES


@pytest.mark.parametrize("kind", OWNERS)
def test_each_kind_is_taken_with_its_own_group(kind: str, gateway: Gateway, namespace: str) -> None:
    made = create(gateway, namespace, podsize(kind))
    assert made["spec"]["replicas"] == 1
    other = {"v1": "apps/v1", "apps/v1": "v1"}[OWNERS[kind].api_version]
    with pytest.raises(Invalid, match="the apiVersion of a ReplicationController is v1"):
        create(
            gateway, namespace, changed(podsize(kind, "x"), "spec.workloadRef.apiVersion", other)
        )


LONG = ["x" * 242, "x" * 243, "x" * 253, "x" * 232 + "." + "y" * 20, "x" * 231 + ".y" + "z" * 19]


@pytest.mark.parametrize("name", LONG, ids=lambda n: f"{len(n)} {n[230:235]}")
def test_a_long_name_is_cut_as_the_programs_cut_it(
    name: str, gateway: Gateway, namespace: str
) -> None:
    create(gateway, namespace, podsize("Deployment", name))


@pytest.mark.parametrize(
    "wrong",
    [
        "deployment-" + "x" * 233 + "-0123abcg",
        "deployment-" + "x" * 232 + "-0123abcd",
        "deployment-" + "y" * 233 + "-0123abcd",
        "deployment-" + "x" * 242,
        "x-0123abcd",
        "short",
    ],
)
def test_a_long_name_cut_in_another_way_is_refused(
    wrong: str, gateway: Gateway, namespace: str
) -> None:
    made = changed(podsize("Deployment", "x" * 253), "metadata.name", wrong)
    with pytest.raises(Invalid, match="must be named deployment-x"):
        create(gateway, namespace, made)


@given(status=STATUSES)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_status_that_the_scaler_writes_is_accepted_and_read_back(
    status: Status, gateway: Gateway, namespace: str
) -> None:
    made = podsize()
    gateway.patch(path(namespace, "deployment-web"), made, APPLY_PATCH, fieldManager="people")
    answer = decoded(write(gateway, namespace, made, status_to_json(status)))
    assert answer.status == status
    assert decoded(gateway.get(path(namespace, "deployment-web"))) == answer


def test_an_emptied_size_is_none_and_users_cannot_write_a_status(
    gateway: Gateway, namespace: str
) -> None:
    sized = {"size": {"revision": 3, **of(c(limits=cpu("1")))}}
    made = create(gateway, namespace, {**podsize(), "status": sized})
    assert "status" not in made
    assert decoded(write(gateway, namespace, made, sized)).status.size is not None
    raw = write(gateway, namespace, made, {"size": {}})
    assert json.loads(raw)["status"] == {"size": {}}
    assert decoded(raw).status == Status()


def test_sixty_four_containers_cost_less_than_the_servers_budget(
    gateway: Gateway, namespace: str
) -> None:
    both = {"requests": {"cpu": "500m", "memory": "64Mi"}, "limits": {"cpu": 1, "memory": "1Gi"}}
    many = of(*(c("c" * 60 + f"{i:03}", **both, basis=both) for i in range(64)))
    by_hand = [{k: v for k, v in one.items() if k != "basis"} for one in many["containers"]]
    create(gateway, namespace, made := podsize(containers=by_hand))
    stored = {"revision": 1, **many}
    write(gateway, namespace, made, {"size": stored, "lastGood": stored, "wish": many})


def test_a_field_that_is_no_field_is_refused_by_kubectl(kubectl: Callable[..., str]) -> None:
    with pytest.raises(AssertionError, match=r'unknown field "spec.containers\[0\].request"'):
        kubectl(apply=podsize(containers=[c(request=cpu("1"))]))


def test_kubectl_shows_workload_size_and_reason_of_a_podsize(
    kubectl: Callable[..., str], gateway: Gateway, namespace: str
) -> None:
    kubectl(apply=(made := podsize()))
    size = c(requests={"cpu": "500m", "memory": "64Mi"}, limits={"cpu": "1", "memory": "128Mi"})
    status = {"phase": "Settled", "reason": "Doubled", "message": "used 487m of 500m"}
    write(gateway, namespace, made, {**status, "size": {"revision": 3, **of(size)}})
    head, row = kubectl("get", "psz").splitlines()
    assert head.split() == ["NAME", "KIND", "NAME", "PHASE", "REASON", "CPU", "MEMORY", "AGE"]
    assert row.split()[:-1] == [
        *("deployment-web", "Deployment", "web", "Settled", "Doubled", "500m", "64Mi"),
    ]
    wide = kubectl("get", "podsizes", "-o", "wide")
    assert re.search(r"500m +64Mi +1 +128Mi +used 487m of 500m", wide)
    assert "in bytes (64Mi)" in kubectl("explain", "podsizes.status.size.containers.requests")


def test_the_scale_subresource_is_always_one_for_the_disruption_controller(
    gateway: Gateway, namespace: str
) -> None:
    create(gateway, namespace, made := podsize())
    write(gateway, namespace, made, {"pods": {"total": 2, "current": 1}})
    where = path(namespace, "deployment-web", "scale")
    scale = json.loads(gateway.get(where))
    assert (scale["spec"], scale["status"]) == ({"replicas": 1}, {"replicas": 2})
    with pytest.raises(Invalid, match="less than or equal to 1"):
        gateway.patch(where, {"spec": {"replicas": 2}})


def test_the_definition_for_older_servers_is_accepted(gateway: Gateway) -> None:
    text = re.sub(r"(?ms)^ *# from 1\.34\n.*?# to here\n", "", CRD.read_text())
    assert "quantity(" not in text
    older = yaml.safe_load(text)
    where = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + older["metadata"]["name"]
    query = {"fieldManager": "e2e", "force": "true", "dryRun": "All"}
    gateway.patch(where, older, APPLY_PATCH, **query)
