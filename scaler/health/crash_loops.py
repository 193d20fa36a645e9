"""Crash loops, and what the kubelet says last of a pod that will not do. Pure."""

from kube import objects, timestamps
from scaler.cluster import kubelet_says
from scaler.health.restarting import CALM

CRASHES = 2
"""Restarts of a container after which another end is a loop: some programs fail on first start."""
_LOOPING = "CrashLoopBackOff"


def looping(pod: objects.Pod, now: float) -> str | None:
    """That one of its containers crash-loops, and the kubelet's words; None: none does."""
    loops = any(_loops(one, now) for one in kubelet_says.statuses(pod))
    return f"crash-loops: {detail(pod)}" if loops else None


def _loops(one: objects.ContainerStatus, now: float) -> bool:
    if one.state.waiting:
        return one.state.waiting.reason == _LOOPING and one.restart_count >= CRASHES
    ended = (
        timestamps.seconds(one.last_state.terminated.finished_at)
        if one.last_state.terminated
        else None
    )
    return one.restart_count > CRASHES and not one.ready and (ended or 0.0) > now - CALM


def detail(pod: objects.Pod) -> str:
    """The kubelet's message about a container that waits or has ended, else about the pod."""
    for one in kubelet_says.statuses(pod):
        held, end = one.state.waiting, one.state.terminated or one.last_state.terminated
        last = f"last: {end.reason}, exit code {end.exit_code}" if end else ""
        if parts := [p for p in (held and _said(held), last) if p]:
            return f"{one.name}: {'; '.join(parts)}"
    ready = pod.condition("Ready")
    return ready.message if ready and ready.message else "no message from the kubelet"


def _said(waiting: objects.Waiting) -> str:
    """The kubelet's message; with its reason, unless that is the loop which we name ourselves."""
    parts = (waiting.reason if waiting.reason != _LOOPING else "", waiting.message)
    return ": ".join(p for p in parts if p) or waiting.reason
