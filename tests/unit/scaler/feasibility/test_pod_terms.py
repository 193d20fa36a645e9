"""What a pod requires of others, decoded; what it only prefers is left out."""

from scaler.feasibility.pod_terms import Spread, Term, affinity, anti_affinity, spreads
from tests.unit.scaler.shapes import Json, pod

TERM: Json = {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "web"}}}
REQUIRED: Json = {"requiredDuringSchedulingIgnoredDuringExecution": [TERM]}
PREFERRED: Json = {"preferredDuringSchedulingIgnoredDuringExecution": [
    {"weight": 1, "podAffinityTerm": TERM}]}  # fmt: skip
SOFT: Json = {"topologyKey": "zone", "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway"}


def test_what_is_required_is_read_and_what_is_preferred_is_not() -> None:
    hard = pod("web-1", "a", affinity={"podAffinity": REQUIRED, "podAntiAffinity": REQUIRED})
    assert [t.topology_key for t in affinity(hard)] == ["zone"]
    assert [*anti_affinity(hard).values()] == affinity(hard)
    soft = pod("web-1", "a", affinity={"podAffinity": PREFERRED, "podAntiAffinity": PREFERRED})
    assert affinity(soft) == [] and anti_affinity(soft) == {}


def test_spread_constraints_that_must_be_kept_are_read() -> None:
    hard = {**SOFT, "whenUnsatisfiable": "DoNotSchedule", "maxSkew": 3}
    assert [s.max_skew for s in spreads(pod("w", "a", topologySpreadConstraints=[SOFT, hard]))] == [
        3
    ]


def test_no_selector_selects_no_pod() -> None:
    one = pod("web-1", "a")
    assert not Term("zone").means(one)
    assert not Spread().selects(one, one)


def test_a_term_is_about_its_own_namespace_unless_it_names_others() -> None:
    assert Term().covers("shop", "shop", None) and not Term().covers("shop", "other", None)
    assert Term(namespaces=["other"]).covers("shop", "other", None)
    assert not Term(namespaces=["other"]).covers("shop", "shop", None)
