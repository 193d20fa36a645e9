"""The context of who only looks: what trying alone shows is taken to be allowed. Pure.

| what                                   | the loop              | here                 |
| -------------------------------------- | --------------------- | -------------------- |
| handing a pod over, resizing it        | the rights are tried  | allowed, if not off  |
| a dry run of a pod with its new size   | before each change    | allowed              |
"""

from msgspec.structs import replace

from scaler.disruption.attempts import Pace
from scaler.planning import context as planning
from scaler.planning.context import NO_SURGE, Context, Look
from scaler.settings import Settings
from scaler.sizing.evidence import MinuteOf
from scaler.surge_rights import ResizeRights


def context(look: Look, settings: Settings, minute_of: MinuteOf, now: float) -> Context:
    """As of `now`, in seconds since the epoch; the caller adds what it knows."""
    return replace(
        planning.of(look, settings.cycle, minute_of, now),
        no_surge=None if settings.surge else NO_SURGE,
        unresizable=ResizeRights(settings.resize, Pace(), now).refused,
    )
