"""How a pod gets its size, and how long that may take."""

from dataclasses import dataclass

from kube.environment import flag, number, setting


@dataclass(frozen=True)
class ReplacementSettings:
    """Names equal the chart's value paths."""

    deadline_shortest: int = setting(
        60,
        "SCALER_DEADLINE_SHORTEST",
        "shortest deadline in seconds for a replacement to be scheduled and Ready",
        number(1, 86400),
    )
    deadline_longest: int = setting(
        600,
        "SCALER_DEADLINE_LONGEST",
        "longest such deadline in seconds, unless all earlier start-ups were slower",
        number(1, 86400),
    )
    surge: bool = setting(
        True,
        "SCALER_SURGE_ENABLED",
        "hand pods over where possible, instead of evicting them",
        flag,
    )
    drain: int = setting(
        2,
        "SCALER_SURGE_DRAINSECONDS",
        "seconds between removing a pod from its Services and deleting it",
        number(0, 300),
    )
    resize: bool = setting(
        True,
        "SCALER_RESIZE_ENABLED",
        "resize running pods in place where the strategy asks for it",
        flag,
    )
    resize_deadline: int = setting(
        60,
        "SCALER_RESIZE_DEADLINE",
        "seconds that a kubelet may take for a resize before the pod is replaced instead",
        number(1, 3600),
    )
