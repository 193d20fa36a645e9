"""Decisions on a workload of which a test says a few values."""

from collections.abc import Callable
from typing import Any

import msgspec

from kube import objects, timestamps
from scaler.annotations.options import Settings
from scaler.cluster.pod_sizes import size_of
from scaler.cluster.view import View
from scaler.sizing.decide import Decided, decide
from scaler.sizing.evidence import Watched
from scaler.sizing.vetting import Ceiling
from store.injection import inject
from store.model import Size
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import NGINX, NOW, size
from tests.unit.scaler.cycles import ceiling


def decided(seen: View, usage: Any, above: Ceiling | None = None, now: float = NOW) -> Decided:
    assert isinstance(seen.settings, Settings)
    return decide(seen, seen.settings, Watched(usage, now), above or ceiling())


def outcome(seen: View, got: Decided) -> dict[str, Size]:
    """What new pods of the manifest would get by the decided size."""
    return inject(got.size, NGINX if len(seen.pods) == 0 else came(seen))


def came(seen: View) -> dict[str, Size]:
    return {c.name: size_of(c.resources) for c in seen.template.containers}


def one(cpu: tuple[int | None, int | None], **more: Any) -> dict[str, Size]:
    return {"nginx": size(cpu, **more)}


def ranged(**item: Any) -> Callable[[], Ceiling]:
    found = {"metadata": {"name": "most"}, "spec": {"limits": [{"type": "Container", **item}]}}
    return lambda: ceiling(ranges=[msgspec.convert(found, objects.LimitRange)])


TWO = {"nginx": size(), "side": size((100, 100))}


def changed(at: float, reason: Reason = Reason.DOUBLED) -> Change:
    return Change(timestamps.text(at), 1, "nginx", "cpu", "500m", "1", reason)
