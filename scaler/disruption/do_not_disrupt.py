"""Pods that annotations protect from voluntary disruption. Pure.

The annotations are those of other tools that evict pods. They ask for the same as a
PodDisruptionBudget that allows no disruption, so the reason is `DisruptionBudget`. It lasts until
the annotation is removed, or until the time that it names.

| annotation on the pod, or on its workload's template               | the pod is               |
| ------------------------------------------------------------------ | ------------------------ |
| `karpenter.sh/do-not-disrupt: "true"`                              | never replaced           |
| `karpenter.sh/do-not-disrupt: "2h"`, any positive Go duration      | replaced 2 h after its   |
|                                                                    | start, not before        |
| `karpenter.sh/do-not-disrupt: "false"`, or `"0s"`                  | replaced like any other  |
| `karpenter.sh/do-not-evict`, its former name                       | as by the new name       |
| `cluster-autoscaler.kubernetes.io/safe-to-evict: "false"`          | never replaced           |
| `cluster-autoscaler.kubernetes.io/safe-to-evict: "true"`           | replaced like any other  |
| `descheduler.alpha.kubernetes.io/prefer-no-eviction`, any value:   | never replaced           |
| the descheduler asks only whether it is there                      |                          |
| any other of them with another value                               | never replaced: whoever  |
|                                                                    | set it wanted something  |

| annotation on the pod's node                                       | the pod is               |
| ------------------------------------------------------------------ | ------------------------ |
| `karpenter.sh/do-not-disrupt: "true"`, the value that Karpenter    | never replaced           |
| reads there                                                        |                          |

The other pods of the workload are replaced. Volume claims are not a matter of annotations: see
unmodelled.py.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from kube import objects, timestamps
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View

DO_NOT_DISRUPT = "karpenter.sh/do-not-disrupt"
_TIMED = (DO_NOT_DISRUPT, "karpenter.sh/do-not-evict")
_SAFE = "cluster-autoscaler.kubernetes.io/safe-to-evict"
_PREFERRED = "descheduler.alpha.kubernetes.io/prefer-no-eviction"
_LONGEST = 64  # characters of a value that are repeated

_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_FOREVER = float("inf")
_LATEST = timestamps.seconds("9999-12-31T00:00:00Z") or 0.0


def duration(text: str) -> float | None:
    """Seconds of a Go duration such as `1h30m`; None where it is none."""
    sign, rest = (-1.0, text[1:]) if text[:1] == "-" else (1.0, text.removeprefix("+"))
    if rest == "0":
        return 0.0
    parts = _PART.findall(rest)
    if not parts or "".join(number + unit for number, unit in parts) != rest:
        return None
    return sign * sum(float(number) * _SECONDS[unit] for number, unit in parts)


def kept_nodes(nodes: Iterable[objects.Node]) -> frozenset[str]:
    """The names of the nodes whose pods nobody may disrupt."""
    return frozenset(
        n.metadata.name for n in nodes if n.metadata.annotation(DO_NOT_DISRUPT) == "true"
    )


def why(view: View, pod: PodState, now: float, nodes: Collection[str] = ()) -> str | None:
    """Which annotation protects the pod, and until when; None: none does at `now`.

    `nodes`: those of `kept_nodes`.
    """
    found = max(_protections(view, pod.pod, nodes), default=None, key=lambda p: p[0])
    if found is None or found[0] <= now:
        return None
    until, annotation = found
    if until > _LATEST:
        return annotation
    return f"{annotation}, until {timestamps.text(until)}"


def message(view: View, pods: Sequence[PodState], now: float, nodes: Collection[str] = ()) -> str:
    """The message for `pods`, all of which are protected."""
    names = ", ".join(p.name for p in pods[:3])
    return f"not to be disrupted: {names}; annotated {why(view, pods[0], now, nodes)}"


_Protection = tuple[float, str]


def _protections(view: View, pod: objects.Pod, nodes: Collection[str]) -> Iterator[_Protection]:
    """Until when (seconds since the epoch), and by which annotation."""
    template = view.owner.spec.template.metadata if view.owner else objects.Meta()
    for meta in (pod.metadata, template):
        for name in (*_TIMED, _SAFE, _PREFERRED):
            value = meta.annotation(name)
            if value is not None:
                yield _until(name, value, pod), f'{name}: "{value[:_LONGEST]}"'
    if pod.spec.node_name in nodes:
        yield _FOREVER, f'{DO_NOT_DISRUPT}: "true" on node {pod.spec.node_name}'


def _until(name: str, value: str, pod: objects.Pod) -> float:
    """When the protection ends: 0 where there is none, infinity where it does not end."""
    if name == _PREFERRED:
        return _FOREVER
    value = value.strip().lower()
    if value == ("true" if name == _SAFE else "false"):
        return 0.0
    seconds = None if name == _SAFE else duration(value)
    if seconds is None or seconds < 0:
        return _FOREVER
    started = timestamps.seconds(pod.status.start_time or pod.metadata.creation_timestamp)
    # Without a start the time has not begun, unless there is none to wait for.
    return (started + seconds if started is not None else _FOREVER) if seconds else 0.0
