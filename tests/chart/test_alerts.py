"""Each alert fires for its own condition and for nothing else, evaluated by Prometheus itself.

| condition                                    | alerts that fire          |
| -------------------------------------------- | ------------------------- |
| healthy, with certificates of any lifetime   | none                      |
| pods were created without the webhook        | FailsOpen, for 15 minutes |
| no webhook pod answers Prometheus            | WebhookMissing            |
| the certificate expires soon                 | CertificateExpires        |
| the scaler's cycles, or the scaler, stopped  | ScalerStuck               |
| workloads wait for the webhook               | WebhookUnverified         |
| actions fail repeatedly                      | ActionsFail               |
| reviews take seconds                         | WebhookSlow               |
| no usage is read                             | UsageOld                  |
| sizes are taken back one after the other     | Rollbacks                 |
| the history cannot be kept                   | HistoryDegraded           |
"""

from typing import Any

import pytest

from tests.chart import alerts
from tests.chart.conftest import CHART, Render

NS, DAY, MINUTE = "podtailor-system", 86400, 60
WEBHOOK = f'namespace="{NS}", service="podtailor-webhook"'
SCALER = f'namespace="{NS}", service="podtailor-scaler"'
API = 'job="apiserver", instance="10.0.0.1:6443"'
FAIL_OPEN = (
    f'apiserver_admission_webhook_fail_open_count{{name="pods.podtailor.io", type="admit", {API}}}'
)
EXPIRY = f"podtailor_webhook_certificate_expiry_timestamp_seconds{{{WEBHOOK}}}"
CYCLE = f"podtailor_last_cycle_timestamp_seconds{{{SCALER}}}"
BLOCKED = f'podtailor_workloads{{phase="Blocked", reason="WebhookUnverified", {SCALER}}}'
FAILED = f'podtailor_actions_total{{action="Evict", done="false", reason="Forbidden", {SCALER}}}'
AGE = f"podtailor_usage_age_seconds{{{SCALER}}}"
ROLLBACKS = f"podtailor_rollbacks_total{{{SCALER}}}"
DEGRADED = f"podtailor_history_degraded{{{SCALER}}}"
SLOW = "apiserver_admission_webhook_admission_duration_seconds_bucket"
HOUR = 3600 // alerts.STEP  # samples

Rules = dict[str, Any]


def slow(bound: str, values: str) -> dict[str, str]:
    labels = f'name="pods.podtailor.io", operation="CREATE", type="admit", le="{bound}"'
    return {f"{SLOW}{{{labels}}}": values}


WELL = {
    f'up{{pod="a", {WEBHOOK}}}': f"1x{HOUR}",
    f'up{{pod="b", {WEBHOOK}}}': f"1x{HOUR}",
    f'up{{pod="c", {SCALER}}}': f"1x{HOUR}",
    f"up{{{API}}}": f"1x{HOUR}",
    EXPIRY: f"{30 * DAY}x{HOUR}",
    CYCLE: f"0+{alerts.STEP}x{HOUR}",
    BLOCKED: f"0x{HOUR}",
    f'podtailor_workloads{{phase="Idle", reason="Settled", {SCALER}}}': f"7x{HOUR}",
    f'podtailor_actions_total{{action="Evict", done="true", {SCALER}}}': f"0+3x{HOUR}",
    FAILED: f"0x{HOUR}",
    AGE: f"7x{HOUR}",
    ROLLBACKS: f"4x{HOUR}",
    DEGRADED: f"0x{HOUR}",
    FAIL_OPEN: f"4x{HOUR}",
    **slow("1", f"0+60x{HOUR}"),
    **slow("2.5", f"0+60x{HOUR}"),
    **slow("+Inf", f"0+60x{HOUR}"),
}

UP_WEBHOOK = [k for k in WELL if k.startswith("up{") and WEBHOOK in k]


@pytest.fixture(scope="module")
def rules(render: Render) -> Rules:
    values = {"monitoring": {"prometheusRule": {"enabled": True}}}
    spec = render(values).one("PrometheusRule")["spec"]
    assert isinstance(spec, dict)
    return spec


def test_prometheus_accepts_the_alert_rules(render: Render) -> None:
    rendered = render(CHART / "ci/ha-values.yaml").one("PrometheusRule")["spec"]
    assert alerts.check(rendered) == ""


def test_no_alert_fires_in_a_healthy_cluster(rules: Rules) -> None:
    for minute in (1, 16, 59):
        assert alerts.differs(rules, WELL, [], minute * MINUTE) == ""


def born(at: int, value: int) -> str:
    """A series that does not exist before that sample."""
    return f"_x{at} {value}x{HOUR}"


FIRES = {
    "one-pod-went-past-it": ("FailsOpen", {FAIL_OPEN: f"4x80 5x{HOUR}"}, 50),
    "the-very-first-one": ("FailsOpen", {FAIL_OPEN: born(80, 3)}, 50),
    "no-pod-of-it-is-up": ("WebhookMissing", {k: f"0x{HOUR}" for k in UP_WEBHOOK}, 10),
    "it-is-no-target": ("WebhookMissing", {k: "_x1" for k in WELL if WEBHOOK in k}, 10),
    "six-days-are-left": ("CertificateExpires", {EXPIRY: f"{6 * DAY}x{HOUR}"}, 20),
    "its-end-is-not-known": ("CertificateExpires", {EXPIRY: f"0x{HOUR}"}, 20),
    "no-cycle-since": ("ScalerStuck", {CYCLE: f"0+{alerts.STEP}x10 300x{HOUR}"}, 20),
    "no-scaler": ("ScalerStuck", {k: "_x1" for k in WELL if SCALER in k}, 10),
    "a-workload-waits": ("WebhookUnverified", {BLOCKED: f"1x{HOUR}"}, 10),
    "refused-each-minute": ("ActionsFail", {FAILED: f"0+0.5x{HOUR}"}, 30),
    "no-usage-is-read": ("UsageOld", {AGE: f"7x10 200+30x{HOUR}"}, 20),
    "four-sizes-were-taken-back": ("Rollbacks", {ROLLBACKS: f"0x10 1 2 3 5x{HOUR}"}, 20),
    "the-disk-is-full": ("HistoryDegraded", {DEGRADED: f"1x{HOUR}"}, 20),
    "two-in-a-hundred-wait": ("WebhookSlow", slow("1", f"0+58x{HOUR}"), 30),
}


@pytest.mark.parametrize(("name", "changed", "minute"), FIRES.values(), ids=FIRES)
def test_an_alert_fires_where_it_should_and_no_other_does(
    rules: Rules, name: str, changed: dict[str, str], minute: int
) -> None:
    assert alerts.differs(rules, {**WELL, **changed}, [f"Podtailor{name}"], minute * MINUTE) == ""


QUIET = {
    "over-for-fifteen-minutes": ({FAIL_OPEN: f"4x20 5x{HOUR}"}, 30),
    "the-very-first-is-over": ({FAIL_OPEN: born(20, 3)}, 30),
    "one-of-two-webhook-pods": ({f'up{{pod="a", {WEBHOOK}}}': f"0x{HOUR}"}, 59),
    "a-rollout-of-all-in-four-minutes": ({k: f"0x7 1x{HOUR}" for k in UP_WEBHOOK}, 10),
    "eight-days-are-left": ({EXPIRY: f"{8 * DAY}x{HOUR}"}, 59),
    "a-slow-cycle": ({CYCLE: f"0+{alerts.STEP}x10 300x3 450+{alerts.STEP}x{HOUR}"}, 10),
    "a-workload-waited-for-a-moment": ({BLOCKED: f"1x8 0x{HOUR}"}, 10),
    "ten-refusals": ({FAILED: f"0x20 8x{HOUR}"}, 12),
    "usage-was-late-for-four-minutes": ({AGE: f"7x10 200+30x6 7x{HOUR}"}, 12),
    "two-rollbacks": ({ROLLBACKS: f"0x10 2x{HOUR}"}, 20),
    "a-write-that-failed": ({DEGRADED: f"0x5 1x4 0x{HOUR}"}, 20),
    "one-in-two-hundred-waits": (slow("1", f"0+59.7x{HOUR}"), 59),
}


@pytest.mark.parametrize(("changed", "minute"), QUIET.values(), ids=QUIET)
def test_no_alert_fires_for_what_is_over_or_not_enough(
    rules: Rules, changed: dict[str, str], minute: int
) -> None:
    assert alerts.differs(rules, {**WELL, **changed}, [], minute * MINUTE) == ""


def test_a_certificate_that_lives_for_minutes_is_not_always_about_to_end(render: Render) -> None:
    certificates = {"leafLifetime": "6m", "refresh": "10s"}
    values = {"monitoring": {"prometheusRule": {"enabled": True}}}
    spec = render({**values, "webhook": {"certificates": certificates}}).one("PrometheusRule")
    renewed = f"360x7 600x7 840x7 1080x7 1320x7 1560x{HOUR}"
    for minute in (3, 7, 11, 19):
        assert alerts.differs(spec["spec"], {**WELL, EXPIRY: renewed}, [], minute * MINUTE) == ""
    over = ["PodtailorCertificateExpires"]
    assert alerts.differs(spec["spec"], {**WELL, EXPIRY: renewed}, over, 27 * MINUTE) == ""
