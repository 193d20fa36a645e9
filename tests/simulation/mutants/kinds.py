"""Defects of sizes by kind of node: whose usage counts, what a label is worth, what stays."""

from typing import Any

from msgspec.structs import replace

from kube import objects
from scaler.annotations.options import Settings
from scaler.cluster import class_view, node_kinds
from scaler.health import rollback_target
from scaler.sizing import class_outcome, relabelled
from store import node_class
from store.annotations import SPEED
from tests.simulation.mutants.registry import Patch, mutant
from webhook.nodes import Nodes


@mutant
def kinds_share_their_usage(patch: Patch) -> None:
    """What pods use on one kind of node counts for all kinds."""
    patch(class_view, "_states", lambda view, name: [*view.states])


@mutant
def moves_are_needs(patch: Patch) -> None:
    """Usage from before a node was labelled counts for its new kind."""
    patch(relabelled, "settled", lambda watched, nodes: watched)


@mutant
def vanished_kinds_forgotten(patch: Patch) -> None:
    """A kind of node that is not there loses its size."""
    patch(class_outcome, "ENTRIES", 0)


@mutant
def speeds_at_their_word(patch: Patch) -> None:
    """Any number is a speed."""

    def speed(node: objects.Node) -> tuple[float, str | None]:
        text = node.metadata.annotation(SPEED) or (node.metadata.labels or {}).get(SPEED)
        try:
            return max(abs(float(text or "1")), 1e-9), None
        except ValueError:
            return 1.0, None

    patch(node_class, "_speed", speed)


@mutant
def kinds_for_everybody(patch: Patch) -> None:
    """Sizes are by kind of node, whether somebody asks for it or not."""
    patch(node_kinds, "_asks", lambda view: isinstance(view.settings, Settings))


@mutant
def young_labels_count(patch: Patch) -> None:
    """A label counts as soon as it is written."""
    patch(node_class, "SETTLED", 0.0)


@mutant
def webhook_knows_no_kinds(patch: Patch) -> None:
    """New pods get the default, also where their node is known."""
    patch(Nodes, "class_of", lambda self, pod: None)


@mutant
def back_on_all_kinds(patch: Patch) -> None:
    """A size that does not work on one kind of node is taken back on all."""
    usual = rollback_target._made

    def made(*about: Any) -> Any:
        size = usual(*about)
        return replace(size, containers=(), classes=()) if size.classes else size

    patch(rollback_target, "_made", made)
