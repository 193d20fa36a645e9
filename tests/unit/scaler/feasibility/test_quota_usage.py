"""What is counted against a namespace's quotas, taken from a whole snapshot."""

from msgspec.structs import replace

from kube import objects
from kube.pods import staying
from scaler.cluster.snapshot import Snapshot
from scaler.cluster.view import View
from scaler.feasibility.quota_usage import quotas_on
from store.model import Apply, Status, Workload
from tests.unit.scaler.builders import DOUBLED, OWNER, injected, owner, pod, size, stored, view
from tests.unit.scaler.feasibility.quotas import quota

SIZE = stored(3)
TWICE = {"nginx": DOUBLED}
HERE = pod("web-1"), pod("web-2")


def other(*pods: objects.Pod, replicas: int, status: Status) -> View:
    """Another workload of the namespace, with 250m a pod before and 500m after its change."""
    seen = view(*pods, status=status, whose=owner(replicas=replicas, metadata={"uid": "other"}))
    return replace(seen, workload=Workload("apps/v1", "Deployment", "shop", "other"))


def refusal(
    hard: str, *views: View, stray: tuple[objects.Pod, ...] = (), where: str = "shop"
) -> bool:
    """Whether our two pods could not come to 500m each; the first view is our workload's."""
    pods = {p.metadata.uid: p for p in [*stray, *(p for v in views for p in v.pods)]}
    shot = Snapshot(
        {}, {("shop", uid): p for uid, p in pods.items()}, {}, {}, {}, {},
        {(where, "q"): quota(requests__cpu=hard)},
    )  # fmt: skip
    mine = views[0]
    return quotas_on(shot, views)(mine, staying(mine.pods), TWICE) is not None


def test_without_a_quota_in_the_namespace_everything_is_let_in() -> None:
    assert not refusal("1m", view(*HERE), where="elsewhere")


def test_present_and_missing_pods_of_the_workload_count() -> None:
    assert not refusal("1", view(*HERE))
    assert refusal("999m", view(*HERE))
    three = view(*HERE, whose=owner(replicas=3))
    assert refusal("1499m", three) and not refusal("1500m", three)
    going = view(*HERE, pod("web-3", going=True), whose=owner(replicas=3))
    assert refusal("1499m", going) and not refusal("1500m", going), "its replacement comes"
    left = view(*HERE, pod("web-3", going=True), whose=owner(replicas=2))
    assert not refusal("1", left), "it is not replaced"


def test_pods_of_unmanaged_owners_count() -> None:
    stray = pod("job-1", of="job"), pod("done", of="job", phase="Succeeded")
    assert refusal("1249m", view(*HERE), stray=stray)
    assert not refusal("1250m", view(*HERE), stray=stray)


def test_a_change_of_another_workload_counts_with_its_end() -> None:
    before, after = pod("o-1", of="other"), injected("o-2", SIZE, of="other")
    both = other(before, after, replicas=2, status=Status(size=SIZE))
    assert refusal("1999m", view(*HERE), both) and not refusal("2", view(*HERE), both)
    missing = other(before, replicas=2, status=Status(size=SIZE))
    assert refusal("1999m", view(*HERE), missing) and not refusal("2", view(*HERE), missing)
    none = replace(other(replicas=2, status=Status(size=SIZE)), pods=())
    assert refusal("1999m", view(*HERE), none) and not refusal("2", view(*HERE), none)
    unsized = replace(other(replicas=2, status=Status()), pods=())
    assert refusal("1499m", view(*HERE), unsized) and not refusal("1500m", view(*HERE), unsized)
    new = replace(SIZE, apply=Apply.NEW)
    stays = other(before, replicas=1, status=Status(size=new))
    assert refusal("1249m", view(*HERE), stays) and not refusal("1250m", view(*HERE), stays)
    bare = other(before, replicas=1, status=Status())
    assert refusal("1249m", view(*HERE), bare) and not refusal("1250m", view(*HERE), bare)


def test_a_fresh_look_at_the_pods_counts_instead_of_the_snapshot() -> None:
    shot = Snapshot(
        {}, {("shop", p.metadata.uid): p for p in HERE}, {}, {}, {}, {},
        {("shop", "q"): quota(requests__cpu="1")},
    )  # fmt: skip
    known = view(*HERE)
    ask = quotas_on(shot, [known])
    assert ask(known, HERE, TWICE) is None
    more = replace(known, pods=(*HERE, pod("web-3", of=OWNER)), owner=owner(replicas=3))
    assert ask(more, [*more.pods], TWICE) is not None


def test_a_stateful_set_is_asked_about_from_its_last_ordinal() -> None:
    """Found by simulation: the room that the first pod gives back was spent on the last one."""
    large = pod("web-0", {"nginx": size((1000, 2000))})
    pods = (large, pod("web-1"))
    first, last = view(*pods), view(*pods, kind="StatefulSet")
    assert not refusal("1250m", first)
    assert refusal("1250m", last) and not refusal("1500m", last)


def test_a_replacement_beside_the_old_pod_counts_with_it() -> None:
    known = view(*HERE)
    pods = {("shop", p.metadata.uid): p for p in HERE}

    def refused(hard: str) -> bool:
        quotas = {("shop", "q"): quota(requests__cpu=hard)}
        shot = Snapshot({}, pods, {}, {}, {}, {}, quotas)
        return quotas_on(shot, [known], beside=True)(known, HERE[:1], TWICE) is not None

    assert refused("999m") and not refused("1"), "250m twice, and 500m beside them"


def test_a_held_pod_counts_for_others_and_goes_for_its_own() -> None:
    held = pod("o-0", of="podsize")
    going = replace(other(injected("o-1", SIZE, of="other"), replicas=1, status=Status(size=SIZE)))
    going = replace(going, held=(held,))
    assert refusal("1749m", view(*HERE), going, stray=(held,))
    assert not refusal("1750m", view(*HERE), going, stray=(held,))
    mine = replace(view(*HERE), held=(held,))
    assert not refusal("1", mine, stray=(held,))
