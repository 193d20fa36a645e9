"""The policy `double`: every row of its table, on numbers alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from scaler.annotations.options import ContainerPolicy, Limits
from scaler.policies.double import propose
from scaler.policies.proposal import Proposal
from scaler.usage.window import Minute, NoMinute
from store.model import Size
from store.reasons import Reason
from tests.unit.scaler.builders import NOW, size

R = Reason
Seen = float | Reason


def proposed(
    has: Size, used: Sequence[Seen], limits: Limits = Limits.RATIO, name: str = "nginx"
) -> Proposal:
    """What the policy wants of a container; `used`: of each pod, millicores or why not known."""
    minutes = [
        NoMinute(u, "why") if isinstance(u, Reason) else Minute(u, 60.0, 0, NOW) for u in used
    ]
    return propose(name, has, ContainerPolicy(limits=limits), minutes)


def cpu(request: int | None, limit: int | None) -> Size:
    return size((request, limit))


@dataclass(frozen=True)
class Case:
    """`value`: the wanted request or limit in millicores; None: nothing is wanted."""

    name: str
    has: Size
    used: Sequence[Seen]
    value: int | None
    reason: Reason
    limits: Limits = Limits.RATIO


CASES = [
    Case("90 % of its limit", cpu(250, 500), [450], 1000, R.DOUBLED),
    Case("just below", cpu(250, 500), [449.9], None, R.IN_BOUNDS),
    Case("one of two pods", cpu(250, 500), [10, 450], 1000, R.DOUBLED),
    Case("one of two is known", cpu(250, 500), [R.NO_USAGE, 450], 1000, R.DOUBLED),
    Case("a request alone", cpu(250, None), [225], 500, R.DOUBLED),
    Case("a limit alone", cpu(None, 500), [450], 1000, R.DOUBLED),
    Case("neither", cpu(None, None), [900], None, R.NOTHING_TO_SCALE),
    Case("twice nothing", cpu(0, None), [900], None, R.NOTHING_TO_SCALE),
    Case("a limit that is kept", cpu(200, 500), [490], 400, R.DOUBLED, Limits.KEEP),
    Case("at most that limit", cpu(300, 500), [490], 500, R.DOUBLED, Limits.KEEP),
    Case("a request at that limit", cpu(500, 500), [490], None, R.AT_MAXIMUM, Limits.KEEP),
    Case("no pod at this size", cpu(250, 500), [], None, R.NO_USAGE),
    Case("no reading", cpu(250, 500), [R.NO_USAGE], None, R.NO_USAGE),
    Case("warming up", cpu(250, 500), [R.NO_USAGE, R.WARMING_UP], None, R.WARMING_UP),
    Case("stale", cpu(250, 500), [R.WARMING_UP, R.STALE_USAGE], None, R.STALE_USAGE),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_container_of_this_size_and_usage(case: Case) -> None:
    got = proposed(case.has, case.used, case.limits)
    assert (got.value, got.reason) == (case.value, case.reason), got.message


def test_the_pressure_is_that_of_the_hottest_pod() -> None:
    assert proposed(cpu(250, 500), [100, 400]).pressure == pytest.approx(0.8)
    assert proposed(cpu(250, 500), [R.NO_USAGE]).pressure == 0


def test_the_message_names_the_container_and_what_it_used_of_what() -> None:
    got = proposed(cpu(250, 500), [480], name="sidecar")
    assert got.message == "sidecar used 480m of 500m for 60 s"
