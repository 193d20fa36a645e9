"""An explanation: the checks of the loop, all of them, and what the loop would do."""

from typing import Any

import pytest
from msgspec.structs import replace

from scaler.checks import Checks
from scaler.disruption.cluster_limits import ClusterLimits
from scaler.explain.explained import Explained, explained
from scaler.planning import apply, plan
from scaler.replacement import next_pod
from store.model import Status
from store.reasons import Reason
from tests.unit.scaler.builders import asked, injected, owner, pod, stored, view
from tests.unit.scaler.cycles import context, planned, using
from tests.unit.scaler.kinds_of_node import kept, made, workload

HOT = context(using(nginx=495.0), no_surge=None)
SIZED = Status(size=stored())


def decisive(found: Explained) -> list[str]:
    return [chain.decisive for chain in found.chains]


def test_a_hot_workload_would_get_a_size() -> None:
    found = explained(view(), HOT)
    assert decisive(found) == ["sized", "another_size"]
    assert (found.acts, found.action) == (True, "store a size: nginx cpu 1")
    assert (found.reason, found.message) == ("Doubled", "nginx used 495m of 500m for 60 s")
    cpu = next(d for d in found.decisions if d.resource == "cpu")
    assert (cpu.container, cpu.size, cpu.to, cpu.reason) == ("nginx", "500m", "1", "Doubled")


def test_all_checks_of_a_list_are_there_in_their_order_and_one_decides() -> None:
    chains = explained(view(status=SIZED), HOT).chains
    lists: list[Checks[Any, Any]] = [plan.CHECKS, apply.CHECKS, next_pod.CHECKS]
    for chain, checks in zip(chains, lists, strict=False):
        assert chain.title == checks.title
        assert [one.check for one in chain.checks] == [*checks.purposes()]
        assert [one.purpose for one in chain.checks] == [*checks.purposes().values()]
        assert sum(one.decides for one in chain.checks) == 1


def test_a_pod_that_would_be_replaced_is_named_and_the_limits_for_the_cluster_are_asked() -> None:
    seen = view(status=SIZED, whose=owner(replicas=2))
    found = explained(seen, HOT, [seen])
    assert decisive(found) == ["sized", "pods_and_status", "replace_next", "cluster_gate"]
    assert found.acts and "web-" in found.action
    used_up = ClusterLimits(in_flight=3, restarts=0)
    found = explained(seen, HOT, [seen], used_up)
    assert (found.acts, found.reason) == (False, str(Reason.RESTART_BUDGET))


def test_what_is_in_the_way_is_the_reason() -> None:
    blocked = context(using(nginx=495.0), obstacle="0/1 nodes fit")
    found = explained(view(), blocked)
    assert (found.acts, found.reason) == (False, "NoNodeFits")
    assert "0/1 nodes fit" in found.message


def test_a_held_pod_is_explained_by_the_checks_for_held_pods() -> None:
    seen = view(injected("a", stored()), status=SIZED, held=(pod("old"),))
    found = explained(seen, HOT)
    assert found.chains[0].decisive == "held"
    assert found.chains[1].title == "What is done about a held pod"


def test_a_workload_that_left_is_only_asked_what_comes_before() -> None:
    found = explained(replace(view(), settings=None, podsize=None), HOT)
    assert decisive(found) == ["opted_out"]
    assert (found.acts, found.action, found.reason) == (False, "nothing", None)


@pytest.mark.parametrize(
    "settings",
    [asked(), asked(mode="observe"), asked(paused="true"), asked(mode="off"), asked(mode="x")],
    ids=["auto", "observe", "paused", "off", "mistake"],
)
@pytest.mark.parametrize("status", [Status(), SIZED], ids=["no size", "a size"])
@pytest.mark.parametrize("used", [10.0, 300.0, 499.0, Reason.WARMING_UP])
def test_it_says_what_the_loop_plans(settings: object, status: Status, used: float) -> None:
    seen = replace(view(status=status), settings=settings)
    cycle = context(using(nginx=used), no_surge=None)
    found, made = explained(seen, cycle, [seen]), planned(seen, cycle)
    assert (found.reason, found.message) == (str(made.standing.reason), made.standing.message)


def test_each_kind_of_node_is_explained_with_its_own_size() -> None:
    size = kept(server=None, pi=2000)
    seen = workload(
        made("a", "pi-1", size, "pi", pinned=True),
        made("b", "fast-1", size, "server", pinned=True),
        size=size,
    )
    found = explained(seen, context(using(nginx=480.0), no_surge=None))
    cpu = {d.message.partition(":")[0]: (d.size, d.to) for d in found.decisions if d.to}
    assert cpu == {"on server": ("500m", "1")}
    assert found.action == (
        "store a size: the manifest's, on pi: nginx cpu 2, on server: nginx cpu 1"
    )
