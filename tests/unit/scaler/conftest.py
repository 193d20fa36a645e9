"""A cluster in memory for tests of the loop."""

import pytest

from tests.unit.scaler.world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def hot(world: World) -> World:
    """Enrolled, and busy."""
    world.cycle(2)
    world.load.used = 490
    return world
