"""How far podtailor may go with a container: the table of modes.py."""

import pytest

from scaler.annotations.options import Settings
from scaler.cluster import modes
from scaler.cluster.view import View
from tests.unit.scaler.builders import NGINX, asked, owner, pod, size, view

HAS = {**NGINX, "mesh": size(), "setup": size()}


def settings(**annotations: str) -> Settings:
    found = asked(**annotations)
    assert isinstance(found, Settings)
    return found


def seen(given: Settings) -> View:
    """nginx is of the template; a sidecar `mesh` and an init container `setup` were injected."""
    pods = [pod(n, HAS, init={"setup": {}}) for n in ("a", "b")]
    return view(*pods, whose=owner(NGINX), settings=given)


@pytest.mark.parametrize(
    ("mode", "changes_store", "only_observes", "passive"),
    [
        ("auto", True, False, False),
        ("initial", True, False, True),
        ("observe", False, True, True),
        ("off", False, False, True),
    ],
)
def test_each_mode_of_a_container(
    mode: str, changes_store: bool, only_observes: bool, passive: bool
) -> None:
    given = settings(mode__nginx=mode, mode=mode)
    assert modes.acts(given, "nginx") is changes_store
    assert modes.only_observes(seen(given), given) is only_observes
    assert ("nginx" in modes.passive(seen(given), given)) is passive


def test_a_workload_with_one_container_that_acts_is_not_only_observed() -> None:
    given = settings(mode="observe", mode__mesh="auto")
    assert not modes.only_observes(seen(given), given)


@pytest.mark.parametrize(
    ("annotations", "names"),
    [
        ({}, {"nginx"}),
        ({"mode__nginx": "observe"}, {"nginx"}),
        ({"mode__nginx": "off"}, set()),
        ({"mode__mesh": "initial"}, {"nginx", "mesh"}),
        ({"cpu_max__setup": "2"}, {"nginx", "setup"}),
    ],
    ids=[
        *("the template's containers", "one that is only observed", "one that is switched off"),
        *("an injected one that is named", "an init container that is named"),
    ],
)
def test_a_policy_decides_on(annotations: dict[str, str], names: set[str]) -> None:
    given = settings(**annotations)
    decided_on = {n for n in HAS if modes.decided_on(seen(given), given, n)}
    assert decided_on == names
