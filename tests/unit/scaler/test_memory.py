"""What one cycle leaves to the next: the same snapshot gives the same view, another does not."""

from msgspec.structs import replace

from scaler.cluster.updated_views import Seen
from scaler.memory import Memory
from tests.unit.scaler.builders import asked, ours, owner, pod, view
from tests.unit.scaler.snapshots import snapshot

NOW = 1_000_000.0

WEB = {"ReplicationController": {("shop", "web"): owner(annotations=ours({"mode": "auto"}))}}


def test_a_look_at_the_same_snapshot_is_made_of_the_same_views_and_nodes() -> None:
    memory, shot = Memory(), snapshot(pod("a"), pod("b"), owners=WEB)
    first, again = memory.look(shot, NOW), memory.look(shot, NOW)
    assert [v.workload.name for v in first.views] == ["web"]
    assert first.views[0] is again.views[0]
    assert first.nodes is again.nodes


def test_a_look_at_a_snapshot_in_which_only_another_object_changed_keeps_a_view() -> None:
    memory, shot = Memory(), snapshot(pod("a"), pod("b"), owners=WEB)
    first = memory.look(shot, NOW)
    pods = {**shot.pods, ("shop", "other"): pod("other", of="somebody")}
    later = memory.look(replace(shot, pods=pods), NOW)
    assert later.views[0] is first.views[0]
    assert later.nodes is not first.nodes, "the other pod takes room"


def test_a_workload_that_is_gone_is_forgotten() -> None:
    memory, shot = Memory(), snapshot(pod("a"), owners=WEB)
    assert len(memory.look(shot, NOW).views) == 1
    assert memory.look(replace(shot, owners={}), NOW).views == []
    assert memory.seen.views == {}


def test_pods_of_enrolled_workloads_are_looked_at_closely() -> None:
    memory = Memory()
    seen = view(pod("a", nodeName="n1"), pod("b", nodeName="n2"), pod("c", nodeName="n1"))
    memory.seen = Seen(views={seen.workload: seen})
    assert memory.enrolled() == {
        "n1": {("shop", "a"), ("shop", "c")},
        "n2": {("shop", "b")},
    }
    for settings in (asked(mode="off"), None):
        memory.seen = Seen(views={seen.workload: replace(seen, settings=settings)})
        assert memory.enrolled() == {}
