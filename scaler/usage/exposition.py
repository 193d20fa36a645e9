"""Lines of the Prometheus text format that are about containers, as numbers. Pure.

| a line                                                   | outcome                             |
| -------------------------------------------------------- | ----------------------------------- |
| one of the metrics, of a container                       | metric, container, value, its time  |
| not a number, infinite, negative                         | left out                            |
| no namespace, pod or container                           | left out                            |
| a comment, or empty                                      | left out                            |
| of a pod that is not asked for, whatever else it says    | left out                            |
| not of the format                                        | ValueError: the answer is broken    |
| longer than `LONGEST`                                    | the same                            |

What costs is the grammar: escapes, labels in any order, white space anywhere. Kubelets write their
lines in one way alone, which one regular expression knows; every other line is read by the field's
parser (Prometheus' own client), which is bounded by `UNUSUAL`, as such lines can be made to take
its time. So what a line says is what that parser says, however it is written.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from math import isfinite

from prometheus_client.parser import text_string_to_metric_families

Key = tuple[str, str, str]
"""Namespace, pod and container."""
Line = tuple[str, Key, float, float | None]
"""Metric, container, value, and the line's own time in seconds, where it has one."""

Pods = Collection[tuple[str, str]]
"""Namespaces and names."""

LONGEST = 8192
"""Characters of a line that is not as kubelets write theirs; those have some hundreds."""
UNUSUAL = 1024 * 1024
"""Characters of such lines in one answer: half a second of the parser's time."""

_VALUE = r'"([^"\\\n]*)"'
_ANY = r'"[^"\\\n]*"'
_USUAL = re.compile(
    rf"([a-z_]+)\{{container={_VALUE},(?:id={_ANY},image={_ANY},name={_ANY},)?"
    rf"namespace={_VALUE},pod={_VALUE}\}}"
    r" ([0-9]{1,20}(?:\.[0-9]{1,20})?(?:e[+-]?[0-9]{1,3})?)(?: ([0-9]{1,15}))?"
).fullmatch


_POD = re.compile(r'namespace="([^"]+)",pod="([^"]+)"')


def read(
    lines: Iterable[str], metrics: Collection[str], pods: Pods | None = None
) -> Iterator[Line]:
    """The usable lines of these metrics, of these pods; None: of all.

    Raises ValueError, see the table.
    """
    left = UNUSUAL
    for line in lines:
        if (found := _USUAL(line)) is None:
            if pods is not None and not _of(line, pods):
                continue
            left -= len(line)
            if len(line) > LONGEST or left < 0:
                raise ValueError("not the Prometheus text format as any kubelet writes it: long")
            yield from _unusual(line, metrics)
            continue
        name, container, namespace, pod, number, at = found.groups()
        if pods is not None and (namespace, pod) not in pods:
            continue
        if name in metrics and container and namespace and pod and isfinite(value := float(number)):
            yield name, (namespace, pod, container), value, int(at) / 1000 or None if at else None


def _of(line: str, pods: Pods) -> bool:
    found = _POD.search(line)
    return found is not None and found.groups() in pods


def _unusual(line: str, metrics: Collection[str]) -> Iterator[Line]:
    """The same, by the field's parser."""
    try:
        for family in text_string_to_metric_families(line):
            for name, labels, value, at, *_ in family.samples:
                key = (
                    labels.get("namespace", ""),
                    labels.get("pod", ""),
                    labels.get("container", ""),
                )
                if name in metrics and all(key) and isfinite(value) and value >= 0:
                    yield name, key, float(value), _seconds(at)
    except (ValueError, IndexError, OverflowError) as e:
        # The parser indexes into parts that a malformed line does not have.
        raise ValueError(f"not the Prometheus text format: {str(e)[:200]}") from e


def _seconds(at: object) -> float | None:
    return float(at) if isinstance(at, int | float) and isfinite(at) and at > 0 else None
