"""Which nodes a new pod selects, decoded only where somebody asks. Pure."""

import msgspec

from kube.node_selection import NodeAffinity, NodeSelection
from webhook.review import Spec


class _Affinity(msgspec.Struct, frozen=True, rename="camel"):
    node_affinity: NodeAffinity | None = None


_read = msgspec.json.Decoder(_Affinity | None).decode


def selection(spec: Spec) -> NodeSelection | None:
    """What it selects; None where its affinity cannot be read."""
    try:
        affinity = _read(spec.affinity)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return NodeSelection(spec.node_selector, affinity.node_affinity if affinity else None)
