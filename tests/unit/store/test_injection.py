"""The one rule of what a pod gets, row by row, and the laws that hold for any store and any pod."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.amounts import RESOURCES
from store.injection import governed, inject, mismatched
from store.model import Apply, ContainerSize, Resources, Size, StoredSize
from tests.unit.store.strategies import ANY_SIZES, SIZES, STORED

Pair = tuple[int | None, int | None]


def cpu(pair: Pair) -> Size:
    return Size(Resources(pair[0], 64), Resources(pair[1], 128))


def only_cpu(pair: Pair) -> Size:
    return Size(Resources(pair[0]), Resources(pair[1]))


@pytest.mark.parametrize(
    ("size", "basis", "came", "gets"),
    [
        ((500, 1000), (250, 500), (250, 500), (500, 1000)),
        ((500, 1000), (250, 500), (300, 500), (300, 500)),
        ((500, 1000), (250, 500), (250, 600), (250, 600)),
        ((500, 1000), (250, 500), (250, None), (250, None)),
        ((500, 1000), (250, 500), (None, None), (None, None)),
        ((500, 1000), (None, None), (None, None), (500, 1000)),
        ((500, None), (250, None), (250, None), (500, None)),
        ((500, None), (250, 500), (250, 500), (500, None)),
        ((None, 1000), (250, 500), (250, 500), (250, 1000)),
        ((None, 200), (250, 500), (250, 500), (200, 200)),
        ((None, 1000), (None, None), (None, None), (1000, 1000)),
        ((None, None), (250, 500), (250, 500), (250, 500)),
        ((2000, 1000), (250, 500), (250, 500), (250, 500)),
        ((125, 250), (250, 500), (250, 500), (125, 250)),
        ((0, 0), (250, 500), (250, 500), (0, 0)),
    ],
    ids=[
        "sized",
        "request edited",
        "limit edited",
        "limit taken away",
        "both taken away",
        "neither before",
        "request only",
        "limit removed",
        "limit only",
        "limit only, below the request",
        "limit only, neither before",
        "not named",
        "request above limit",
        "smaller",
        "zero is a value",
    ],
)
def test_a_container_gets_what_the_rule_says(
    size: Pair, basis: Pair, came: Pair, gets: Pair
) -> None:
    stored = StoredSize(1, Apply.ALL, (ContainerSize("c", only_cpu(size), cpu(basis)),))
    assert inject(stored, {"c": cpu(came)}) == {"c": cpu(gets)}
    differs = size != (None, None) and came != basis
    assert mismatched(stored, {"c": cpu(came)}) == ([("c", "cpu")] if differs else [])


def test_each_resource_is_injected_on_its_own() -> None:
    basis = Size(Resources(250, 64), Resources(500, 128))
    size = Size(Resources(500, 128), Resources(1000, 256))
    stored = StoredSize(1, Apply.ALL, (ContainerSize("c", size, basis),))
    edited = Size(Resources(250, 64), Resources(500, 100))
    assert inject(stored, {"c": edited})["c"] == Size(Resources(500, 64), Resources(1000, 100))
    assert mismatched(stored, {"c": edited}) == [("c", "memory")]


def test_containers_on_one_side_only_are_left_alone() -> None:
    stored = StoredSize(1, Apply.ALL, (ContainerSize("c", cpu((1, 2)), cpu((1, 1))),))
    assert inject(stored, {"sidecar": cpu((3, 4))}) == {"sidecar": cpu((3, 4))}
    assert mismatched(stored, {"sidecar": cpu((3, 4))}) == []


def test_no_size_changes_nothing() -> None:
    assert inject(None, {"c": cpu((1, 2))}) == {"c": cpu((1, 2))}


@st.composite
def stores_and_pods(
    draw: st.DrawFn, sizes: st.SearchStrategy[Size] = SIZES
) -> tuple[StoredSize, dict[str, Size]]:
    """A store, and a pod whose containers mostly came as the store expects."""
    stored = draw(STORED)
    pod = {c.name: draw(st.just(c.basis) | sizes) for c in stored.containers if draw(st.booleans())}
    return stored, pod | draw(st.dictionaries(st.sampled_from(["zz", "zy"]), sizes))


@given(stores_and_pods(ANY_SIZES))
def test_injecting_a_second_time_changes_nothing(case: tuple[StoredSize, dict[str, Size]]) -> None:
    stored, pod = case
    once = inject(stored, pod)
    assert inject(stored, once) == once


@given(stores_and_pods())
def test_a_pod_in_order_comes_out_in_order(case: tuple[StoredSize, dict[str, Size]]) -> None:
    stored, pod = case
    for size in inject(stored, pod).values():
        for resource in RESOURCES:
            request, limit = size.pair(resource)
            assert request is None or limit is None or request <= limit


@given(stores_and_pods(ANY_SIZES))
def test_a_request_never_comes_out_above_its_limit_unless_it_came_so(
    case: tuple[StoredSize, dict[str, Size]],
) -> None:
    stored, pod = case
    for name, size in inject(stored, pod).items():
        for resource in RESOURCES:
            request, limit = size.pair(resource)
            came = pod[name].pair(resource)
            assert request is None or limit is None or request <= limit or (request, limit) == came


@given(stores_and_pods(ANY_SIZES))
def test_a_resource_that_is_not_named_or_does_not_match_stays(
    case: tuple[StoredSize, dict[str, Size]],
) -> None:
    stored, pod = case
    out = inject(stored, pod)
    assert out.keys() == pod.keys()
    sizes = {c.name: c.size for c in stored.containers}
    strange = mismatched(stored, pod)
    for name, came in pod.items():
        for r in RESOURCES:
            if (name, r) in strange or name not in sizes or not governed(sizes[name], r):
                assert out[name].pair(r) == came.pair(r)
