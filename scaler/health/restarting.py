"""Containers that are started again so often that their usage cannot be measured. Pure.

A policy needs two minutes of a container. One that its liveness probe ends sooner (it is throttled,
say, and answers too late) would be warming up indefinitely, and nobody would learn why.

| a container of a pod that is not terminating              | reported                            |
| --------------------------------------------------------- | ----------------------------------- |
| was started again three times or more, and ended within   | how often, how it ended, and that   |
| the last ten minutes                                      | it has a liveness or startup probe  |
| the same, and its node says that it was throttled in most | that too: CPU is what it lacks      |
| of its CPU periods since                                  |                                     |
| any other                                                 | nothing                             |

`again`, for the status: two restarts or more, and an end within the last ten minutes.

The number is rounded down to 3, 4, 8, 16 and so on: a message is not written with each restart.
"""

from collections.abc import Callable, Iterator

from kube import objects, timestamps
from kube.memo import once
from scaler.cluster.view import View
from scaler.policies.quiet import throttled
from scaler.usage.window import Minute, NoMinute

MinuteOf = Callable[[objects.Pod, str], Minute | NoMinute]

TIMES = 3
"""Restarts from which on it is reported: some programs fail on their first start."""
_TWICE = 2
"""Restarts from which on `again` holds."""
CALM = 600.0
"""Seconds without an end after which it is over; the kubelet resets its back-off likewise."""
_MEASURED = 120.0
"""Seconds that a container must run for its first minute that counts."""


def again(view: View, now: float) -> bool:
    """Whether a container was started again twice or more, and ended in the last ten minutes."""
    return any(
        ended is not None and now - ended <= CALM
        for s in view.not_terminating
        for one in s.pod.status.container_statuses or ()
        if one.restart_count >= _TWICE
        for ended in (_ended(one),)
    )


def message(view: View, now: float, minute_of: MinuteOf) -> str | None:
    """The first such container; None: there is none."""
    return next(_messages(view, now, minute_of), None)


def _messages(view: View, now: float, minute_of: MinuteOf) -> Iterator[str]:
    for pod, one in _often(view):
        end, ended = _end(one), _ended(one)
        if end is None or ended is None or now - ended > CALM:
            continue
        began = timestamps.seconds(end.started_at)
        ran = None if began is None else max(0.0, ended - began)
        yield (
            f"{one.name} of {pod.metadata.name} was restarted at least"
            f" {_rounded(one.restart_count)} times, {_last(end, ran)}{_probe(pod, one.name, ran)}"
            f"{_throttled(minute_of(pod, one.name))}"
        )


@once
def _often(view: View) -> list[tuple[objects.Pod, objects.ContainerStatus]]:
    """In most workloads none."""
    return [
        (s.pod, one)
        for s in view.not_terminating
        for one in s.pod.status.container_statuses or ()
        if one.restart_count >= TIMES
    ]


def _end(one: objects.ContainerStatus) -> objects.Terminated | None:
    return one.last_state.terminated or one.state.terminated


def _ended(one: objects.ContainerStatus) -> float | None:
    end = _end(one)
    return timestamps.seconds(end.finished_at) if end else None


def _rounded(times: int) -> int:
    return TIMES if times == TIMES else 2 ** (times.bit_length() - 1)


def _last(end: objects.Terminated, ran: float | None) -> str:
    after = "" if ran is None else f" after {ran:.0f} s"
    return f"last{after}: {end.reason or 'ended'}, exit code {end.exit_code}"


def _probe(pod: objects.Pod, name: str, ran: float | None) -> str:
    found = next((c for c in pod.spec.containers if c.name == name), None)
    probes = {} if found is None else {"liveness": found.liveness_probe}
    if found is not None and not found.liveness_probe:
        probes = {"startup": found.startup_probe}
    kind = next((k for k, probe in probes.items() if probe), None)
    short = ran is None or ran < _MEASURED
    why = "; no minute of its usage can be measured" if short else ""
    return f"{why}; its {kind} probe may be what ends it" if kind else why


def _throttled(minute: Minute | NoMinute) -> str:
    if not throttled(minute):
        return ""
    share = 100 * (minute.throttled or 0.0)
    return f"; it was throttled in {share:.0f} % of its CPU periods, so CPU is what it lacks"
