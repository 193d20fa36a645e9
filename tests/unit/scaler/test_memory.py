"""What one cycle leaves to the next: a look at the same snapshot is the same, at another is not."""

from dataclasses import replace

from scaler.memory import Memory
from tests.unit.scaler.builders import ours, owner, pod
from tests.unit.scaler.snapshots import snapshot

WEB = {"ReplicationController": {("shop", "web"): owner(annotations=ours({"mode": "auto"}))}}


def test_a_look_at_the_same_snapshot_is_made_of_the_same_views_and_nodes() -> None:
    memory, shot = Memory(), snapshot(pod("a"), pod("b"), owners=WEB)
    first, again = memory.look(shot), memory.look(shot)
    assert [v.workload.name for v in first.views] == ["web"]
    assert first.views[0] is again.views[0]
    assert first.nodes is again.nodes


def test_a_look_at_a_snapshot_in_which_only_another_object_changed_keeps_a_view() -> None:
    memory, shot = Memory(), snapshot(pod("a"), pod("b"), owners=WEB)
    first = memory.look(shot)
    pods = {**shot.pods, ("shop", "other"): pod("other", of="somebody")}
    later = memory.look(replace(shot, pods=pods))
    assert later.views[0] is first.views[0]
    assert later.nodes is not first.nodes, "the other pod takes room"


def test_a_workload_that_is_gone_is_forgotten() -> None:
    memory, shot = Memory(), snapshot(pod("a"), owners=WEB)
    assert len(memory.look(shot).views) == 1
    assert memory.look(replace(shot, owners={})).views == []
    assert memory.views == {}
