"""What kind of node a node is, and how fast against others, from its own object. Pure.

| the node                                                | its class                             |
| ------------------------------------------------------- | ------------------------------------- |
| has the label `podtailor.io/node-class`                 | the label's value                     |
| has none, or an empty one                               | its architecture (`arm64`)            |
| says no architecture yet                                | none: pods there have the default     |
| has a label that was written less than half a minute    | undecided: pods there are left as     |
| ago, and not as the node itself was made                | they are, new ones have the default   |

| `podtailor.io/speed`, as an annotation or else a label  | its speed                             |
| ------------------------------------------------------- | ------------------------------------- |
| a plain decimal number from 0.01 to 100                 | that                                  |
| absent                                                  | 1                                     |
| anything else: `fast`, `0`, `-1`, `1e9`                 | 1, and it is said what is wrong       |

When a label was written is read from the object (`managedFields`), so that everybody who looks
sees the same, also after a restart. A label that is removed takes effect at once.
"""

import re

from msgspec import Struct

from kube import objects, timestamps
from store.annotations import NODE_CLASS, SPEED

SETTLED = 30.0
"""Seconds that a label has to stand before it counts: one that is changed all the time never
does, and no pod is resized for it."""
SLOWEST, FASTEST = 0.01, 100.0
NORMAL = 1.0
"""The speed of a node of which none is given."""

_DECIMAL = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4})?")
_BORN = 5.0  # seconds from a node's making in which its label counts as its own
_SHOWN = 32  # characters of a value that is quoted


class NodeClass(Struct, frozen=True, gc=False):
    """One node. `name` None: it has no class; `undecided`: nor is that known yet."""

    name: str | None
    speed: float = NORMAL
    written: float | None = None
    """When its label was written, in seconds since the epoch; None: there is none."""
    mistake: str | None = None
    """What is wrong with its speed."""

    def undecided(self, now: float) -> bool:
        """Whether its label is too young to count, as far as two clocks agree."""
        return self.written is not None and abs(now - self.written) < SETTLED


def of(node: objects.Node) -> NodeClass:
    """The class of a node, by the tables above."""
    labels = node.metadata.labels or {}
    speed, mistake = _speed(node)
    if label := labels.get(NODE_CLASS):
        return NodeClass(label, speed, _written(node), mistake)
    return NodeClass(node.status.node_info.architecture or None, speed, None, mistake)


def _written(node: objects.Node) -> float | None:
    """When somebody wrote its label; None also where it came with the label."""
    times = (
        timestamps.seconds(m.time)
        for m in node.metadata.managed_fields or ()
        if m.fields.metadata.labels.written is not None
    )
    last = max((t for t in times if t is not None), default=None)
    made = timestamps.seconds(node.metadata.creation_timestamp)
    born = last is not None and made is not None and abs(last - made) <= _BORN
    return None if born else last


def _speed(node: objects.Node) -> tuple[float, str | None]:
    text = node.metadata.annotation(SPEED)
    if text is None:
        text = (node.metadata.labels or {}).get(SPEED)
    if text is None:
        return NORMAL, None
    value = float(text) if _DECIMAL.fullmatch(text) else 0.0
    if SLOWEST <= value <= FASTEST:
        return value, None
    allowed = f"allowed: a plain number from {SLOWEST} to {FASTEST:.0f}, such as 0.25"
    what = f'{SPEED}: "{text[:_SHOWN]}" is not a speed, {allowed}; it counts as 1'
    return NORMAL, f"node {node.metadata.name}: {what}"
