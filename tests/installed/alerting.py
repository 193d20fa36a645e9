"""The release's alerts on the release's own metrics, evaluated by Prometheus's rule engine.

Scrapes made now stand for what Prometheus would have scraped over a longer time: a history consists
of scrapes and how long each lasted. Labels are those that the chart's ServiceMonitors set.
"""

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import yaml
from prometheus_client.parser import text_string_to_metric_families

from kube.errors import KubeError
from tests.chart import alerts
from tests.installed.release import Release, run

_API_SERVER = {"job": "apiserver", "instance": "api"}
_TIME = "_timestamp_seconds"  # since 1970, whereas promtool's series begin at 0

Samples = Mapping[str, float]
"""`name{labels}` and its value; times are counted from the scrape."""


@dataclass(frozen=True)
class Alerts:
    """The rules that the chart renders for this release, and the sources of their metrics."""

    release: Release
    rules: Mapping[str, Any]

    def scrape(self) -> Samples:
        """Current values of all metrics that the rules use."""
        found = {**_named("up", _API_SERVER, 1)}
        found |= self._wanted(self.release.gateway.get("/metrics").decode(), _API_SERVER)
        for component in ("webhook", "scaler"):
            for pod in self.release.pods(component):
                service = f"{self.release.fullname}-{component}"
                labels = {"namespace": self.release.namespace, "service": service}
                labels |= {"pod": pod.metadata.name}
                text = _text(self.release, component, pod.metadata.name)
                found |= _named("up", labels, 0 if text is None else 1)
                found |= self._wanted(text or "", labels)
        return found

    def fire(self, names: Iterable[str], *history: tuple[Samples, int]) -> str:
        """Empty if exactly these alerts fire at the end of the history of (scrapes, minutes)."""
        series = _series([(samples, minutes * 60 // alerts.STEP) for samples, minutes in history])
        end = sum(minutes for _, minutes in history) * 60 - alerts.STEP
        return alerts.differs(self.rules, series, names, end)

    def _wanted(self, text: str, more: Mapping[str, str]) -> dict[str, float]:
        """The metrics that the rules use; without types, since those take all of 10,000 lines."""
        asked = re.findall(r"\b(?:podtailor|apiserver)_[a-z_]+", str(self.rules))
        named = re.compile("^(?:" + "|".join(sorted(set(asked))) + ")[{ ].*$", re.MULTILINE)
        return {
            key: value
            for family in text_string_to_metric_families("\n".join(named.findall(text)) + "\n")
            for s in family.samples
            if not s.name.startswith("apiserver") or _ours(s.labels)
            for key, value in _named(s.name, {**s.labels, **more}, s.value).items()
        }


def _ours(labels: Mapping[str, str]) -> bool:
    return labels.get("name") == "pods.podtailor.io"


def alerts_of(release: Release) -> Alerts:
    """The alerts that `monitoring.prometheusRule.enabled` creates."""
    rendered = run(
        release.helm, "template", release.name, "charts/podtailor", "-n", release.namespace,
        "--set", "monitoring.prometheusRule.enabled=true",
        "--show-only", "templates/monitoring/prometheusrule.yaml",
    )  # fmt: skip
    return Alerts(release, yaml.safe_load(rendered)["spec"])


def scraped(release: Release, component: str = "scaler") -> str:
    """The metrics of one of the release's programs."""
    [name, *_] = [p.metadata.name for p in release.pods(component)]
    text = _text(release, component, name)
    assert text is not None, f"{name} does not answer"
    return text


def _text(release: Release, component: str, pod: str) -> str | None:
    """Through the API server, so that this works with any cluster; None: no answer."""
    scheme, port = ("http:", 8080) if component == "scaler" else ("https:", 10250)
    path = release.path("pods", f"{scheme}{pod}:{port}", "api/v1") + "/proxy/metrics"
    with suppress(KubeError):
        return release.gateway.get(path).decode()
    return None


def _named(name: str, labels: Mapping[str, str], value: float) -> dict[str, float]:
    text = ", ".join(f'{k}="{v}"' for k, v in sorted(labels.items()))
    return {f"{name}{{{text}}}": value - time.time() if _TIME in name else value}


def _series(history: list[tuple[Samples, int]]) -> dict[str, str]:
    keys = {key for samples, _ in history for key in samples}
    return {key: " ".join(_values(key, history)) for key in keys}


def _values(key: str, history: list[tuple[Samples, int]]) -> Iterator[str]:
    """Each scrape's value, repeated for as long as it lasted; timestamps advance with the clock.

    A series that a scrape no longer contains is stale, as in Prometheus, not kept for five minutes.
    """
    lasting = [samples for samples, count in history for _ in range(count)]
    for number, samples in enumerate(lasting):
        value = samples.get(key)
        moved = number * alerts.STEP if _TIME in key else 0
        yield "stale" if value is None else f"{value + moved:.3f}"
