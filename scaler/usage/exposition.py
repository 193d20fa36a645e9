"""Lines of the Prometheus text format that are about containers, as numbers. Pure.

| a line                                                   | outcome                             |
| -------------------------------------------------------- | ----------------------------------- |
| one of the metrics, of a container                       | metric, container, value, its time  |
| not a number, infinite, negative                         | left out                            |
| no namespace, pod or container                           | left out                            |
| not of the format                                        | ValueError: the answer is broken    |

Parsing is what costs, so the caller picks the lines that count first.
"""

from collections.abc import Collection, Iterable, Iterator
from math import isfinite

from prometheus_client.parser import text_string_to_metric_families

Key = tuple[str, str, str]
"""Namespace, pod and container."""
Line = tuple[str, Key, float, float | None]
"""Metric, container, value, and the line's own time in seconds, where it has one."""


def read(lines: Iterable[str], metrics: Collection[str]) -> Iterator[Line]:
    """The usable lines of these metrics. Raises ValueError, see the table."""
    try:
        for family in text_string_to_metric_families("\n".join(lines)):
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
