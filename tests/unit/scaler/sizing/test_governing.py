"""Which resources of which containers a policy manages."""

import pytest

from scaler.annotations.options import Limits, Settings
from scaler.cluster.view import View
from scaler.policies import table
from scaler.sizing import governing
from tests.unit.scaler.builders import NGINX, asked, owner, pod, size, view

BOTH = {("nginx", "cpu"), ("nginx", "memory")}
HAS = {**NGINX, "mesh": size()}


def settings(**annotations: str) -> Settings:
    found = asked(**annotations)
    assert isinstance(found, Settings)
    return found


def seen(given: Settings) -> View:
    """nginx is of the template; `mesh` was injected by somebody else."""
    return view(pod("a", HAS), pod("b", HAS), whose=owner(NGINX), settings=given)


@pytest.mark.parametrize(
    ("annotations", "governed"),
    [
        ({}, BOTH),
        ({"resources": "cpu"}, {("nginx", "cpu")}),
        ({"resources": "memory"}, {("nginx", "memory")}),
        ({"resources__mesh": "cpu"}, {*BOTH, ("mesh", "cpu")}),
        ({"mode__nginx": "observe"}, BOTH),
        ({"mode__nginx": "off"}, set()),
    ],
    ids=[
        *("CPU and memory", "CPU is asked for", "memory alone is asked for"),
        *("an injected container that is named", "observed", "switched off"),
    ],
)
def test_a_policy_governs(annotations: dict[str, str], governed: set[tuple[str, str]]) -> None:
    given = settings(**annotations)
    pairs = {(n, r) for n in HAS for r in ("cpu", "memory")}
    assert {p for p in pairs if governing.governs(seen(given), given, *p)} == governed


def test_a_container_has_the_policy_of_its_settings() -> None:
    given = settings(policy=table.NAMES.default)
    assert governing.policy_of(given, "nginx") is table.POLICIES[table.NAMES.default]


def test_only_the_cpu_limit_is_removed() -> None:
    given = settings(limits="none")
    got = [governing.options_of(given, "nginx", r).limits for r in ("cpu", "memory")]
    assert got == [Limits.NONE, Limits.RATIO]


def test_a_native_sidecar_is_a_container_like_others() -> None:
    given = settings()
    template = {"initContainers": [{"name": "mesh", "restartPolicy": "Always"}, {"name": "setup"}]}
    workload = view(pod("a", HAS), whose=owner(NGINX, template=template), settings=given)
    names = ("nginx", "mesh", "setup")
    assert [n for n in names if governing.governs(workload, given, n, "cpu")] == ["nginx", "mesh"]
