"""What holds for every review, thrown at the webhook by the hundred."""

import copy
import json
import random
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from kube import quantity
from tests.unit.webhook.jsonpatch import apply
from tests.unit.webhook.reviews import Object, answered, container, operations, pod, podsize, review
from webhook.review import Refusal, Review, read, write

cpu = st.sampled_from(["100m", "250m", "0.5", "500m", "1", "2", "1500m", "0"])
memory = st.sampled_from(["64Mi", "128Mi", "65536Ki", "1Gi", "1000000000", "0"])
names = st.sampled_from(["nginx", "proxy", "init"])
junk: st.SearchStrategy[Any] = st.sampled_from(
    [None, "lots", "", -1, True, [], {}, "1e400", "nan", "٣"]
)


def amounts(bad: bool) -> st.SearchStrategy[Any]:
    told = st.fixed_dictionaries(
        {},
        optional={
            "cpu": cpu | junk if bad else cpu,
            "memory": memory | junk if bad else memory,
            "ephemeral-storage": st.just("1Gi"),
            "nvidia.com/gpu": st.just("1"),
        },
    )
    return told | junk if bad else told


def ordered(resources: Object) -> Object:
    """As the API server lets it in: no request above its limit."""
    for name, limit in resources.get("limits", {}).items():
        request = resources.get("requests", {}).get(name)
        if request is not None and quantity.memory(request) > quantity.memory(limit):
            resources["requests"][name] = limit
        if request is None and "requests" in resources:
            resources["requests"][name] = limit
    return resources


parts = st.fixed_dictionaries({}, optional={"requests": amounts(False), "limits": amounts(False)})
valid = parts.map(lambda r: ordered(copy.deepcopy(r)))
broken = st.fixed_dictionaries(
    {}, optional={"requests": amounts(True), "limits": amounts(True), "claims": junk}
)


@st.composite
def pods(draw: st.DrawFn, resources: st.SearchStrategy[Any] = valid) -> Object:
    chosen = draw(st.lists(names, unique=True, min_size=1, max_size=3))
    made = pod(*(container(n, **draw(resources)) for n in chosen if n != "init"))
    if "init" in chosen:
        made["spec"]["initContainers"] = [container("init", **draw(resources))]
    if draw(st.booleans()):
        made["metadata"]["annotations"] = {"some.one/else": "x"}
    return made


cpu_and_memory = st.fixed_dictionaries({"cpu": cpu}, optional={"memory": memory})
sizes = st.fixed_dictionaries(
    {"requests": cpu_and_memory}, optional={"limits": cpu_and_memory}
) | st.fixed_dictionaries({}, optional={"requests": cpu_and_memory, "limits": cpu_and_memory})
sound = sizes.map(lambda r: ordered(copy.deepcopy(r)))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Object, Object]:
    """A pod, and a PodSize whose bases are mostly what the pod came with."""
    made = draw(pods())
    stored = []
    for held in every_container(made):
        if draw(st.integers(0, 3)):
            came = {p: held["resources"].get(p, {}) for p in ("requests", "limits")}
            ours = {p: {k: v for k, v in a.items() if k in ("cpu", "memory")}
                    for p, a in came.items()}  # fmt: skip
            basis = ours if draw(st.integers(0, 3)) else draw(sizes)
            size = draw(sound if draw(st.integers(0, 3)) else sizes)
            stored.append({"name": held["name"], **size, "basis": basis})
    return made, podsize(*stored, revision=draw(st.sampled_from([7, 1, 3, 0])))


def every_container(made: Object) -> list[Object]:
    spec = made["spec"]
    return [*spec.get("containers", []), *spec.get("initContainers", [])]


def after(made: Object, stored: Object) -> Object:
    return apply(made, answered(review(made), stored)[1])


@given(cases())
def test_the_patched_pod_gets_nothing_more(case: tuple[Object, Object]) -> None:
    made, stored = case
    assert answered(review(after(made, stored)), stored) == ("Unchanged", [])


@given(cases())
def test_no_request_above_its_limit(case: tuple[Object, Object]) -> None:
    for held in every_container(after(*case)):
        for name, limit in held["resources"].get("limits", {}).items():
            request = held["resources"].get("requests", {}).get(name, limit)
            assert quantity.memory(request) <= quantity.memory(limit)


@given(cases())
def test_the_qos_class_is_kept_unless_a_limit_is_taken_away(case: tuple[Object, Object]) -> None:
    made, stored = case
    result = after(made, stored)
    if limits(made) <= limits(result):
        assert api_server_class(made) == api_server_class(result)


def limits(made: Object) -> set[tuple[str, str]]:
    return {(c["name"], k) for c in every_container(made) for k in c["resources"].get("limits", {})}


def api_server_class(made: Object) -> str:
    """Kubernetes' `ComputePodQOS`, word for word, on the JSON."""
    requests: dict[str, int] = {}
    bounds: dict[str, int] = {}
    guaranteed = True
    for held in every_container(made):
        told = {k: v for k, v in held["resources"].get("limits", {}).items()}
        asked = {**told, **held["resources"].get("requests", {})}
        found = set()
        for kind, into in ((asked, requests), (told, bounds)):
            for name in ("cpu", "memory"):
                amount = _exact(name, kind.get(name, "0"))
                if amount > 0:
                    into[name] = into.get(name, 0) + amount
                    if kind is told:
                        found.add(name)
        guaranteed = guaranteed and found == {"cpu", "memory"}
    if not requests and not bounds:
        return "BestEffort"
    return "Guaranteed" if guaranteed and requests == bounds else "Burstable"


def _exact(name: str, text: str) -> int:
    return quantity.cpu(text) if name == "cpu" else quantity.memory(text)


@given(cases())
def test_nothing_but_cpu_memory_and_the_stamps_changes(case: tuple[Object, Object]) -> None:
    made, stored = case
    assert stripped(after(made, stored)) == stripped(made)


def stripped(made: Object) -> Object:
    left = copy.deepcopy(made)
    left["metadata"]["annotations"] = {
        k: v
        for k, v in (left["metadata"].get("annotations") or {}).items()
        if not k.startswith("podtailor.io/")
    }
    for held in every_container(left):
        for part in ("requests", "limits"):
            amounts = held["resources"].setdefault(part, {})
            amounts.pop("cpu", None)
            amounts.pop("memory", None)
    return left


@given(cases())
def test_no_operation_writes_what_is_there_already(case: tuple[Object, Object]) -> None:
    made, stored = case
    _, patch = answered(review(made), stored)
    for i, operation in enumerate(patch):
        assert apply(made, patch[:i]) != apply(made, patch[: i + 1])
        assert operation["op"] != "replace" or "value" in operation


@given(pods(broken), sizes)
def test_quantities_of_any_kind_never_break_an_answer(made: Object, size: Object) -> None:
    stored = podsize({"name": "nginx", **size, "basis": {}})
    _, patch = answered(review(made), stored)
    apply(made, patch)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(["cpu", "name"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.binary() | json_values.map(lambda v: json.dumps(v).encode()))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    assert isinstance(read(body), Refusal)


@given(st.integers(0, 10_000), json_values)
@example(0, None)
def test_any_part_of_a_review_may_be_anything(seed: int, value: object) -> None:
    told: Any = json.loads(review(pod()))
    put_anywhere(told, value, random.Random(seed))
    read_again = read(json.dumps(told).encode())
    if isinstance(read_again, Review):
        _, patch = answered(json.dumps(told).encode(), podsize({"name": "nginx", "basis": {}}))
        apply(told["request"]["object"], patch)
    operations(write(read_again.uid))


def put_anywhere(document: Any, value: object, chance: random.Random) -> None:
    """Replace one part of the document, at any depth."""
    while True:
        keys = list(document) if isinstance(document, dict) else list(range(len(document)))
        key = chance.choice(keys)
        inner = document[key]
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.2:
            document[key] = value
            return
        document = inner
