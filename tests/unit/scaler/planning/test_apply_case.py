"""The pods' next step with the decided size, which need not be stored yet: apply_case.py."""

from msgspec.structs import replace

from scaler.annotations.options import Settings
from scaler.cluster.view import View
from scaler.planning.apply_case import ApplyCase, following
from scaler.sizing.decide import Decided
from store.injection import inject
from store.model import Status
from store.reasons import Reason
from tests.unit.scaler.builders import NGINX, asked, injected, stored, view
from tests.unit.scaler.cycles import context


def case(seen: View, decided: Decided) -> ApplyCase:
    assert isinstance(seen.settings, Settings) and seen.podsize is not None
    return ApplyCase(seen, seen.podsize, seen.settings, decided, context())


def two_pods(**more: str) -> View:
    return view(
        injected("a", stored()),
        injected("b", stored()),
        settings=asked(**more),
        status=Status(size=stored()),
    )


STAYS = Decided(stored(), Reason.IN_BOUNDS, "", before=inject(stored(), NGINX))


def test_no_pod_is_replaced_where_all_have_the_decided_size() -> None:
    assert following(case(two_pods(), STAYS)).pod is None


def test_a_pod_is_replaced_that_lacks_the_decided_size() -> None:
    seen = view(
        injected("a", None), injected("b", stored()), settings=asked(), status=Status(size=stored())
    )
    found = following(case(seen, STAYS))
    assert found.pod is not None and found.pod.metadata.name == "a"


def test_the_decided_size_counts_and_not_the_stored_one() -> None:
    removed = case(
        view(injected("a", None), status=Status(size=stored())), replace(STAYS, size=None)
    )
    assert following(removed).reason is None
    assert removed.kept.decided.size == stored()
    assert following(removed.kept).reason is Reason.SINGLE_REPLICA


def test_a_paused_workload_is_stopped() -> None:
    assert case(two_pods(), STAYS).stopped is None
    assert case(two_pods(paused="true"), STAYS).stopped is not None


def test_an_edit_of_the_podsize_is_known_by_its_generation() -> None:
    seen = two_pods()
    assert seen.podsize is not None
    observed = replace(seen.podsize.status, observed_generation=seen.podsize.generation)
    there = replace(seen, podsize=replace(seen.podsize, status=observed))
    assert not case(there, STAYS).edited
    assert there.podsize is not None
    later = replace(there, podsize=replace(there.podsize, generation=there.podsize.generation + 1))
    assert case(later, STAYS).edited
