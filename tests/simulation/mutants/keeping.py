"""Defects of what a restart takes up from the history; found where a world has one."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from scaler.history import beats
from scaler.history.history import HistoryError
from scaler.history.server import Server
from scaler.usage import offered
from tests.simulation.mutants.registry import Patch


def readings_shrink_in_the_file(patch: Patch) -> None:
    """A restart takes up readings of half the CPU time, so that the next minute has the rest"""
    usual = beats.together

    def less(*given: Any) -> Any:
        return {
            key: tuple(replace(r, cpu_seconds=r.cpu_seconds / 2) for r in some)
            for key, some in usual(*given).items()
        }

    patch(beats, "together", less)


def servers_are_believed(patch: Patch) -> None:
    """A server's readings are gone on from, whatever the kubelet's own first one says"""
    patch(offered, "_goes_on", lambda offered, new: True)


def servers_are_waited_for(patch: Patch) -> None:
    """A server that does not answer is asked again at once"""
    usual = Server._post

    def again(own: Server, *asked: Any) -> bytes:
        for _ in range(5):
            own._silent = None
            try:
                return usual(own, *asked)
            except HistoryError:
                continue
        return usual(own, *asked)

    patch(Server, "_post", again)


DEFECTS: Mapping[str, Callable[[Patch], None]] = {
    one.__name__: one for one in (readings_shrink_in_the_file,)
}
"""By name; they are not among MUTANTS, whose worlds have no history."""
OF_SERVERS: Mapping[str, Callable[[Patch], None]] = {
    one.__name__: one for one in (servers_are_believed, servers_are_waited_for)
}
"""Likewise, where a world has a server of the past."""
