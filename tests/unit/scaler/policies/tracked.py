"""A container under `track`, and what is known of its usage."""

from collections.abc import Sequence
from typing import Any

from kube import timestamps
from scaler.annotations.options import ContainerPolicy
from scaler.policies.policy import Container, Horizon, PodMinute, Usage
from scaler.usage import long_window
from scaler.usage.long_window import LongWindow, Used
from scaler.usage.window import Minute, NoMinute
from store.model import Resources, Size
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import MI, NOW

HORIZON = Horizon(8 * 86400.0, 3600.0, 600.0)
"""An hour to learn, ten minutes between a change and a step down."""


def container(
    request: int | None = 100, limit: int | None = 200, resource: str = "cpu", **options: Any
) -> Container:
    """Millicores or MiB; the manifest has the same."""
    unit = MI if resource == "memory" else 1
    pair = [None if v is None else v * unit for v in (request, limit)]
    parts = [Resources(**{resource: v}) for v in pair]
    size = Size(parts[0], parts[1])
    return Container("c", resource, size, size, ContainerPolicy("track", **options))


def minute(mean: float, memory: int = 20, **more: Any) -> Minute:
    """Millicores and MiB."""
    return Minute(mean, 60.0, memory * MI, NOW, **more)


def window(
    *means: float, memory: int = 20, needed: int | None = None, until: float = NOW
) -> LongWindow:
    """One minute each, oldest first, up to `until`."""
    out = None
    for n, mean in enumerate(means, 1):
        used = Used(mean, memory * MI, None if needed is None else needed * MI)
        at = until - 60.0 * (len(means) - n)
        out = long_window.added(out, used, at, HORIZON.window)
    assert out is not None
    return out


def usage(
    *minutes: Minute | NoMinute,
    known: LongWindow | None = None,
    changes: Sequence[Change] = (),
    **more: Any,
) -> Usage:
    """Of replicas web-1, web-2 and so on, all at the current size."""
    return Usage(
        NOW,
        minutes,
        [PodMinute(m) for m in minutes],
        changes=changes,
        replicas=[f"web-{n}" for n, _ in enumerate(minutes, 1)],
        long=known,
        horizon=HORIZON,
        **more,
    )


def change(ago: float, before: str, after: str, resource: str = "cpu", **more: Any) -> Change:
    """So many seconds ago."""
    reason = more.get("reason", Reason.TRACKED)
    at = timestamps.text(NOW - ago)
    return Change(at, 2, more.get("name", "c"), resource, before, after, reason)
