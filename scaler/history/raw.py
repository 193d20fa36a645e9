"""A server's raw samples as readings, so that a minute can be made from them at once. Pure.

A mean over a minute is exact only where counter and time belong together: the kubelet says when it
read a counter, up to fifteen seconds before it is scraped. A Prometheus that keeps those times can
be gone on from; one that stamps samples with the time of the scrape (`honorTimestamps: false`) is
wrong by a quarter in a minute, so nothing is made of its samples.

| a container's samples                          | are                                             |
| ---------------------------------------------- | ----------------------------------------------- |
| at times at which its target was scraped       | left out                                        |
| of several series (it was restarted, or two    | those of the series that goes on longest        |
| targets have it)                               |                                                 |
| without a start, or memory at the same time    | left out                                        |
| no number, or larger than anything             | left out                                        |
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from scaler.history import served
from scaler.history.served import Series
from scaler.usage import window
from scaler.usage.window import Reading

CPU = "container_cpu_usage_seconds_total"
MEMORY = "container_memory_working_set_bytes"
STARTED = "container_start_time_seconds"
METRICS = (CPU, MEMORY, STARTED)
SCRAPED = "up"
SPAN = "[2m]"

_AT_THE_SCRAPE = 0.01  # seconds
_TARGET = ("job", "instance")

Container = tuple[str, str, str]
"""Namespace, pod and container."""
_Target = tuple[str | None, ...]


def readings(answers: Mapping[str, Sequence[Series]]) -> dict[Container, tuple[Reading, ...]]:
    """By the table above, from the answers for each of `METRICS` and for `SCRAPED`.

    Raises ValueError on a value that cannot be read.
    """
    scrapes: dict[_Target, set[int]] = {}
    for one in answers.get(SCRAPED, ()):
        times = scrapes.setdefault(_target(one), set())
        times.update(_slot(at) for at, _ in one.values)
    memory, started = (_values(answers.get(name, ())) for name in (MEMORY, STARTED))
    found: dict[Container, tuple[Reading, ...]] = {}
    for one in sorted(answers.get(CPU, ()), key=lambda s: s.values[-1][0] if s.values else 0.0):
        if _stamped_by_the_scrape(one, scrapes.get(_target(one), set())):
            continue
        key = _key(one)
        made = _made(one, memory.get(key, {}), started.get(key, {}))
        if made:
            found[key[0]] = made
    return found


def _made(
    one: Series, memory: Mapping[float, float], started: Mapping[float, float]
) -> tuple[Reading, ...]:
    out: tuple[Reading, ...] = ()
    begun = [at for _, at in sorted(started.items())]
    if not begun:
        return ()
    for at, value in _plausible(one):
        if at in memory:
            new = Reading(at, at, value, round(memory[at]), begun[-1])
            out = window.add(out, new)
    return out


def _stamped_by_the_scrape(one: Series, scrapes: Iterable[int]) -> bool:
    known = set(scrapes)
    at_scrapes = [_slot(at) in known for at, _ in one.values]
    return not known or (bool(at_scrapes) and sum(at_scrapes) > len(at_scrapes) / 2)


def _slot(at: float) -> int:
    return round(at / _AT_THE_SCRAPE)


def _target(one: Series) -> _Target:
    return tuple(one.metric.get(name) for name in _TARGET)


def _key(one: Series) -> tuple[Container, str, _Target]:
    names = [one.metric.get(name, "") for name in ("namespace", "pod", "container")]
    return (names[0], names[1], names[2]), one.metric.get("id", ""), _target(one)


def _values(
    found: Iterable[Series],
) -> dict[tuple[Container, str, _Target], dict[float, float]]:
    return {_key(one): dict(_plausible(one)) for one in found}


def _plausible(one: Series) -> Iterator[tuple[float, float]]:
    numbers = ((at, float(value)) for at, value in one.values)
    return ((at, value) for at, value in numbers if served.plausible(value))
