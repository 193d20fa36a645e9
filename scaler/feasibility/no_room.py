"""The sentence that says why no node takes a pod: what of it each node lacks, counted. Pure."""

from collections import Counter
from collections.abc import Mapping

from kube import quantity
from scaler.feasibility.room import Room


def sentence(
    name: str, need: Room, free: Mapping[str, Room], objections: Mapping[str, str | None]
) -> str:
    """Why no node has room for pod `name`; `objections`: of each node, capacity aside."""
    counted = Counter(why or _lacking(free[n], need) for n, why in objections.items())
    nodes = ", ".join(f"{count} {why}" for why, count in counted.most_common())
    most = max((free[n].cpu for n, why in objections.items() if not why), default=0)
    room_left = f", at most {quantity.format_cpu(max(0, most))} CPU free" if most else ""
    asked = f"{quantity.format_cpu(need.cpu)} CPU and {quantity.format_memory(need.memory)} memory"
    return f"no node has room for {name} with {asked} ({nodes or 'there are no nodes'}{room_left})"


def _lacking(free: Room, need: Room) -> str:
    lacks = free.lacks(need)
    return f"with too little {lacks}" if lacks else "in use by the old pod"
