"""From the observations of surge to its figures. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass

from tests.bench.exchange import BEFORE, Change
from tests.bench.fleet import REPLICAS, Undone
from tests.bench.results import Figure, Measured, median
from tests.installed.served import PAUSE, READY_AFTER

GAP, BEYOND = 0.2, 1.0
"""Required at most, in seconds: time without an answer; a change minus unavoidable waiting."""
DRAIN = 2.0  # seconds: the chart's default


@dataclass(frozen=True)
class Seen:
    """All observations; `endpoints`: each number of ready ones, `reasons`: by kind."""

    surge: Sequence[Change]
    deployment: Sequence[Change]
    evicted: Sequence[Change]
    undone: Mapping[str, Undone]
    endpoints: Sequence[int]
    reasons: Mapping[str, str]


def measured(seen: Seen, values: Sequence[str]) -> Measured:
    """The figures, and the data behind them; `values`: the chart's."""
    took, undone = beyond(seen.surge), seen.undone.values()
    touched = sum(not one.untouched for one in undone)
    missing = max(0, REPLICAS - min(seen.endpoints))
    silent = sum(not reason for reason in seen.reasons.values())
    answered = sum(c.answered for c in seen.surge)
    figures = [
        Figure(f"failed requests in {len(seen.surge)} changes", _failed(seen.surge), "", 0),
        Figure("requests answered meanwhile", answered, ""),
        Figure("longest gap between answers", _gap(seen.surge), "s", GAP),
        Figure("change beyond start-up and drain, longest", round(max(took), 2), "s", BEYOND),
        Figure("change beyond start-up and drain, median", round(median(took), 2), "s"),
        *_beside("a Deployment by surge", seen.deployment),
        *_beside("by eviction", seen.evicted),
        Figure("failed requests as sizes that cannot be are undone", _failed(undone), "", 0),
        Figure("longest gap between answers meanwhile", _gap(undone), "s"),
        Figure("old pods restarted or exchanged by it", touched, "", 0),
        Figure(f"ready endpoints missing of {REPLICAS}, all rolling", missing, "", 0),
        Figure("kinds that cannot surge, without a reason", silent, "", 0),
    ]
    how = {
        "workload": f"one pod, Ready {READY_AFTER} s after its start, ends at once on SIGTERM",
        "clients": f"4, {PAUSE} s between requests, each a new connection, through a Service",
        "budget": "maxUnavailable 0; by eviction: none, single-replica: restart",
        "values": values,
        "change": "a size by hand; from its edit to the end of the old pod",
        "curve": f"answers in each second, from {BEFORE} s before the edit; the mean of all",
    }
    return Measured(figures, how, _samples(seen))


def curve(changes: Sequence[Change]) -> list[float]:
    """Answers in each second, averaged over all changes."""
    return [sum(second) / len(changes) for second in zip(*(c.curve for c in changes), strict=True)]


def beyond(changes: Sequence[Change]) -> list[float]:
    """The seconds of each change, minus the replacement's own start-up and the drain."""
    return [c.took - c.started - DRAIN for c in changes]


def _beside(what: str, changes: Sequence[Change]) -> list[Figure]:
    return [
        Figure(f"{what}: failed requests in {len(changes)} changes", _failed(changes), ""),
        Figure(f"{what}: requests answered", sum(c.answered for c in changes), ""),
        Figure(f"{what}: longest gap between answers", _gap(changes), "s"),
    ]


def _failed(changes: Collection[Change | Undone]) -> int:
    return sum(c.failed for c in changes)


def _gap(changes: Collection[Change | Undone]) -> float:
    return round(max(c.gap for c in changes), 3)


def _samples(seen: Seen) -> dict[str, object]:
    return {
        "surge": [_row(c) for c in seen.surge],
        "deployment": [_row(c) for c in seen.deployment],
        "eviction": [_row(c) for c in seen.evicted],
        "undone": {what: asdict(one) for what, one in seen.undone.items()},
        "endpoints": {
            "least": min(seen.endpoints),
            "most": max(seen.endpoints),
            "seen": len(seen.endpoints),
        },
        "reasons": dict(seen.reasons),
        "curve": {
            "surge": [round(v, 1) for v in curve(seen.surge)],
            "eviction": [round(v, 1) for v in curve(seen.evicted)],
        },
    }


def _row(change: Change) -> dict[str, object]:
    fields = asdict(change)
    del fields["curve"]
    return {n: round(v, 3) if isinstance(v, float) else v for n, v in fields.items()}
