"""LimitRanger after our patch: what comes back, what is refused, and with which message."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kube import objects
from scaler.feasibility.limit_range import refusal, with_defaults
from store.model import Resources, Size
from tests.unit.scaler.feasibility.quotas import limits, per_container

MI = 2**20


def per_pod(**item: Any) -> objects.LimitRange:
    return limits({"type": "Pod", **item})


def cpu(request: int | None, limit: int | None) -> Size:
    return Size(Resources(cpu=request), Resources(cpu=limit))


def memory(request: int | None, limit: int | None) -> Size:
    return Size(Resources(memory=request), Resources(memory=limit))


DEFAULTS = per_container(default={"cpu": "500m"}, defaultRequest={"cpu": "250m"})

FILLED = [
    ("nothing to fill in", [], cpu(100, None), cpu(100, None)),
    ("a limit alone is also the request", [], cpu(None, 300), cpu(300, 300)),
    ("that comes before any default", [DEFAULTS], cpu(None, 300), cpu(300, 300)),
    ("a missing limit comes back", [DEFAULTS], cpu(100, None), cpu(100, 500)),
    ("both come back", [DEFAULTS], cpu(None, None), cpu(250, 500)),
    ("what is there stays", [DEFAULTS], cpu(1, 9), cpu(1, 9)),
    ("the other resource is left alone", [DEFAULTS], memory(5, None),
     Size(Resources(250, 5), Resources(500, None))),
    ("the first range wins", [per_container(default={"cpu": 2}), DEFAULTS], cpu(100, None),
     cpu(100, 2000)),
    ("the last item of one range wins",
     [limits({"type": "Container", "default": {"cpu": 1}},
             {"type": "Container", "default": {"cpu": 3}})], cpu(1, None), cpu(1, 3000)),
    ("each resource has its own item",
     [limits({"type": "Container", "default": {"cpu": 1}},
             {"type": "Container", "default": {"memory": 7}})], cpu(1, None),
     Size(Resources(1), Resources(1000, 7))),
    ("a pod's item has no defaults", [per_pod(default={"cpu": 1})], cpu(1, None), cpu(1, None)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "ranges", "size", "then"), FILLED, ids=[f[0] for f in FILLED])
def test_missing_requests_and_limits_are_filled_in(
    name: str, ranges: list[objects.LimitRange], size: Size, then: Size
) -> None:
    assert with_defaults(ranges, {"a": size}) == {"a": then}


ADMITTED = [
    ("no range", [], cpu(9, 9)),
    ("inside", [per_container(min={"cpu": "100m"}, max={"cpu": 1})], cpu(100, 1000)),
    (
        "a resource that podtailor does not size",
        [per_container(min={"ephemeral-storage": "1Gi"})],
        cpu(1, 1),
    ),
    (
        "no limit where only a minimum is asked for",
        [per_container(min={"cpu": 1})],
        cpu(1000, None),
    ),
    ("claims", [limits({"type": "PersistentVolumeClaim", "min": {"cpu": 5}})], cpu(1, 1)),
    ("a limit that comes back above the request", [DEFAULTS], cpu(500, None)),
    ("exactly the ratio", [per_container(maxLimitRequestRatio={"cpu": "1.5"})], cpu(200, 300)),
    ("nothing at all with a ratio of memory", [per_container(max={"cpu": 1})], cpu(1, 1000)),
]


@pytest.mark.parametrize(("name", "ranges", "size"), ADMITTED, ids=[a[0] for a in ADMITTED])
def test_sizes_within_a_limit_range_are_let_in(
    name: str, ranges: list[objects.LimitRange], size: Size
) -> None:
    assert refusal(ranges, {"nginx": size}) is None


REFUSED = [
    ("a limit comes back below the request", [DEFAULTS], cpu(600, None),
     "container nginx would have a cpu request 600m above limit 500m after the defaults"),
    ("request below the minimum", [per_container(min={"cpu": "100m"})], cpu(50, 500),
     "LimitRange limits refuses container nginx: cpu request 50m is below 100m"),
    ("limit below the minimum", [per_container(min={"memory": "64Mi"})], memory(None, MI),
     "memory request 1Mi is below 64Mi"),
    ("no request", [per_pod(min={"memory": "64Mi"})], cpu(1, 1),
     "the pod: memory has no request, its minimum is 64Mi"),
    ("limit above the maximum", [per_container(max={"cpu": "1"})], cpu(500, 2000),
     "cpu limit 2 is above 1"),
    ("no limit", [per_pod(max={"cpu": "1"})], cpu(500, None), "cpu has no limit, its maximum is 1"),
    ("request above the maximum", [per_pod(max={"cpu": 1})], cpu(1500, None),
     "cpu has no limit, its maximum is 1"),
    ("ratio", [per_container(maxLimitRequestRatio={"cpu": "1.5"})], cpu(200, 301),
     "cpu limit 301m / request 200m is above the ratio 1.5"),
    ("ratio of memory", [per_container(maxLimitRequestRatio={"memory": 2})], memory(MI, 3 * MI),
     "memory limit 3Mi / request 1Mi is above the ratio 2"),
    ("ratio without a limit", [per_container(maxLimitRequestRatio={"cpu": 2})], cpu(200, None),
     "cpu needs a request and a limit, their ratio may be 2"),
    ("the item after one of claims",
     [limits({"type": "PersistentVolumeClaim"}, {"type": "Container", "max": {"cpu": 1}})],
     cpu(2000, 2000), "LimitRange limits refuses container nginx: cpu request 2 is above 1"),
    ("the second of three, with the default of the first",
     [per_container(default={"cpu": 2}), per_container(default={"cpu": 1}, max={"cpu": 1}),
      per_container(default={"cpu": 1})], cpu(100, None), "cpu limit 2 is above 1"),
    ("the second range", [per_container(), limits({"type": "Pod", "max": {"cpu": 1}}, name="b")],
     cpu(2000, 2000), "LimitRange b refuses the pod: cpu request 2 is above 1"),
    ("the default of a range that may come first", [per_container(default={"cpu": 2}), DEFAULTS],
     cpu(600, None), "above limit 500m after the defaults"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "ranges", "size", "message"), REFUSED, ids=[r[0] for r in REFUSED]
)
def test_sizes_beyond_a_limit_range_are_refused_with_the_figures(
    name: str, ranges: list[objects.LimitRange], size: Size, message: str
) -> None:
    assert message in (refusal(ranges, {"nginx": size}) or "")


def test_a_pod_is_the_sum_of_its_containers() -> None:
    found = [per_pod(max={"cpu": "1"}, maxLimitRequestRatio={"cpu": 4})]
    assert refusal(found, {"a": cpu(100, 500), "b": cpu(200, 500)}) is None
    assert "cpu limit 1100m is above 1" in (
        refusal(found, {"a": cpu(400, 600), "b": cpu(200, 500)}) or ""
    )
    small = [per_pod(max={"memory": "3Mi"})]
    assert refusal(small, {"a": memory(MI, MI), "b": memory(MI, 2 * MI)}) is None
    assert "memory request 4Mi is above 3Mi" in (
        refusal(small, {"a": memory(2 * MI, 2 * MI), "b": memory(2 * MI, 2 * MI)}) or ""
    )
    # As the API server counts: a container without a limit adds nothing to the sum.
    assert refusal(found, {"a": cpu(400, None), "b": cpu(200, 900)}) is None


amounts = st.none() | st.integers(0, 4)
sizes = st.builds(cpu, amounts, amounts)
bounds = st.fixed_dictionaries(
    {"type": st.sampled_from(["Container", "Pod"])},
    optional={
        key: st.integers(0, 4).map(lambda n: {"cpu": f"{n}m"})
        for key in ("min", "max", "default", "defaultRequest", "maxLimitRequestRatio")
    },
)


def stored(item: dict[str, Any]) -> objects.LimitRange:
    """With the defaults that the API server adds to a range as it stores it."""
    if item["type"] == "Container":
        default = {**item.get("max", {}), **item.get("default", {})}
        request = {**item.get("min", {}), **default, **item.get("defaultRequest", {})}
        item = {**item, "default": default, "defaultRequest": request}
    return limits(item)


ranges_ = st.lists(bounds.map(stored), max_size=3)


@given(ranges_, st.dictionaries(st.sampled_from("ab"), sizes, min_size=1))
def test_a_pod_that_is_let_in_is_valid_and_within_the_bounds_of_every_container(
    found: list[objects.LimitRange], containers: dict[str, Size]
) -> None:
    if refusal(found, containers) is not None or not found:
        return
    for order in (found, found[::-1]):
        for size in with_defaults(order, containers).values():
            request, limit = size.requests.cpu, size.limits.cpu
            assert request is None or limit is None or request <= limit
            for item in (i for r in found for i in r.spec.limits if i.type == "Container"):
                if item.min:
                    assert request is not None
                    assert request >= int(str(item.min["cpu"])[:-1])
                if item.max:
                    assert limit is not None
                    assert limit <= int(str(item.max["cpu"])[:-1])


@given(ranges_, st.dictionaries(st.sampled_from("ab"), sizes))
def test_filling_in_defaults_twice_changes_nothing_more(
    found: list[objects.LimitRange], containers: dict[str, Size]
) -> None:
    once = with_defaults(found, containers)
    assert with_defaults(found, once) == once
