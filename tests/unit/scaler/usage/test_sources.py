"""Which node's usage comes from where, and what is reported where there is none."""

from typing import Any

import pytest

from kube import objects
from kube.errors import Forbidden, KubeError, NotFound, Unreachable
from kube.gateway import Gateway
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.rate_counters import add_up
from scaler.usage.scraper import Kubelets, Scrape
from scaler.usage.sources import MetricsApi, Usage
from scaler.usage.storage import Windows
from scaler.usage.window import NoMinute, Reading
from store.reasons import Reason
from tests.unit.scaler.usage.kubelets import SAMPLE, Scripted, answers, garbles, node, unverified
from tests.unit.scaler.usage.test_metrics_api import AT, ITEM, body
from tests.unit.scaler.usage.test_rate_counters import pod, rate

LONG_AGO = "2026-11-23T20:00:00Z"
NOW = AT + 3


class Api(Gateway):
    """An API server that knows nothing but the Metrics API."""

    def __init__(self, answer: bytes | KubeError) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def get(self, path: str, **query: str) -> bytes:
        self.asked.append(path)
        if isinstance(self.answer, KubeError):
            raise self.answer
        return self.answer


def item(name: str, **more: Any) -> dict[str, Any]:
    return {**ITEM, "metadata": {"name": name, "namespace": "shop"}, **more}


ABSENT = NotFound(404, "NotFound", "the server could not find the requested resource")
BOTH = body(item("web-a"), item("web-b"))
NODES = [node("a"), node("b")]
PODS = [pod("web-a", "a", LONG_AGO), pod("web-b", "b", LONG_AGO)]
DOING = {"a": answers, "b": unverified}


def look(source: str, answer: bytes | KubeError, pods: list[objects.Pod] = PODS) -> Scrape:
    usage = Usage(source, Kubelets(Scripted(DOING), deadline=0.3), MetricsApi(Api(answer)))
    return usage.read(NODES, pods, lambda: NOW, enrolled(pods))


def enrolled(pods: list[objects.Pod]) -> dict[str, frozenset[tuple[str, str]]]:
    """These pods, and the one of which kubelets here tell."""
    of = {n.metadata.name: {(SAMPLE.namespace, SAMPLE.pod)} for n in NODES}
    for one in pods:
        of[one.spec.node_name or ""].add((one.metadata.namespace, one.metadata.name))
    return {name: frozenset(some) for name, some in of.items()}


def names(scrape: Scrape) -> list[str]:
    return sorted({s.pod for s in scrape.samples})


KUBELETS = SAMPLE.pod
SOURCES = [
    ("auto", BOTH, [KUBELETS, "web-b"], {}),
    ("auto", ABSENT, [KUBELETS], {"b": ("cannot be verified", "there is no Metrics API")}),
    ("auto", body(), [KUBELETS], {"b": ("cannot be verified", "no usage of the pods")}),
    ("kubelet", BOTH, [KUBELETS], {"b": ("cannot be verified", "source=auto")}),
    ("metrics-api", BOTH, ["web-a", "web-b"], {}),
    ("metrics-api", body(item("web-a")), ["web-a"], {"b": ("no usage of the pods",)}),
    ("metrics-api", ABSENT, [], dict.fromkeys("ab", ("there is no Metrics API",))),
    ("metrics-api", b"oops", [], dict.fromkeys("ab", ("cannot be used",))),
    ("metrics-api", Unreachable(503, "", "no message"), [], dict.fromkeys("ab", ("503",))),
    ("metrics-api", Forbidden(403, "", ""), [], dict.fromkeys("ab", ("metrics.k8s.io",))),
]


@pytest.mark.parametrize(("source", "answer", "pods", "failures"), SOURCES)
def test_each_source_of_usage_is_used_for_its_nodes(
    source: str, answer: bytes | KubeError, pods: list[str], failures: dict[str, tuple[str, ...]]
) -> None:
    scrape = look(source, answer)
    assert names(scrape) == sorted(pods)
    assert scrape.failures.keys() == failures.keys()
    for name, words in failures.items():
        for word in (*words, "scaler.usage."):
            assert word in scrape.failures[name]
    assert scrape.unverified == (frozenset() if source == "metrics-api" else {"b"})


def test_the_metrics_api_is_not_asked_where_it_is_not_needed() -> None:
    api = Api(BOTH)
    kubelets = Kubelets(Scripted({"a": answers, "b": garbles}), deadline=0.3)
    scrape = Usage("auto", kubelets, MetricsApi(api)).read(NODES, PODS, lambda: NOW, enrolled(PODS))
    assert not api.asked
    assert "scaler.usage" not in scrape.failures["b"], "no setting is about a broken kubelet"


def test_without_enrolled_pods_nothing_is_asked() -> None:
    api, reader = Api(BOTH), Scripted(DOING)
    for source in ("auto", "kubelet", "metrics-api"):
        usage = Usage(source, Kubelets(reader, deadline=0.3), MetricsApi(api))
        assert usage.read(NODES, PODS, lambda: NOW, {}) == Scrape((), {})
    assert not api.asked and not reader.asked


def test_rates_are_looked_at_often_enough_that_none_is_missed() -> None:
    usage = Usage("auto", Kubelets(Scripted(DOING), deadline=0.3), MetricsApi(Api(BOTH)))
    assert usage.pause(60) == 60
    usage.read(NODES, PODS, lambda: NOW, enrolled(PODS))
    assert usage.pause(60) < 10
    assert usage.pause(2) == 2
    api = Usage("metrics-api", Kubelets(Scripted({}), deadline=0.3), MetricsApi(Api(BOTH)))
    assert api.pause(60) < 10


def test_the_reason_why_there_is_no_usage_reaches_the_decision() -> None:
    scrape = look("auto", ABSENT)
    windows = Windows()
    windows.expect((("shop", p.metadata.name) for p in PODS), NOW)
    windows.take_in(scrape.samples, NOW, scrape.failures)
    minute = windows.minute(PODS[1], "nginx", NOW)
    assert isinstance(minute, NoMinute) and minute.reason is Reason.NO_USAGE
    assert "scaler.usage.kubeletTLS" in minute.message
    other = windows.minute(PODS[0], "nginx", NOW)
    assert isinstance(other, NoMinute) and other.reason is Reason.WARMING_UP


def test_the_reason_why_usage_grows_old_reaches_the_decision() -> None:
    windows = Windows()
    windows.take_in(look("auto", BOTH).samples, NOW)
    windows.take_in((), NOW + 91, {"b": "it is down"})
    minute = windows.minute(PODS[1], "nginx", NOW + 91)
    assert isinstance(minute, NoMinute) and minute.reason is Reason.STALE_USAGE
    assert minute.message.endswith("91 s ago: it is down")


def test_a_node_whose_kubelet_becomes_verified_starts_over() -> None:
    """The kubelet's counter and the one that we added up must never meet in one minute."""
    windows = Windows()
    started = {("shop", "web-1", "nginx"): AT - 1000}
    _, samples = add_up({}, [rate(AT, 90)], started, NOW)
    windows.take_in(samples, NOW)
    seen = pod("web-1", "a", LONG_AGO)
    assert not isinstance(windows.minute(seen, "nginx", NOW), NoMinute)
    kubelets = Reading(AT + 20, NOW + 20, 5000.0, 64, AT - 999.5)
    windows.take_in([Sample("shop", "web-1", "nginx", kubelets)], NOW + 20)
    assert isinstance(windows.minute(seen, "nginx", NOW + 20), NoMinute)
