"""A Prometheus-compatible server's answers as rows and readings, and the questions for them. Pure.

Metric names and labels are those of the kubelet's cAdvisor as they are scraped, without recording
rules. A workload's pods, also those of long ago, are found by the names that its controller makes:

| kind                                           | names of its pods                              |
| ---------------------------------------------- | ---------------------------------------------- |
| Deployment                                     | name, hash of the template, five letters       |
| StatefulSet                                    | name, number                                   |
| ReplicaSet, ReplicationController, DaemonSet   | name, five letters                             |

Kubernetes takes these letters from an alphabet without vowels, so that `web` and `web-api` are kept
apart; a pod that somebody named like one of another workload is not.

| a figure of a row                  | of a server is                                             |
| ---------------------------------- | ---------------------------------------------------------- |
| CPU mean                           | the replica that has most; over two minutes where scrapes  |
|                                    | are too rare for one                                       |
| largest CPU                        | of a quarter of an hour, its largest minute                |
| memory that cannot be reclaimed    | as usage/cadvisor.py has it; None without the file lists   |
| request of memory                  | not known: no cgroup has it                                |
| anything that is not scraped       | None; without CPU there is no row                          |
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

import msgspec
from msgspec import Struct, field

from scaler.history.row import Row
from store.model import Workload

MINUTE, QUARTER = 60, 900

_LETTERS = "[bcdfghjklmnpqrstvwxz2456789]"
_POD = {"Deployment": f"{_LETTERS}{{1,10}}-{_LETTERS}{{5}}", "StatefulSet": "[0-9]+"}
_OTHERWISE = f"{_LETTERS}{{5}}"
_CPU, _MEMORY = "container_cpu_usage_seconds_total", "container_memory_working_set_bytes"
_QUOTED = re.compile(r'["\\\n]')
_FIGURE = "figure"
_MOST = 2.0**50
"""A pebibyte, in bytes: no figure of a container is larger."""

Point = tuple[float, str]


class Series(Struct, frozen=True):
    """One series of an answer."""

    metric: Mapping[str, str] = field(default_factory=dict)
    values: list[Point] = field(default_factory=list)


class _Data(Struct, frozen=True, rename="camel"):
    result: list[Series]
    result_type: str = ""


class _Answer(Struct, frozen=True):
    data: _Data
    status: str = ""


_ANSWER = msgspec.json.Decoder(_Answer)


def selected(workload: Workload) -> str:
    """The label matchers of all pods of a workload, past ones too."""
    name = workload.name.replace(".", "[.]")
    pods = f"{name}-{_POD.get(workload.kind, _OTHERWISE)}"
    return f'namespace="{_plain(workload.namespace)}",pod=~"{_plain(pods)}"'


def names(workload: Workload) -> str:
    """A query for the containers of a workload's pods."""
    of = f'{selected(workload)},container!="",container!="POD"'
    return f"count by (container) ({_CPU}{{{of}}})"


def _plain(text: str) -> str:
    """No name of Kubernetes has what is removed; an argument of a command may have anything."""
    return _QUOTED.sub("", text)


def question(workload: Workload, container: str, step: int) -> str:
    """One query for all figures of a row, kept apart by a label."""
    of = f'{{{selected(workload)},container="{_plain(container)}"}}'
    over = f"[{max(step, 2 * MINUTE)}s]"
    minute = f"(rate({_CPU}{of}[1m]) or rate({_CPU}{of}[2m]))"
    mean = minute if step == MINUTE else f"rate({_CPU}{of}{over})"
    most = minute if step == MINUTE else f"max_over_time({minute}[{step}s:1m])"
    needed = (
        f"(container_memory_rss{of} + clamp_min(container_memory_cache{of}"
        f" - container_memory_total_active_file_bytes{of}"
        f" - container_memory_total_inactive_file_bytes{of}, 0))"
    )
    throttled = (
        f"rate(container_cpu_cfs_throttled_periods_total{of}{over})"
        f" / rate(container_cpu_cfs_periods_total{of}{over})"
    )
    quota = f"container_spec_cpu_quota{of} / container_spec_cpu_period{of}"
    figures = {
        "cpu_mean": mean,
        "cpu_max": most,
        "throttled": throttled,
        "memory": needed if step == MINUTE else f"max_over_time({needed}[{step}s:1m])",
        "working_set": f"max_over_time({_MEMORY}{of}{over})",
        "cpu_request": f"container_spec_cpu_shares{of}",
        "cpu_limit": quota,
        "memory_limit": f"container_spec_memory_limit_bytes{of}",
    }
    labelled = (
        f'label_replace(max({expression}), "{_FIGURE}", "{name}", "", "")'
        for name, expression in figures.items()
    )
    return " or ".join(labelled)


def series(body: bytes) -> list[Series]:
    """The series of an answer. Raises ValueError with what is odd about it."""
    try:
        answer = _ANSWER.decode(body)
    except msgspec.MsgspecError as e:
        raise ValueError(f"not the answer of a Prometheus: {e}") from e
    if answer.status != "success" or answer.data.result_type != "matrix":
        raise ValueError(f"not a range of values: {answer.status} {answer.data.result_type}")
    return answer.data.result


def rows(found: Sequence[Series], step: int) -> tuple[Row, ...]:
    """The rows of these figures, oldest first; `step`: seconds between two of them."""
    by_time: dict[int, dict[str, float]] = {}
    for one in found:
        for at, value in _numbers(one.values):
            by_time.setdefault(round(at), {})[one.metric.get(_FIGURE, "")] = value
    return tuple(
        _row(at - step, step, figures)
        for at, figures in sorted(by_time.items())
        if "cpu_mean" in figures
    )


def _numbers(values: Sequence[Point]) -> Iterator[tuple[float, float]]:
    """Without what is no number; a value that cannot be read raises ValueError."""
    for at, text in values:
        value = float(text)
        if plausible(value):
            yield at, value


def plausible(value: float) -> bool:
    """Whether a figure can be of a container at all."""
    return isfinite(value) and 0 <= value <= _MOST


def _row(at: int, step: int, figures: Mapping[str, float]) -> Row:
    def whole(name: str, times: float = 1.0) -> int | None:
        value = figures.get(name)
        return round(value * times) if value else None

    mean = 1000 * figures["cpu_mean"]
    return Row(
        at,
        step,
        mean,
        max(mean, 1000 * figures.get("cpu_max", 0.0)),
        min(1.0, figures["throttled"]) if "throttled" in figures else None,
        whole("memory"),
        whole("working_set"),
        whole("cpu_request", 1000 / 1024),
        whole("cpu_limit", 1000),
        None,
        whole("memory_limit"),
    )
