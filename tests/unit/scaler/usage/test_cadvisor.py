"""The kubelet's `/metrics/cadvisor` as looks: the table of cadvisor.py.

The lines are a real kubelet's (1.37.2, cgroup v1), shortened by labels that nobody reads.
"""

import time

import pytest

from scaler.usage import cadvisor
from scaler.usage.cadvisor import Look
from scaler.usage.kernel import Kernel
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.window import Reading

OF = '{container="cache",id="/x/kubepods/y",namespace="default",pod="web-1"}'
AT = "1795979990423"
VALUES = {
    "container_start_time_seconds": "1.795979959e+09",
    "container_cpu_cfs_periods_total": f"45 {AT}",
    "container_cpu_cfs_throttled_periods_total": f"1 {AT}",
    "container_memory_rss": f"114688 {AT}",
    "container_memory_cache": f"6.5011712e+07 {AT}",
    "container_memory_total_active_file_bytes": f"3.145728e+07 {AT}",
    "container_memory_total_inactive_file_bytes": f"3.3452032e+07 {AT}",
    "container_memory_failcnt": f"7 {AT}",
    "container_memory_events_max_total": f"0 {AT}",
}
SHMEM = 65_011_712 - 31_457_280 - 33_452_032
KEY = ("default", "web-1", "cache")
PODS = frozenset({("default", "web-1")})


def page(**changed: str | None) -> str:
    values = {**VALUES, **changed}
    lines = [f"{name}{OF} {value}" for name, value in values.items() if value is not None]
    other = f'container_memory_rss{{container="",id="/",namespace="",pod=""}} 5 {AT}'
    return "\n".join(["# TYPE container_memory_rss gauge", *lines, other, ""])


def test_a_kubelets_page_becomes_looks() -> None:
    look = Look(1_795_979_959.0, Kernel(1795979990.423, 45.0, 1.0, 114_688 + SHMEM, None, 7.0))
    assert cadvisor.parse(page(), PODS) == {KEY: look}


def of(**changed: str | None) -> Kernel:
    return cadvisor.parse(page(**changed), PODS)[KEY].kernel


def test_without_a_limit_nothing_is_known_of_throttling() -> None:
    none = {"container_cpu_cfs_periods_total": None}
    got = of(**none, container_cpu_cfs_throttled_periods_total=None)
    assert (got.periods, got.throttled) == (None, None)


def test_without_the_file_lists_shmem_is_not_known() -> None:
    assert of(container_memory_total_active_file_bytes=None).needed == 114_688


def test_pressure_where_the_kernel_has_it() -> None:
    assert of(container_pressure_memory_waiting_seconds_total=f"2.5 {AT}").waited == 2.5


@pytest.mark.parametrize(
    "name", ["container_memory_rss", "container_start_time_seconds"], ids=["memory", "start"]
)
def test_a_container_that_is_starting_or_gone_is_left_out(name: str) -> None:
    assert cadvisor.parse(page(**{name: None}), PODS) == {}


def test_other_pods_are_not_read_however_broken_their_lines() -> None:
    assert cadvisor.parse(page(container_memory_rss="one"), frozenset()) == {}


@pytest.mark.parametrize("value", ["one", ""])
def test_a_broken_line_is_a_value_error(value: str) -> None:
    with pytest.raises(ValueError, match="not the Prometheus text format"):
        cadvisor.parse(page(container_memory_rss=value), PODS)


@pytest.mark.parametrize(
    ("started", "known"),
    [(1_795_979_959.4, True), (1_795_979_949.0, True), (1_795_979_999.0, False)],
    ids=["at once", "on a node that takes ten seconds to start it", "of another container"],
)
def test_a_look_goes_with_the_reading_of_the_same_container(started: float, known: bool) -> None:
    sample = Sample(*KEY, Reading(1795979990.4, 5.0, 0.1, 7, started))
    other = Sample("default", "web-2", "cache", sample.reading)
    looks = cadvisor.parse(page(), PODS)
    got = [s.reading.kernel for s in cadvisor.joined([sample, other], looks)]
    assert got == [looks[KEY].kernel if known else None, None]


def test_a_full_node_is_read_quickly() -> None:
    text = "".join(page().replace("web-1", f"web-{n}") for n in range(220))
    began = time.process_time()
    assert len(cadvisor.parse(text, {("default", f"web-{n}") for n in range(220)})) == 220
    assert time.process_time() - began < 1  # 60 ms where it was measured
