"""What a scaler knows that is not in the cluster, as values that can be written down. Pure.

| what                                       | without it, after a restart                        |
| ------------------------------------------ | -------------------------------------------------- |
| how long containers have been quiet        | a halving waits for a third of the time again      |
| the long windows (windows.py)              | nothing shrinks until they know enough again       |
| starts that are being followed             | one start less is learnt from                      |
| since when owners cannot create pods       | a rollback is patient once more                    |
| how long start-ups take                    | a deadline is measured again                       |

Everything is written as arrays, without names of fields: whoever changes one of these values
changes the meaning of what is in files already, and raises `schema.VERSION`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from scaler.health.startup_deadline import Startups
from scaler.model import Stretch, Stretches
from scaler.policies.start_up import Learnt, Run
from scaler.sizing.start_ups import Starts
from store.model import Workload

Of = tuple[str, str, str, str]
"""The fields of a workload."""


class Remembered(Struct, frozen=True):
    """By workload, as the scaler's memory has it."""

    stretches: Mapping[Workload, Stretches] = field(default_factory=dict)
    starts: Mapping[Workload, Starts] = field(default_factory=dict)
    missing: Mapping[Workload, float] = field(default_factory=dict)
    startups: Mapping[Workload, Startups] = field(default_factory=dict)


class _Starts(Struct, frozen=True, array_like=True):
    runs: list[tuple[str, str, Run]]
    learnt: dict[str, Learnt]


class _Written(Struct, frozen=True, array_like=True):
    stretches: list[tuple[Of, Mapping[str, Stretch]]]
    starts: list[tuple[Of, _Starts]]
    missing: list[tuple[Of, float]]
    startups: list[tuple[Of, Startups]]


_WRITTEN = msgspec.msgpack.Decoder(_Written)


def encoded(remembered: Remembered) -> bytes:
    """All of it as bytes."""
    starts = (
        (w, _Starts([(*key, run) for key, run in s.runs.items()], {**s.learnt}))
        for w, s in remembered.starts.items()
        if s.runs or s.learnt
    )
    written = _Written(
        [(_of(w), one) for w, one in remembered.stretches.items() if one],
        [(_of(w), one) for w, one in starts],
        [(_of(w), since) for w, since in remembered.missing.items()],
        [(_of(w), one) for w, one in remembered.startups.items()],
    )
    return msgspec.msgpack.encode(written)


def decoded(data: bytes) -> Remembered:
    """What was encoded. Raises ValueError where it was not by this release."""
    found = _WRITTEN.decode(data)
    return Remembered(
        dict(_by_workload(found.stretches)),
        {
            w: Starts({(uid, name): run for uid, name, run in one.runs}, one.learnt)
            for w, one in _by_workload(found.starts)
        },
        dict(_by_workload(found.missing)),
        dict(_by_workload(found.startups)),
    )


T = TypeVar("T")


def _by_workload(found: Iterable[tuple[Of, T]]) -> Iterator[tuple[Workload, T]]:
    return ((Workload(*of), one) for of, one in found)


def _of(workload: Workload) -> Of:
    return workload.api_version, workload.kind, workload.namespace, workload.name
