"""The kubelet's minute of a container, with the largest use that its node's agent has seen. Pure.

The kubelets' readings are 10 s apart and more, and the largest mean between two of them hides what
lasts for less. A node agent samples each 100 ms, and sends the largest of a minute once a minute.

| the kubelets' minute | the agent's summary                         | the minute's maximum |
| -------------------- | ------------------------------------------- | -------------------- |
| there is none        | whatever it says                            | still no minute      |
| there is one         | none for 90 s: the agent is silent          | the kubelet's        |
| there is one         | began in the first minute of the container  | the kubelet's        |
| there is one         | any other                                   | the larger of both   |

Nothing else of a minute is the agent's: what a policy decides by (mean, throttled periods, memory)
is the same with it and without it.
"""

from collections.abc import Callable

from msgspec.structs import replace

from kube import objects, pods
from scaler.agents.counting import Summary
from scaler.sizing.evidence import MinuteOf
from scaler.usage.window import SECONDS, Minute, NoMinute

SummaryOf = Callable[[objects.Pod, str], Summary | None]
"""Of a pod's container, the last summary of its agent, unless that is silent."""


def sampled(minute_of: MinuteOf, summary_of: SummaryOf) -> MinuteOf:
    """The minutes, with the agents' maxima."""

    def found(pod: objects.Pod, name: str) -> Minute | NoMinute:
        minute = minute_of(pod, name)
        if not isinstance(minute, Minute):
            return minute
        return with_peak(minute, summary_of(pod, name), pods.started(pod, name))

    return found


def with_peak(minute: Minute, summary: Summary | None, started: float | None) -> Minute:
    """By the table; `started`: the container's start, in seconds since the epoch."""
    if summary is None or started is None:
        return minute
    said = summary.said
    if summary.received - said.seconds < started + SECONDS:
        return minute
    known = minute.mean if minute.peak is None else minute.peak
    return replace(minute, peak=said.peak) if said.peak > known else minute
