"""The API server rejects invalid PodSizes and says why."""

import re

import pytest

from kube.errors import Invalid
from kube.gateway import Gateway
from tests.e2e.podsizes import Json, c, changed, cpu, create, decoded, of, path, podsize, write

NAMED = "must be named deployment-web"
SIXTY_FIVE = [c(f"c{i}") for i in range(65)]
BAD_SPECS: list[tuple[str, object, str]] = [
    ("metadata.name", "web", NAMED),
    ("metadata.name", "replicaset-web", NAMED),
    ("metadata.name", "deployment-web-0123abcd", NAMED),
    ("spec", ..., "spec: Required value"),
    ("spec.workloadRef", ..., "spec.workloadRef: Required value"),
    ("spec.workloadRef.apiVersion", ..., "spec.workloadRef.apiVersion: Required value"),
    ("spec.workloadRef.apiVersion", "apps/v1beta1", 'supported values: "v1", "apps/v1"'),
    ("spec.workloadRef.apiVersion", "v1", "the apiVersion of a ReplicationController is v1, that"),
    ("spec.workloadRef.kind", "Job", 'supported values: "ReplicationController", "ReplicaSet"'),
    ("spec.workloadRef.kind", "deployment", "Unsupported value"),
    ("spec.workloadRef.kind", "ReplicationController", "is v1, that of the other kinds is apps/v1"),
    ("spec.workloadRef.name", "other", "must be named deployment-other"),
    ("spec.workloadRef.name", "", "at least 1 chars long"),
    ("spec.replicas", 0, "greater than or equal to 1"),
    ("spec.replicas", 2, "less than or equal to 1"),
    ("spec.containers", SIXTY_FIVE, "must have at most 64 items"),
    ("spec.containers", [c("a"), c("a")], 'Duplicate value: {"name":"a"}'),
    ("spec.containers", [{}], "spec.containers[0].name: Required value"),
    ("spec.containers", [c("")], "at least 1 chars long"),
    ("spec.containers", [c("x" * 64)], "may not be more than 63"),
]
BAD_SIZES: list[tuple[Json, str]] = [
    (c(requests=cpu("lots")), "requests.cpu in body should match"),
    (c(requests=cpu("")), "should match"),
    (c(requests=cpu("-1")), "should match"),
    (c(requests=cpu("1K")), "should match"),
    (c(requests=cpu("1 ")), "should match"),
    (c(requests=cpu("1e3Ki")), "should match"),
    (c(requests=cpu("1e100")), "should match"),
    (c(requests=cpu("nan")), "should match"),
    (c(requests=cpu("0" * 33)), "may not be more than 32"),
    (c(requests=cpu(-1)), "should be greater than or equal to 0"),
    (c(requests=cpu(0.5)), "must be of type integer,string"),
    (c(requests=cpu(True)), "must be of type integer,string"),
    (c(limits={"memory": "1024Ti"}), "a quantity must be less than 1Pi"),
    (c(limits={"memory": "9E"}), "a quantity must be less than 1Pi"),
    (c(requests={"ephemeral-storage": "1Gi"}), "only cpu and memory can be sized"),
    (c(limits={"nvidia.com/gpu": 1}), "only cpu and memory can be sized"),
    (c(requests=cpu("1001m"), limits=cpu("1")), "the cpu request is above the limit"),
    (c(requests=cpu(2), limits=cpu("1999m")), "the cpu request is above the limit"),
    (c(requests=cpu("2"), limits=cpu(1)), "the cpu request is above the limit"),
    (c(requests=cpu(2), limits=cpu(1)), "the cpu request is above the limit"),
    (
        c(requests={"memory": "65Mi"}, limits={"memory": "64Mi"}),
        "the memory request is above the limit",
    ),
    (
        c(requests={"memory": 1025}, limits={"memory": "1Ki"}),
        "the memory request is above the limit",
    ),
]
GOOD_SIZES: list[Json] = [
    c(),
    c(requests={}, limits={}),
    c(requests=cpu("500m"), limits=cpu(1)),
    c(requests=cpu(1), limits=cpu("1")),
    c(requests=cpu("1000m"), limits=cpu("1")),
    c(requests=cpu(1), limits=cpu(1)),
    c(requests=cpu("2"), limits={"memory": "1Mi"}),
    c(limits=cpu("0.5")),
    c(limits=cpu("+.5")),
    c(limits=cpu("1.")),
    c(requests=cpu("1e-1"), limits={"cpu": "2E2", "memory": "1023Ti"}),
    c(requests={"memory": 67108864}, limits={"memory": "64Mi"}),
    c(requests={"memory": "1024"}, limits={"memory": "1Ki"}),
    c(requests=cpu(0), limits=cpu("0")),
]


@pytest.mark.parametrize(("where", "value", "message"), BAD_SPECS)
def test_a_bad_spec_is_refused_with_a_reason(
    where: str, value: object, message: str, gateway: Gateway, namespace: str
) -> None:
    with pytest.raises(Invalid, match=re.escape(message)):
        create(gateway, namespace, changed(podsize(), where, value))


@pytest.mark.parametrize(("size", "message"), BAD_SIZES, ids=lambda v: str(v)[:60])
def test_a_size_is_refused_wherever_it_stands(
    size: Json, message: str, gateway: Gateway, namespace: str
) -> None:
    with pytest.raises(Invalid, match=re.escape(message)):
        create(gateway, namespace, podsize(containers=[size]))
    create(gateway, namespace, made := podsize())
    stored = {"revision": 1, **of(size)}
    by_class = {"revision": 1, **of(), "classes": [{"class": "pi", **of(size)}]}
    for status in ({"size": s} for s in (stored, by_class)):
        with pytest.raises(Invalid, match=re.escape(message)):
            write(gateway, namespace, made, status)
    for status in ({"lastGood": stored}, {"wish": of(size)}):
        with pytest.raises(Invalid, match=re.escape(message)):
            write(gateway, namespace, made, status)


@pytest.mark.parametrize("size", GOOD_SIZES, ids=lambda v: str(v)[:60])
def test_a_valid_size_is_accepted_in_spec_and_status(
    size: Json, gateway: Gateway, namespace: str
) -> None:
    create(gateway, namespace, made := podsize(containers=[size, c("other")]))
    stored = {"revision": 1, "apply": "new", **of(size), "classes": [{"class": "pi", **of(size)}]}
    raw = write(gateway, namespace, made, {"size": stored, "lastGood": stored, "wish": of(size)})
    seen = decoded(raw)  # whatever the server accepts, we can read
    assert seen.by_hand[0] == seen.status.wish[0]


@pytest.mark.parametrize("field", ["apiVersion", "kind", "name"])
def test_the_workload_of_a_podsize_never_changes(
    field: str, gateway: Gateway, namespace: str
) -> None:
    create(gateway, namespace, podsize())
    other = {"apiVersion": "v1", "kind": "StatefulSet", "name": "api"}[field]
    with pytest.raises(Invalid, match="workloadRef cannot be changed"):
        body = {"spec": {"workloadRef": {field: other}}}
        gateway.patch(path(namespace, "deployment-web"), body)


BAD_STATUSES: list[tuple[Json, str]] = [
    ({"size": {"revision": 1}}, "a size has both a revision and containers, or is empty"),
    ({"size": of(c())}, "a size has both a revision and containers, or is empty"),
    ({"size": {"revision": 0, **of()}}, "greater than or equal to 1"),
    ({"size": {"revision": 1, "apply": "some", **of()}}, 'supported values: "all", "new"'),
    ({"size": {"revision": 1, **of(c("a"), c("a"))}}, "Duplicate value"),
    ({"lastGood": {"revision": 1}}, "a size has both a revision and containers, or is empty"),
    ({"wish": of(*SIXTY_FIVE)}, "must have at most 64 items"),
    (
        {"size": {"revision": 1, **of(c(basis={"requests": cpu("x")}))}},
        "basis.requests.cpu in body should match",
    ),
    ({"size": {"revision": 1, **of(), "classes": [{"class": "a"}, {"class": "a"}]}}, "Duplicate"),
    ({"size": {"revision": 1, **of(), "classes": [{"class": ""}]}}, "at least 1 chars long"),
    ({"size": {"revision": 1, **of(), "classes": [of()]}}, "class: Required value"),
    (
        {"size": {"revision": 1, **of(), "classes": [{"class": f"c{i}"} for i in range(33)]}},
        "must have at most 32 items",
    ),
    ({"phase": "Dreaming"}, 'supported values: "Observing", "Settled", "Applying"'),
    ({"backoff": {"until": "tomorrow"}}, "must be of type date-time"),
    ({"pods": {"total": -1}}, "greater than or equal to 0"),
    ({"changes": [{}]}, "Required value"),
    ({"conditions": [{"type": "Applied", "status": "yes"}]}, 'supported values: "True", "False"'),
]


@pytest.mark.parametrize(("status", "message"), BAD_STATUSES, ids=lambda v: str(v)[:60])
def test_a_bad_status_is_refused_with_a_reason(
    status: Json, message: str, gateway: Gateway, namespace: str
) -> None:
    create(gateway, namespace, made := podsize())
    with pytest.raises(Invalid, match=re.escape(message)):
        write(gateway, namespace, made, status)
