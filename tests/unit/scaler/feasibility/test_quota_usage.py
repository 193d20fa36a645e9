"""What is counted against a namespace's quotas, taken from a whole snapshot."""

import pytest
from msgspec.structs import replace

from kube import objects
from kube.pods import staying
from scaler.cluster.snapshot import Snapshot
from scaler.cluster.view import View
from scaler.feasibility.quota_usage import quotas_on
from store.model import Apply, Status, Workload
from tests.unit.scaler.builders import DOUBLED, OWNER, injected, owner, pod, size, stored, view
from tests.unit.scaler.feasibility.quotas import per_container, quota
from tests.unit.scaler.kinds_of_node import kept, made, workload

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


def test_now_others_count_with_what_they_have_and_their_held_pods() -> None:
    """So nothing is rolled back for what another workload will only have in the end."""
    held = pod("o-0", of="podsize")
    changing = other(pod("o-1", of="other"), replicas=3, status=Status(size=SIZE))
    there = [view(*HERE), replace(changing, held=(held,))]
    pods = {("shop", p.metadata.uid): p for v in there for p in (*v.pods, *v.held)}

    def refused(hard: str) -> bool:
        shot = Snapshot({}, pods, {}, {}, {}, {}, {("shop", "q"): quota(requests__cpu=hard)})
        return quotas_on(shot, there, now=True)(there[0], HERE, TWICE) is not None

    assert refused("1499m") and not refused("1500m"), "500m twice, and 250m twice"


def test_a_new_pod_comes_with_what_the_stored_size_was_computed_from() -> None:
    """The template says nothing; a LimitRange gave the pods their values."""
    bare = {"nginx": size((None, None), (None, None))}
    none = other(replicas=2, status=Status(size=SIZE))
    whose = owner(bare, replicas=2, metadata={"uid": "other"})
    none = replace(none, pods=(), owner=whose)
    assert refusal("1999m", view(*HERE), none) and not refusal("2", view(*HERE), none)


def test_another_namespace_has_quotas_and_workloads_of_its_own() -> None:
    elsewhere = other(pod("o-1", of="other"), replicas=5, status=Status(size=SIZE))
    elsewhere = replace(elsewhere, workload=Workload("apps/v1", "Deployment", "else", "other"))
    mine = view(*HERE)
    shot = Snapshot(
        {}, {("shop", p.metadata.uid): p for p in HERE}, {}, {}, {}, {},
        {("shop", "q"): quota(requests__cpu="1")},
    )  # fmt: skip
    assert quotas_on(shot, [mine, elsewhere])(mine, HERE, TWICE) is None


@pytest.mark.parametrize(("where", "admitted"), [("shop", True), ("else", False)])
def test_a_limit_that_must_be_set_is_set_by_a_limit_range_of_the_namespace(
    where: str, admitted: bool
) -> None:
    ranges = {(where, "limits"): per_container(default={"cpu": "2"})}
    quotas = {("shop", "q"): quota(limits__cpu="9")}
    pods = {("shop", p.metadata.uid): p for p in HERE}
    shot = Snapshot({}, pods, {}, {}, ranges, {}, quotas)
    mine, unlimited = view(*HERE), {"nginx": size((500, None))}
    assert (quotas_on(shot, [mine])(mine, HERE, unlimited) is None) is admitted


def test_where_sizes_are_by_kind_of_node_the_other_kinds_count_with_what_they_will_have() -> None:
    """web-1 is asked about; web-2 has 250m, and will have 1 on its own kind of node."""
    size_of = kept(pi=2000, server=2000)
    pods = [made(n, at, None) for n, at in (("web-1", "pi-1"), ("web-2", "fast-1"))]
    there = {("shop", p.metadata.uid): p for p in pods}
    mine = workload(*pods, size=size_of, strategy="resize")

    def refused(hard: str) -> bool:
        shot = Snapshot({}, there, {}, {}, {}, {}, {("shop", "q"): quota(requests__cpu=hard)})
        return quotas_on(shot, [mine])(mine, pods[:1], TWICE) is not None

    assert refused("1499m") and not refused("1500m"), "500m, and 1"


def test_a_held_pod_counts_for_others_and_goes_for_its_own() -> None:
    held = pod("o-0", of="podsize")
    going = replace(other(injected("o-1", SIZE, of="other"), replicas=1, status=Status(size=SIZE)))
    going = replace(going, held=(held,))
    assert refusal("1749m", view(*HERE), going, stray=(held,))
    assert not refusal("1750m", view(*HERE), going, stray=(held,))
    mine = replace(view(*HERE), held=(held,))
    assert not refusal("1", mine, stray=(held,))
