"""Every pod that the chart can create meets the restricted standard and has correct settings."""

from pathlib import Path

import pytest

from agent import settings as agent_settings
from scaler import settings as scaler_settings
from tests.chart.conftest import Object, Render
from webhook import settings as webhook_settings

_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "projected", "secret"}


def pods_of(objects: list[Object]) -> dict[str, Object]:
    """Component -> pod, from Deployments, the DaemonSet and the test."""
    pods = {}
    for one in objects:
        if one["kind"] in ("Deployment", "DaemonSet", "Pod"):
            pod = one if one["kind"] == "Pod" else one["spec"]["template"]
            pods[pod["metadata"]["labels"]["app.kubernetes.io/component"]] = pod
    return pods


def test_every_pod_meets_the_restricted_standard(render: Render, ci_values: Path) -> None:
    pods = pods_of(render(ci_values).objects)
    agent = {"agent"} if ci_values.name == "agent-values.yaml" else set()
    assert set(pods) == {"webhook", "scaler", "selftest"} | agent
    for name, pod in pods.items():
        spec = pod["spec"]
        allowed = {*_VOLUMES, "hostPath"} if name == "agent" else _VOLUMES
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 65532
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        for volume in spec.get("volumes", []):
            assert set(volume) - {"name"} <= allowed
        for container in spec["containers"]:
            security = container["securityContext"]
            assert security["allowPrivilegeEscalation"] is False
            assert security["readOnlyRootFilesystem"] is True
            assert security["capabilities"] == {"drop": ["ALL"]}


def test_every_pod_runs_the_one_image(render: Render, ci_values: Path) -> None:
    pods = pods_of(render(ci_values).objects)
    images = {c["image"] for pod in pods.values() for c in pod["spec"]["containers"]}
    assert len(images) == 1


def test_a_token_goes_only_where_it_is_used(render: Render) -> None:
    rendered = render({"agent": {"enabled": True}})
    assert all(
        account["automountServiceAccountToken"] is False
        for account in rendered.all("ServiceAccount")
    )
    pods = pods_of(rendered.objects)
    mounted = {name: pod["spec"]["automountServiceAccountToken"] for name, pod in pods.items()}
    assert mounted == {"webhook": True, "scaler": True, "selftest": False, "agent": False}


def test_no_key_of_the_authority_is_mounted_anywhere(render: Render, ci_values: Path) -> None:
    for name, pod in pods_of(render(ci_values).objects).items():
        secrets = [v["secret"] for v in pod["spec"].get("volumes", []) if "secret" in v]
        keys = {item["key"] for secret in secrets for item in secret["items"]}
        assert all(not secret["secretName"].endswith("-ca") for secret in secrets)
        assert "tls.key" not in keys or name in ("webhook", "agent")


@pytest.mark.parametrize(
    ("component", "names"),
    [
        ("scaler", {s.name for s in scaler_settings.TABLE.values()}),
        ("webhook", {s.name for s in webhook_settings.TABLE.values()}),
        ("agent", {s.name for s in agent_settings.TABLE.values()}),
    ],
)
def test_the_chart_sets_every_setting_of_the_programs(
    render: Render, component: str, names: set[str]
) -> None:
    pods = pods_of(render({"agent": {"enabled": True}}).objects)
    [container] = pods[component]["spec"]["containers"]
    assert {f"PODTAILOR_{name}" for name in names} <= {e["name"] for e in container["env"]}


@pytest.mark.parametrize("component", ["scaler", "webhook"])
def test_the_programs_accept_what_the_chart_sets(
    render: Render, ci_values: Path, component: str
) -> None:
    [container] = pods_of(render(ci_values).objects)[component]["spec"]["containers"]
    environ = {e["name"]: e.get("value", "podtailor-system") for e in container["env"]}
    if component == "scaler":
        scaler_settings.from_env(environ)
    else:
        webhook_settings.from_env(environ)


def test_the_agent_accepts_what_the_chart_sets(render: Render) -> None:
    pods = pods_of(render({"agent": {"enabled": True}}).objects)
    [container] = pods["agent"]["spec"]["containers"]
    environ = {e["name"]: e.get("value", "node-1") for e in container["env"]}
    scaler_name = "podtailor-scaler.podtailor-system.svc"
    found = agent_settings.from_env(environ)
    assert (found.node, found.scaler, found.address) == ("node-1", scaler_name, "")
    assert environ["PODTAILOR_AGENT_ADDRESS"] == "$(PODTAILOR_SCALER_SERVICE_HOST)"


def test_service_links_stay_out_of_the_programs_environment(render: Render) -> None:
    """A Service named podtailor-webhook would set PODTAILOR_WEBHOOK_PORT to an address."""
    pods = pods_of(render().objects)
    assert pods["webhook"]["spec"]["enableServiceLinks"] is False
    assert pods["scaler"]["spec"]["enableServiceLinks"] is False
