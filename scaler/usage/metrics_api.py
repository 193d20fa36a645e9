"""The Metrics API's answer as rates. Pure.

One object of `metrics.k8s.io/v1beta1` says what each container of a pod used on average in the
`window` that ended at `timestamp`. A malformed one is left out, and so is one with a window of more
than 120 s, which is too long for a minute of usage.
"""

import re

import msgspec
from msgspec import Struct

from kube import objects, quantity, timestamps
from scaler.usage.window import LONGEST

Key = tuple[str, str, str]
"""Namespace, pod and container."""

_DURATION = re.compile(r"(?:[0-9.]+(?:h|m|s|ms|us|µs|ns))+")
_PART = re.compile(r"([0-9.]+)(h|ms|m|s|us|µs|ns)")
_UNIT = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


class Rate(Struct, frozen=True):
    """What one container used, in cores, over the `window` seconds before `at`; memory in bytes.

    `several`: the pod has other containers too.
    """

    key: Key
    at: float
    window: float
    cores: float
    memory: int
    several: bool = False


class _Usage(msgspec.Struct):
    cpu: str
    memory: str


class _Container(msgspec.Struct):
    name: str
    usage: _Usage


class _Pod(msgspec.Struct):
    metadata: objects.Meta
    timestamp: str
    window: str
    containers: list[_Container] | None = None


_POD = msgspec.json.Decoder(_Pod)


class _List(msgspec.Struct):
    items: list[msgspec.Raw] | None = None


_LIST = msgspec.json.Decoder(_List)


def parse(body: bytes) -> list[Rate]:
    """The rates of all containers; a malformed pod is left out.

    Raises ValueError where the answer is no list, or every window in it is too long.
    """
    rates: list[Rate] = []
    longest = 0.0
    for item in _LIST.decode(body).items or ():
        try:
            pod = _POD.decode(item)
            at, window = timestamps.seconds(pod.timestamp), seconds(pod.window)
            longest = max(longest, window)
            if at is not None and 0 < window <= LONGEST:
                rates += _rates(pod, at, window)
        except ValueError:
            continue
    if not rates and longest > LONGEST:
        raise ValueError(f"its windows are of {longest:.0f} s, a minute has at most {LONGEST:.0f}")
    return rates


def _rates(pod: _Pod, at: float, window: float) -> list[Rate]:
    meta, several = pod.metadata, len(pod.containers or ()) > 1
    return [
        Rate(
            (meta.namespace, meta.name, c.name),
            at,
            window,
            quantity.nanocores_used(c.usage.cpu) / 1e9,
            quantity.memory_used(c.usage.memory),
            several,
        )
        for c in pod.containers or ()
    ]


def seconds(duration: str) -> float:
    """A Go duration (`15.2s`, `1m30s`). Raises ValueError for anything else."""
    if not _DURATION.fullmatch(duration):
        raise ValueError(f"not a duration: {duration[:64]!r}")
    return sum(float(number) * _UNIT[unit] for number, unit in _PART.findall(duration))
