"""Which resources of which containers a policy looks after."""

import pytest

from scaler.annotations.options import Settings
from scaler.cluster.view import View
from scaler.policies import table
from scaler.sizing import governing
from tests.unit.scaler.builders import NGINX, asked, owner, pod, size, view

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
        ({}, {("nginx", "cpu")}),
        ({"resources": "cpu"}, {("nginx", "cpu")}),
        ({"resources": "memory"}, set()),
        ({"resources__mesh": "cpu"}, {("nginx", "cpu"), ("mesh", "cpu")}),
        ({"mode__nginx": "observe"}, {("nginx", "cpu")}),
        ({"mode__nginx": "off"}, set()),
    ],
    ids=[
        *("`double` moves CPU alone", "CPU is asked for", "memory alone is asked for"),
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
