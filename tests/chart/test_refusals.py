"""A mistake in the values is rejected before anything is installed; the message names the key."""

import re
from typing import Any

import pytest
import yaml

from tests.chart.conftest import CHART, Render

_PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def nested(path: str, value: object) -> dict[str, Any]:
    """`a.b` and 1 make {"a": {"b": 1}}."""
    for key in reversed(path.split(".")):
        value = {key: value}
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize(
    "path",
    [
        "replica",
        "image.repo",
        "crds.install",
        "rbac.enabled",
        "log.lvl",
        "policy.cpumax",
        "policy.halve.after",
        "webhook.replicaCount",
        "webhook.certificates.type",
        "webhook.podDisruptionBudget.max",
        "webhook.serviceAccount.named",
        "webhook.resources.limit",
        "webhook.service.annotation",
        "webhook.namespaceSelector.labels",
        "scaler.intervall",
        "agent.sample",
        "policy.burst.most",
        "networkPolicy.agent.ingress",
        "scaler.usage.sources",
        "scaler.surge.enable",
        "scaler.history.server",
        "scaler.restarts.perhour",
        "monitoring.serviceMonitor.on",
        "monitoring.prometheusRule.on",
        "networkPolicy.webhook.in",
    ],
)
def test_a_typo_is_refused_and_named(render: Render, path: str) -> None:
    error = render(nested(path, True)).error
    assert path.rsplit(".", 1)[-1] in error
    assert "additional properties" in error.lower()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("image.pullPolicy", "Sometimes"),
        ("image.digest", "sha256:beef"),
        ("nameOverride", "Not_A_Name"),
        ("log.level", "loud"),
        ("policy.cpuMax", "two"),
        ("policy.memoryMax", "-1"),
        ("scaler.history.url", "prometheus:9090"),
        ("scaler.history.url", "http://me:secret@prometheus"),
        ("policy.halve.quiet", 0),
        ("policy.halve.below", 45),
        ("webhook.replicas", 0),
        ("webhook.replicas", "2"),
        ("webhook.port", 70000),
        ("webhook.timeoutSeconds", 31),
        ("webhook.failurePolicy", "Open"),
        ("webhook.certificates.mode", "helm"),
        ("webhook.certificates.leafLifetime", "90d"),
        ("webhook.certificates.leafLifetime", "0h"),
        ("webhook.podDisruptionBudget.maxUnavailable", "half"),
        ("webhook.podLabels", {"a": 1}),
        ("scaler.replicas", 2),
        ("agent.samples", 1),
        ("agent.enabled", "yes"),
        ("policy.burst.perTenMinutes", 0),
        ("scaler.interval", 0),
        ("scaler.dryRun", "yes"),
        ("scaler.usage.source", "prometheus"),
        ("scaler.usage.kubeletTLS", "maybe"),
        ("scaler.hostUsers", "no"),
        ("monitoring.serviceMonitor.interval", "30"),
    ],
)
def test_a_value_out_of_range_is_refused_and_named(
    render: Render, path: str, value: object
) -> None:
    assert path.replace(".", "/") in render(nested(path, value)).error


CONTRADICTIONS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "kube-system", "install with --namespace"),
    (
        nested("webhook.certificates", {"mode": "existing-secret", "caBundle": _PEM}),
        "ns",
        "set webhook.certificates.secretName",
    ),
    (
        nested("webhook.certificates", {"mode": "existing-secret", "secretName": "mine"}),
        "ns",
        "set webhook.certificates.caBundle",
    ),
    (
        nested("webhook.certificates.secretName", "mine"),
        "ns",
        "set webhook.certificates.mode=existing-secret",
    ),
    (
        nested("webhook.certificates.issuerRef", {"name": "mine"}),
        "ns",
        "set webhook.certificates.mode=cert-manager",
    ),
    (nested("webhook.hostNetwork", True), "ns", "set webhook.port"),
    (
        nested("webhook.podDisruptionBudget", {"minAvailable": 1, "maxUnavailable": 2}),
        "ns",
        "set webhook.podDisruptionBudget.minAvailable or maxUnavailable",
    ),
    (
        nested("webhook", {"preStopSeconds": 30, "terminationGracePeriodSeconds": 30}),
        "ns",
        "below webhook.terminationGracePeriodSeconds",
    ),
    (nested("agent", {"enabled": True, "port": 8080}), "ns", "set agent.port"),
]


@pytest.mark.parametrize(("values", "namespace", "says"), CONTRADICTIONS)
def test_values_that_contradict_each_other_are_refused_with_the_key_to_set(
    render: Render, values: dict[str, Any], namespace: str, says: str
) -> None:
    assert says in render(values, namespace=namespace).error


def test_every_refusal_names_an_existing_value_and_has_a_case() -> None:
    source = (CHART / "templates/validate.yaml").read_text()
    refusals = re.findall(r'\bfail (?:\(printf )?"([^"]+)"', source)
    assert len(refusals) == source.count("{{- fail ") == len(CONTRADICTIONS)
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    for text in refusals:
        keys = re.findall(r"\b(?:webhook|scaler|policy)(?:\.\w+)+", text)
        assert keys or "--namespace" in text, text
        for key in keys:
            assert there(defaults, key), f"{key}: {text}"
    assert all(any(says in text for text in refusals) for _, _, says in CONTRADICTIONS)


def there(tree: Any, path: str) -> bool:
    for key in path.split("."):
        if not isinstance(tree, dict) or key not in tree:
            return False
        tree = tree[key]
    return True


def test_values_of_a_parent_chart_are_let_through(render: Render) -> None:
    parents = {"enabled": True, "global": {"storageClass": "fast", "imageRegistry": ""}}
    assert render(parents).objects


@pytest.mark.parametrize("bound", [0, "0%"])
def test_zero_is_a_value_of_a_budget(render: Render, bound: object) -> None:
    values = nested("webhook.podDisruptionBudget.minAvailable", bound)
    [budget] = render(values).all("PodDisruptionBudget")
    assert budget["spec"]["minAvailable"] == bound
    assert "maxUnavailable" not in budget["spec"]
