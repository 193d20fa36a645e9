"""Enrolment: every row of the contract's table of annotations, its defaults and its mistakes."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaler.annotations.enrolment import enrolment
from scaler.annotations.options import (
    BadAnnotation,
    Bounds,
    Direction,
    Disruption,
    Limits,
    Mode,
    PolicyNames,
    Settings,
    SingleReplica,
)
from scaler.policies.table import NAMES

Given = Mapping[str, str]


def ours(**values: str) -> dict[str, str]:
    """`cpu_max__nginx="2"` is `podtailor.io/cpu-max.nginx: "2"`."""
    return {"podtailor.io/" + k.replace("__", ".").replace("_", "-"): v for k, v in values.items()}


def settings(
    workload: Given, template: Given | None = None, namespace: Given | None = None
) -> Settings:
    got = enrolment(workload, template, namespace, NAMES)
    assert isinstance(got, Settings), got
    return got


def mistake(workload: Given, template: Given | None = None, namespace: Given | None = None) -> str:
    got = enrolment(workload, template, namespace, NAMES)
    assert isinstance(got, BadAnnotation), got
    return got.message


AUTO = ours(mode="auto")

NOT_OURS: list[tuple[str, Given | None, Given | None, Given | None]] = [
    ("no annotations at all", None, None, None),
    ("of other tools", {"mode": "auto", "example.com/mode": "auto"}, {}, {}),
    ("a bound without a mode", ours(cpu_max="1"), None, None),
    ("a mistake without a mode", ours(policy="dubble", polcy="x"), ours(paused="yes"), {}),
    ("a container's mode alone", ours(mode__nginx="auto"), None, None),
    ("a paused namespace", None, None, ours(paused="true")),
]


@pytest.mark.parametrize(("name", "workload", "template", "namespace"), NOT_OURS)
def test_a_workload_without_a_mode_is_not_managed(
    name: str, workload: Given | None, template: Given | None, namespace: Given | None
) -> None:
    assert enrolment(workload, template, namespace, NAMES) is None, name


def test_the_defaults_are_the_first_values_of_the_contract() -> None:
    got = settings(AUTO)
    assert (got.mode, got.disruption, got.single_replica) == ("auto", "surge", "wait")
    assert not got.paused
    one = got.container("any")
    assert (one.mode, one.policy, one.limits, one.direction) == ("auto", "double", "ratio", "both")
    assert one.resources == {"cpu", "memory"}
    assert (one.bounds, one.named, got.containers) == (Bounds(), False, {})


def test_each_value_of_an_annotation_is_read() -> None:
    got = settings(
        ours(
            mode="initial", policy="double", resources="memory", limits="none", direction="up",
            strategy="recreate", disruption="evict", single_replica="restart", paused="true",
            cpu_min="250m", cpu_max="2", memory_min="64Mi", memory_max="1G",
        )
    )  # fmt: skip
    assert got.mode is Mode.INITIAL
    assert got.disruption is Disruption.EVICT
    assert got.single_replica is SingleReplica.RESTART
    assert got.paused
    one = got.default
    assert (one.limits, one.direction) == (Limits.NONE, Direction.UP)
    assert one.resources == {"memory"}
    assert one.bounds == Bounds(250, 2000, 64 * 2**20, 10**9)


def test_a_policy_is_one_of_the_names_that_are_passed_in() -> None:
    names = PolicyNames("first", ("first", "second"), later=("third",))
    got = enrolment({**AUTO, **ours(policy__side="second")}, None, None, names)
    assert isinstance(got, Settings)
    assert [got.container(n).policy for n in ("nginx", "side")] == ["first", "second"]
    got = enrolment({**AUTO, **ours(policy="second", limits__side="keep")}, None, None, names)
    assert isinstance(got, Settings)
    assert [got.container(n).policy for n in ("nginx", "side")] == ["second", "second"]
    for name, what in {"third": "is not in this release", "double": "is unknown"}.items():
        bad = enrolment({**AUTO, **ours(policy=name)}, None, None, names)
        assert isinstance(bad, BadAnnotation)
        said = f'podtailor.io/policy: "{name}" {what}, allowed: first, second'
        assert bad.message == said


ACCEPTED = [
    *((f"mode {m}", ours(mode=m)) for m in ("auto", "initial", "observe", "off")),
    *((f"limits {v}", {**AUTO, **ours(limits=v)}) for v in ("ratio", "keep", "none")),
    *((f"direction {v}", {**AUTO, **ours(direction=v)}) for v in ("both", "up")),
    *((f"disruption {v}", {**AUTO, **ours(disruption=v)}) for v in ("surge", "evict", "delete")),
    *((f"paused {v}", {**AUTO, **ours(paused=v)}) for v in ("true", "false")),
    *((f"resources {v}", {**AUTO, **ours(resources=v)}) for v in ("cpu", "memory, cpu")),
    *((f"restarts {v}", {**AUTO, **ours(restart_on_resize=v)}) for v in ("none", "cpu,memory")),
    ("equal bounds", {**AUTO, **ours(cpu_min="1", cpu_max="1000m")}),
    ("no minimum", {**AUTO, **ours(cpu_min="0")}),
    ("a pod's stamps", {**AUTO, **ours(size_revision="3", basis="{", probe="x", probe_for="y")}),
    ("names of other tools", {**AUTO, "podtailor.io.example.com/x": "y", "cpu-max": "z"}),
]


@pytest.mark.parametrize(("name", "given_"), ACCEPTED, ids=[a[0] for a in ACCEPTED])
def test_each_of_these_values_is_accepted(name: str, given_: Given) -> None:
    settings(given_)


PRECEDENCE: list[tuple[str, Given | None, Given | None, Given | None, str]] = [
    ("the workload's own", AUTO, None, None, "auto"),
    ("the template's", None, AUTO, None, "auto"),
    ("the namespace's", None, None, AUTO, "auto"),
    ("workload over template", ours(mode="observe"), AUTO, None, "observe"),
    ("template over namespace", None, ours(mode="initial"), AUTO, "initial"),
    ("off on the workload over all", ours(mode="off"), AUTO, AUTO, "off"),
    ("on in spite of the namespace", AUTO, None, ours(mode="off"), "auto"),
    ("off on the namespace", ours(cpu_max="2"), None, ours(mode="off"), "off"),
    ("a bad mode that is overridden", AUTO, ours(mode="on"), ours(mode="on"), "auto"),
    ("off with other mistakes", ours(mode="off", cpu_max="x", polcy="y"), None, None, "off"),
]


@pytest.mark.parametrize(("name", "workload", "template", "namespace", "mode"), PRECEDENCE)
def test_the_mode_of_the_nearest_place_wins(
    name: str, workload: Given | None, template: Given | None, namespace: Given | None, mode: str
) -> None:
    got = enrolment(workload, template, namespace, NAMES)
    assert isinstance(got, Settings), got
    assert (got.mode, got.default.mode) == (mode, mode), name


def test_each_annotation_of_the_workload_wins_over_the_same_one_of_its_template() -> None:
    got = settings(ours(mode="auto", cpu_max="2"), ours(cpu_max="9", memory_max="1Gi"))
    assert got.default.bounds == Bounds(cpu_max=2000, memory_max=2**30)


def test_only_mode_and_paused_are_read_from_a_namespace() -> None:
    got = settings({}, {}, ours(mode="auto", cpu_max="2", polcy="x", limits="bad"))
    assert got.default.bounds == Bounds()


@pytest.mark.parametrize("place", [0, 1, 2], ids=["workload", "template", "namespace"])
@pytest.mark.parametrize("mode", ["auto", "off"])
def test_a_workload_is_paused_where_any_of_the_three_places_says_so(place: int, mode: str) -> None:
    given_: list[Given] = [ours(paused="false", mode=mode), {}, ours(paused="false")]
    assert not settings(*given_).paused
    given_[0] = ours(mode=mode)
    given_[place] = {**given_[place], **ours(paused="true")}
    assert settings(*given_).paused


def test_a_container_has_its_own_values_and_the_workloads_for_the_rest() -> None:
    got = settings(
        ours(mode="auto", limits="keep", cpu_max="4", cpu_max__nginx="2", mode__proxy="off")
    )
    nginx, proxy, other = (got.container(c) for c in ("nginx", "proxy", "other"))
    assert (nginx.mode, nginx.limits, nginx.bounds.cpu_max) == ("auto", "keep", 2000)
    assert (proxy.mode, proxy.bounds.cpu_max) == ("off", 4000)
    assert other == got.default
    assert [c.named for c in (nginx, proxy, other)] == [True, True, False]


def test_a_container_is_restarted_for_its_own_resources_and_the_workloads_where_it_has_none() -> (
    None
):
    got = settings(ours(mode="auto", restart_on_resize="memory", restart_on_resize__side="none"))
    assert got.container("nginx").restarts == {"memory"}
    assert got.container("side").restarts == frozenset()


MISTAKES = [
    ("a mode that does not exist", {"mode": "on"},
     'podtailor.io/mode: "on" is unknown, allowed: auto, initial, observe, off'),
    ("an empty mode", {"mode": ""}, 'podtailor.io/mode: ""'),
    ("another case", {"mode": "Auto"}, '"Auto" is unknown'),
    ("another case of off", {"mode": "OFF"}, '"OFF" is unknown'),
    ("blanks", {"mode": "auto "}, '"auto " is unknown'),
    ("a policy", {"policy": "trak"}, '"trak" is unknown, allowed: double, track'),
    ("a strategy unknown", {"strategy": "inplace"}, "is unknown, allowed: recreate, resize"),
    ("bursts", {"burst": "on"}, '/burst: "on" resizes running pods: it needs'),
    ("bursts of one", {"burst.nginx": "on", "strategy": "recreate"}, "podtailor.io/strategy: res"),
    ("sizes by node", {"per-node": "yes"}, '/per-node: "yes" is unknown, allowed: off, on'),
    ("no switch", {"burst": "yes"}, '/burst: "yes" is unknown, allowed: off, on'),
    ("a disruption", {"disruption": "kill"}, "allowed: surge, evict, delete"),
    ("limits", {"limits": "all"}, "allowed: ratio, keep, none"),
    ("direction", {"direction": "down"}, "allowed: both, up"),
    ("single-replica", {"single_replica": "yes"}, "allowed: wait, restart"),
    ("paused", {"paused": "True"}, "allowed: true, false"),
    ("resources", {"resources": "cpu,gpu"}, "allowed: cpu, memory"),
    ("no resources", {"resources": ""}, "allowed: cpu, memory"),
    ("restarts for what is no resource", {"restart_on_resize": "gpu"},
     'restart-on-resize: "gpu" is not a list of resources, allowed: none, cpu, memory'),
    ("restarts as Kubernetes has it", {"restart_on_resize__a": "memory=RestartContainer"},
     'restart-on-resize.a: "memory=RestartContainer" is not'),
    ("restarts for nothing at all", {"restart_on_resize": ""}, "allowed: none, cpu, memory"),
    ("none beside one", {"restart_on_resize": "none,cpu"}, "allowed: none, cpu, memory"),
    ("not a quantity", {"cpu_max": "2 cores"}, "for example 500m, 2"),
    ("a negative quantity", {"cpu_min": "-1"}, 'cpu-min: "-1"'),
    ("memory in thousandths of a byte", {"memory_max": "128m"}, "for example 128Mi, 1G"),
    ("CPU in bytes", {"cpu_max": "2Gi"}, "for example 500m, 2"),
    ("a maximum of nothing", {"memory_max": "0"}, 'memory-max: "0"'),
    ("bounds crossed", {"cpu_min": "2", "cpu_max": "1"},
     'podtailor.io/cpu-min: "2" is above podtailor.io/cpu-max: "1"'),
    ("a container's bound crosses the workload's", {"memory_min": "1Gi", "memory_max__a": "1Mi"},
     'podtailor.io/memory-min: "1Gi" is above podtailor.io/memory-max.a: "1Mi"'),
    ("a container's value", {"mode__nginx": "never"}, 'podtailor.io/mode.nginx: "never"'),
    ("a name", {"polcy": "double"}, "polcy does not exist, did you mean podtailor.io/policy?"),
    ("a container's name", {"cpu_mx__a": "1"}, "did you mean podtailor.io/cpu-max.a?"),
    ("a name like nothing", {"zzz": "1"}, "zzz does not exist, known are mode, policy"),
    ("a container, where whole pods are disrupted", {"disruption__a": "evict"},
     "use podtailor.io/disruption"),
    ("paused for a container", {"paused__a": "true"}, "use podtailor.io/paused"),
    ("no container after the dot", {"cpu_max__": "1"}, "cannot be the name of a container"),
    ("not a container's name", {"cpu_max__A": "1"}, "cannot be the name of a container"),
    ("a dot in a container's name", {"cpu_max__a__b": "1"}, "cannot be the name of a container"),
]  # fmt: skip


@pytest.mark.parametrize("on_template", [False, True], ids=["workload", "template"])
@pytest.mark.parametrize(("name", "values", "part"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_a_mistake_says_what_is_wrong_and_what_is_allowed(
    name: str, values: dict[str, str], part: str, on_template: bool
) -> None:
    given_ = {**AUTO, **ours(**values)}
    assert part in (mistake({}, given_) if on_template else mistake(given_))


def test_all_mistakes_are_reported_together_and_each_once() -> None:
    got = mistake({**AUTO, **ours(polcy="x", limits="y", cpu_min="2", cpu_max="1", mode__a="auto")})
    assert got.count(";") == 2
    assert [got.count(part) for part in ("polcy", "limits", "is above")] == [1, 1, 1]


def test_a_mistake_on_the_namespace_says_so() -> None:
    got = mistake({}, {}, ours(mode="on", paused="yes"))
    assert 'on the namespace, podtailor.io/mode: "on" is unknown' in got
    assert 'on the namespace, podtailor.io/paused: "yes" is unknown' in got


names = st.sampled_from(
    [
        "mode",
        "policy",
        "resources",
        "limits",
        "direction",
        "strategy",
        "restart-on-resize",
        "restart-on-resize.a",
        "disruption",
        "single-replica",
        "cpu-min",
        "cpu-max",
        "memory-min",
        "memory-max",
        "paused",
        "polcy",
        "mode.a",
        "cpu-max.a",
        "size-revision",
    ]
)
values = st.one_of(
    st.sampled_from(
        [
            "auto",
            "off",
            "observe",
            "double",
            "track",
            "ratio",
            "none",
            "up",
            "true",
            "false",
            "cpu",
            "1",
            "500m",
            "2Gi",
        ]
    ),
    st.text(max_size=5),
)
annotated = st.none() | st.dictionaries(names.map("podtailor.io/{}".format), values, max_size=6)


@given(annotated, annotated, annotated)
def test_any_annotations_have_an_answer_and_only_a_mode_enrols(
    workload: Given | None, template: Given | None, namespace: Given | None
) -> None:
    got = enrolment(workload, template, namespace, NAMES)
    places = (workload, template, namespace)
    assert (got is None) is not any("podtailor.io/mode" in (p or {}) for p in places)
    if isinstance(got, Settings):
        for one in (got.default, *got.containers.values()):
            low, high = one.bounds.cpu_min, one.bounds.cpu_max
            assert low is None or high is None or low <= high
            assert one.resources
    if isinstance(got, BadAnnotation):
        assert "podtailor.io/" in got.message


def test_what_a_later_release_does_may_be_switched_off_today() -> None:
    texts = {"mode": "auto", "burst": "off", "burst.nginx": "off", "per-node": "off"}
    plain = enrolment({f"podtailor.io/{k}": v for k, v in texts.items()}, None, None, NAMES)
    assert isinstance(plain, Settings)


def test_sizes_by_kind_of_node_are_asked_for_unless_the_webhook_may_not_read_nodes() -> None:
    texts = {"podtailor.io/mode": "auto", "podtailor.io/per-node": "on"}
    got = enrolment(texts, None, None, NAMES)
    assert isinstance(got, Settings) and got.per_node
    none = enrolment(texts, None, None, PolicyNames("double", ("double",), per_node=False))
    assert none == BadAnnotation('podtailor.io/per-node: "on" needs policy.perNode, which is false')
