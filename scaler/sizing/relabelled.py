"""Usage of pods whose node has got another class a moment ago counts for none. Pure.

A minute covers up to two. What a pod used before it got the size of the new class was used with the
old one's: on a faster machine it would look like a need for more, or for less.
"""

from msgspec.structs import replace

from kube import objects
from scaler.sizing.evidence import Watched
from scaler.usage.window import LONGEST, Minute, NoMinute
from store.node_class import SETTLED
from store.node_classes import NodeClasses
from store.reasons import Reason

MOVED = SETTLED + LONGEST
"""Seconds after a label was written, or was seen to be gone, in which usage may be from before."""


def settled(watched: Watched, nodes: NodeClasses) -> Watched:
    """What is known of usage, without that."""

    def minute_of(pod: objects.Pod, container: str) -> Minute | NoMinute:
        written = nodes.written.get(pod.spec.node_name or "")
        if written is not None and 0 <= watched.now - written < MOVED:
            why = f"its node has been of its class for {watched.now - written:.0f} s"
            return NoMinute(Reason.WARMING_UP, why)
        return watched.minute_of(pod, container)

    return replace(watched, minute_of=minute_of) if nodes.written else watched
