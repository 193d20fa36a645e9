"""What a wanted step may become: the table of vetting.py."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from scaler.annotations.options import Bounds, ContainerPolicy, Limits
from scaler.policies.policy import Container
from scaler.policies.proposal import Proposal
from scaler.policies.table import NAMES
from scaler.sizing import vetting
from scaler.sizing.vetting import Ceiling
from store.model import Size
from store.reasons import Reason
from tests.unit.scaler.builders import DOUBLED, NGINX, owner, pod, size, view
from tests.unit.scaler.cycles import ceiling, using
from tests.unit.scaler.feasibility.quotas import limits, per_container
from tests.unit.scaler.sizing.deciding import TWO, decided, outcome


def test_several_containers_must_fit_together() -> None:
    """The second gets what the first has left."""
    above = ceiling(
        fits=lambda s: "full" if sum(c.requests.cpu or 0 for c in s.values()) > 650 else None
    )
    seen = view(pod("a", TWO), pod("b", TWO), whose=owner(TWO))
    assert outcome(seen, decided(seen, using(nginx=480, side=99), above)) == {
        "nginx": DOUBLED,
        "side": size((150, 150)),
    }


Q, N = Reason.QUOTA, Reason.NO_NODE_FITS


def room(most: int, reason: Reason) -> Ceiling:
    """Nodes, or a quota, that leave room for a request of so many millicores."""

    def refusal(sizes: Mapping[str, Size]) -> str | None:
        return "too much" if (sizes["nginx"].requests.cpu or 0) > most else None

    none = ceiling(ranges=(), fits=lambda sizes: None)
    return replace(none, quota=refusal) if reason is Q else replace(none, fits=refusal)


@dataclass(frozen=True)
class Case:
    """A step from a request of 250m and a limit of 500m to `wanted` millicores of limit."""

    name: str
    above: Ceiling
    becomes: tuple[int | None, int | None] | None
    reason: Reason
    wanted: int = 1000
    policy: ContainerPolicy = ContainerPolicy(NAMES.default)  # noqa: RUF009 (frozen)
    has: Size = NGINX["nginx"]


def bounded(**bounds: int) -> ContainerPolicy:
    return ContainerPolicy(NAMES.default, bounds=Bounds(**bounds))


def container(has: Size, options: ContainerPolicy) -> Container:
    return Container("nginx", "cpu", has, has, options)


NO_LIMIT, KEPT = (
    ContainerPolicy(NAMES.default, limits=Limits.NONE),
    ContainerPolicy(NAMES.default, limits=Limits.KEEP),
)
GUARANTEED = size((500, 500), (64, 64))
D, FREE = Reason.DOUBLED, ceiling()
CASES = [
    Case("allowed", FREE, (500, 1000), D),
    Case("above cpu-max", FREE, (300, 600), D, policy=bounded(cpu_max=600)),
    Case("no 10 % below it", FREE, None, Reason.AT_MAXIMUM, policy=bounded(cpu_max=549)),
    Case("the cluster's maximum", ceiling(maxima=Bounds(cpu_max=600)), (300, 600), D),
    Case("below cpu-min", FREE, (750, 1500), D, policy=bounded(cpu_min=1500)),
    Case("cpu-min fits nowhere", room(700, N), None, N, policy=bounded(cpu_min=1500)),
    Case("a LimitRange", ceiling(ranges=[per_container(max={"cpu": "700m"})]), (350, 700), D),
    Case(
        "no 10 % below a LimitRange",
        ceiling(ranges=[per_container(max={"cpu": "549m"})]),
        *(None, Reason.LIMIT_RANGE),
    ),
    Case(
        "a default comes back",
        ceiling(ranges=[per_container(default={"cpu": "2"})]),
        *(None, Reason.LIMIT_RANGE),
        policy=NO_LIMIT,
    ),
    Case("no limit is asked for", FREE, (500, None), D, 500, policy=NO_LIMIT),
    Case("the class would change", FREE, None, Reason.QOS_CLASS, 250, KEPT, GUARANTEED),
    Case("a quota", room(400, Q), (400, 800), D),
    Case("no 10 % below a quota", room(274, Q), None, Q),
    Case("fits no node", room(400, N), (400, 800), D),
    Case("no 10 % that fit", room(274, N), None, N),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_wanted_step_becomes(case: Case) -> None:
    wanted = Proposal(case.wanted, D, "busy")
    got = vetting.fitted(container(case.has, case.policy), wanted, {"nginx": case.has}, case.above)
    assert got.reason is case.reason, got.message
    expected = case.becomes and size(case.becomes, (64, 128))
    assert got.target == expected
    assert got.message.startswith("busy")


def test_a_smaller_step_says_what_stopped_the_wanted_one() -> None:
    got = vetting.fitted(
        container(NGINX["nginx"], bounded(cpu_max=600)), Proposal(1000, D, "busy"), NGINX, FREE
    )
    assert got.message == "busy; 600m instead of 1: 1 is above cpu-max, 600m"


def test_memory_grows_also_where_the_manifests_cpu_is_above_a_maximum() -> None:
    has = NGINX["nginx"]
    memory = replace(container(has, bounded(cpu_max=100)), resource="memory")
    assert has.limits.memory
    wanted = Proposal(2 * has.limits.memory, Reason.OOM_KILLED, "killed")
    got = vetting.fitted(memory, wanted, NGINX, FREE)
    assert got.reason is Reason.OOM_KILLED and got.target is not None
    assert got.target.limits == replace(has.limits, memory=2 * has.limits.memory)


def test_init_containers_are_not_summed_up_with_the_others() -> None:
    pods = limits({"type": "Pod", "max": {"cpu": "600m"}})
    both = {"nginx": size(), "setup": size()}
    together = ceiling(ranges=[pods]).refusal(both)
    assert together and together.reason is Reason.LIMIT_RANGE
    assert replace(ceiling(ranges=[pods]), counted=["nginx"]).refusal(both) is None


@pytest.mark.parametrize(("burst", "becomes"), [(True, (400, 800)), (False, (500, 1000))])
def test_a_burst_gets_what_running_pods_can_have_in_place(
    burst: bool, becomes: tuple[int, int]
) -> None:
    def on_their_nodes(sizes: Mapping[str, Size]) -> str | None:
        return "no room" if (sizes["nginx"].requests.cpu or 0) > 400 else None

    above = replace(FREE, in_place=on_their_nodes)
    wanted = Proposal(1000, D, "busy", urgent=burst, burst=burst)
    one = Container("nginx", "cpu", size(), size(), ContainerPolicy(NAMES.default))
    got = vetting.fitted(one, wanted, NGINX, above)
    assert got.target == size(becomes, (64, 128))
    assert got.urgent is burst
    full = replace(FREE, in_place=lambda sizes: "no room")
    got = vetting.fitted(one, wanted, NGINX, full)
    assert got.reason is (N if burst else D)
