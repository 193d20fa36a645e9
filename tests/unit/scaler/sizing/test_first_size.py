"""The first size of a kind of node without usage: from another kind's, by the speeds, bounded."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.annotations.options import Bounds
from store.model import ClassSize, ContainerSize
from tests.unit.scaler.builders import MI, NGINX, NOW, asked
from tests.unit.scaler.builders import size as size_of
from tests.unit.scaler.cycles import ceiling
from tests.unit.scaler.kinds_of_node import KNOWN, kept, made, workload
from tests.unit.scaler.sizing.test_by_class import FRESH, R, decide, limits, three

YOUNG: dict[str, Any] = {"nginx__pi": FRESH, "nginx__pi2": FRESH, "nginx": 100}


def test_a_kind_whose_usage_is_not_known_starts_by_the_ratio_of_the_speeds() -> None:
    size = kept(server=1000)
    outcome = decide(three(size), nginx__pi=FRESH, nginx__pi2=FRESH, nginx=100)
    assert limits(outcome.size) == {"": None, "pi": 4000, "server": 1000}
    assert outcome.message == (
        "on pi: nginx has no usage on pi yet, and starts from the 1 of server, "
        "as server counts as 4 times as fast"
    )


def test_the_other_way_round_it_starts_smaller() -> None:
    size = kept(pi=2000)
    outcome = decide(three(size), nginx__fast=FRESH, nginx=100)
    assert limits(outcome.size) == {"": None, "pi": 2000}  # 500m, as the manifest says: it waits
    outcome = decide(three(kept(2000, pi=4000)), nginx__fast=FRESH, nginx=100)
    assert limits(outcome.size) == {"": 2000, "pi": 4000, "server": 1000}


@pytest.mark.parametrize(("policy", "server"), [("double", None), ("track", 250)])
def test_below_the_manifest_only_where_its_policy_ever_goes_there(
    policy: str, server: int | None
) -> None:
    """Found by the simulation: under `double` nothing else does, but for `cpu-min`."""
    seen = replace(three(kept(pi=1000)), settings=asked(per_node="on", policy=policy))
    outcome = decide(seen, nginx__fast=FRESH, nginx=100)
    assert limits(outcome.size).get("server") == server


def test_a_ratio_is_bounded() -> None:
    nodes = replace(KNOWN, speeds={"server": 100.0, "pi": 0.01})
    outcome = decide(three(kept(server=500), nodes=nodes), nginx__pi=FRESH, nginx__pi2=FRESH)
    assert limits(outcome.size)["pi"] == 4000


def test_a_first_size_obeys_what_no_size_may_exceed() -> None:
    above = ceiling(fits=lambda sizes: "full" if (sizes["nginx"].limits.cpu or 0) > 1500 else None)
    fresh: dict[str, Any] = {"nginx__pi": FRESH, "nginx__pi2": FRESH}
    outcome = decide(three(kept(server=1000)), nginx=100, above=above, **fresh)
    assert limits(outcome.size)["pi"] == 1500
    assert outcome.message.endswith("; 1500m instead of 4: full")


def test_once_it_has_a_size_of_its_own_none_comes_from_another() -> None:
    for size in (kept(pi=1000, server=4000), kept(pi=None, server=4000)):
        seen = three(size)
        assert decide(seen, nginx=FRESH).size is seen.size


@pytest.mark.parametrize(("policy", "least"), [("double", 256), ("track", 128)])
def test_nor_does_memory_get_less_where_its_policy_never_lowers_it(policy: str, least: int) -> None:
    def nginx(memory: int) -> tuple[ContainerSize, ...]:
        return (ContainerSize("nginx", size_of((250, 500), (memory, memory)), NGINX["nginx"]),)

    stored = replace(kept(), containers=nginx(256), classes=(ClassSize("pi", nginx(128)),))
    settings = asked(per_node="on", policy=policy, resources="memory")
    outcome = decide(replace(three(stored), settings=settings), nginx__fast=FRESH, nginx=100)
    assert outcome.size is not None
    [its] = outcome.size.of_class("server").containers
    assert its.size.limits.memory == least * MI


@pytest.mark.parametrize(
    ("annotations", "pi"),
    [
        ({}, None),
        ({"policy": "track"}, 250),
        ({"cpu_min": "20m"}, 250),
        ({"direction": "up"}, None),
        ({"cpu_min": "300m"}, 300),
        ({"resources": "memory"}, None),
        ({"mode__nginx": "off"}, None),
    ],
)
def test_it_is_bounded_as_any_size_is(annotations: dict[str, str], pi: int | None) -> None:
    nodes = replace(KNOWN, speeds={"server": 0.25, "pi": 1.0})
    wanted = asked(per_node="on", **annotations)
    seen = replace(three(kept(server=1000), nodes=nodes), settings=wanted)
    outcome = decide(seen, **YOUNG)
    assert limits(outcome.size).get("pi") == pi


def test_a_maximum_of_the_cluster_bounds_it() -> None:
    outcome = decide(three(kept(server=1000)), above=ceiling(maxima=Bounds(cpu_max=2500)), **YOUNG)
    assert limits(outcome.size)["pi"] == 2500


def test_a_speed_that_is_not_known_gives_none() -> None:
    nodes = replace(KNOWN, speeds={"pi": 0.25})
    assert "pi" not in limits(decide(three(kept(server=1000), nodes=nodes), **YOUNG).size)


def test_the_reason_is_the_policy_s_own() -> None:
    wanted = asked(per_node="on", policy="track")
    seen = replace(three(kept(server=1000)), settings=wanted)
    assert decide(seen, **YOUNG).reason is R.TRACKED


def since(one: objects.Pod, seconds: float) -> objects.Pod:
    """Its container runs for that long."""
    started = {"running": {"startedAt": timestamps.text(NOW - seconds)}}
    known = msgspec.convert([{"name": "nginx", "state": started}], list[objects.ContainerStatus])
    return replace(one, status=replace(one.status, container_statuses=known))


@pytest.mark.parametrize(("runs", "usage", "waits"), [
    (120.0, FRESH, True), (119.0, FRESH, False), (120.0, R.NO_USAGE, False),
])  # fmt: skip
def test_usage_that_is_known_soon_is_waited_for(runs: float, usage: R, waits: bool) -> None:
    """Found on three kinds of real nodes: of pods that ran for long, on several kinds, one's first
    minute was known before the others', and those had its size for half an hour."""
    size = kept(server=1000)
    pi = since(made("pi", "pi-1", size, "pi", pinned=True), runs)
    fast = since(made("fast", "fast-1", size, "server", pinned=True), runs)
    outcome = decide(workload(pi, fast, size=size), nginx__pi=usage, nginx=100)
    assert ("pi" not in limits(outcome.size)) == waits
