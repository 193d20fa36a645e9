"""The same input gives the same objects, with either Helm, under any name that Helm accepts."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.chart.conftest import CHART, Object, Render, Rendered, run_helm

_LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")


def test_two_renderings_are_byte_identical(render: Render, ci_values: Path) -> None:
    assert render(ci_values).text == render(ci_values).text


def test_helm_3_and_helm_4_render_the_same_objects(
    helm3: Path, helm4: Path, ci_values: Path
) -> None:
    both = [run_helm(helm, ci_values, "podtailor", "ns").objects for helm in (helm3, helm4)]
    by_name = [{(o["kind"], o["metadata"]["name"]): o for o in objects} for objects in both]
    assert by_name[0] == by_name[1]


def test_nothing_in_the_templates_differs_from_render_to_render() -> None:
    forbidden = re.compile(
        r"\b(lookup|gen(CA|SignedCert|SelfSignedCert|PrivateKey)\w*|rand\w+|now)\b"
    )
    for path in (CHART / "templates").rglob("*.*"):
        code = re.findall(r"\{\{(.*?)\}\}", path.read_text(), re.DOTALL)
        used = [word for text in code for word in forbidden.findall(text) if "/*" not in text]
        assert not used, path


def test_the_only_hook_is_the_test(render: Render, ci_values: Path) -> None:
    hooks = [
        o["metadata"]["annotations"]["helm.sh/hook"]
        for o in render(ci_values).objects
        if "helm.sh/hook" in o["metadata"].get("annotations", {})
    ]
    assert hooks == ["test"]


@pytest.mark.parametrize(
    ("release", "namespace"),
    [
        ("r" * 53, "n" * 63),
        ("1.23", "456"),
        ("2024-01-01", "podtailor-system"),
        ("a.b.c", "on"),
    ],
)
def test_any_release_name_makes_valid_names(
    render: Render, ci_values: Path, release: str, namespace: str
) -> None:
    for one in render(ci_values, release, namespace).objects:
        metadata = one["metadata"]
        assert isinstance(metadata["name"], str)
        if one["kind"] in ("Service", "Deployment", "Pod", "Secret", "ServiceAccount"):
            assert _LABEL.fullmatch(metadata["name"]), metadata["name"]
            assert metadata["namespace"] == namespace
        for value in metadata["labels"].values():
            assert isinstance(value, str) and len(value) <= 63


def test_references_between_objects_hold_under_a_long_name(render: Render) -> None:
    rendered = render({}, "r" * 53, "n" * 63)
    service = rendered.one("Service", "-webhook")["metadata"]["name"]
    [configuration] = rendered.all("MutatingWebhookConfiguration")
    assert {w["clientConfig"]["service"]["name"] for w in configuration["webhooks"]} == {service}
    environment = env_of(rendered.one("Deployment", "-scaler"))
    assert environment["PODTAILOR_WEBHOOK_SERVICE"] == service
    assert environment["PODTAILOR_SCALER_WEBHOOKCONFIGURATION"] == configuration["metadata"]["name"]
    secrets = {o["metadata"]["name"] for o in rendered.all("Secret")}
    assert secrets == {
        environment["PODTAILOR_WEBHOOK_CERTIFICATES_SECRET"],
        environment["PODTAILOR_WEBHOOK_CERTIFICATES_CASECRET"],
    }


def test_large_and_small_numbers_reach_the_programs_as_digits(render: Render) -> None:
    values = {
        "scaler": {"restarts": {"perHour": 10000}, "terminationGracePeriodSeconds": 3600},
        "webhook": {"certificates": {"caLifetime": "999999999s"}},
        "policy": {"cpuMax": 1048576, "memoryMax": "1048576Mi"},
    }
    environment = env_of(render(values).one("Deployment", "-scaler"))
    assert environment["PODTAILOR_SCALER_RESTARTS_PERHOUR"] == "10000"
    assert environment["PODTAILOR_WEBHOOK_CERTIFICATES_CALIFETIME"] == "999999999"
    assert environment["PODTAILOR_POLICY_CPUMAX"] == "1048576"
    assert environment["PODTAILOR_POLICY_MEMORYMAX"] == "1048576Mi"


def test_large_numbers_survive_the_command_line(helm4: Path) -> None:
    given = {
        "policy.memoryMax": ("PODTAILOR_POLICY_MEMORYMAX", 10737418240),
        "policy.cpuMax": ("PODTAILOR_POLICY_CPUMAX", 1048576),
        "scaler.restarts.perHour": ("PODTAILOR_SCALER_RESTARTS_PERHOUR", 10000),
    }
    command = [str(helm4), "template", "podtailor", str(CHART)]
    for key, (_, number) in given.items():
        command += ["--set", f"{key}={number}"]
    command += ["--set", "webhook.terminationGracePeriodSeconds=3600"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rendered = Rendered(done.stdout, "")
    environment = env_of(rendered.one("Deployment", "-scaler"))
    assert {name: environment[name] for name, _ in given.values()} == {
        name: str(number) for name, number in given.values()
    }
    webhook = rendered.one("Deployment", "-webhook")["spec"]["template"]["spec"]
    assert webhook["terminationGracePeriodSeconds"] == 3600


def test_two_releases_share_no_object_without_a_namespace(render: Render) -> None:
    names = [
        {
            (o["kind"], o["metadata"]["name"])
            for o in render({"crds": {"enabled": False}}, "podtailor", namespace).objects
            if "namespace" not in o["metadata"]
        }
        for namespace in ("one", "two")
    ]
    assert names[0] and not names[0] & names[1]


def test_no_field_is_null_or_empty(render: Render, ci_values: Path) -> None:
    """GitOps tools would show them as permanent drift."""
    for one in render(ci_values).objects:
        if one["kind"] != "CustomResourceDefinition":
            assert not list(_empty(one, one["kind"])), one["metadata"]["name"]


def _empty(value: object, path: str) -> list[str]:
    if isinstance(value, dict):
        return [p for k, v in value.items() for p in _empty(v, f"{path}.{k}")]
    if isinstance(value, list):
        return [path] if not value else [p for v in value for p in _empty(v, f"{path}[]")]
    return [path] if value is None else []


def env_of(deployment: Object) -> dict[str, str]:
    """The plain environment of the only container."""
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    return {e["name"]: e["value"] for e in container["env"] if "value" in e}


def test_older_servers_get_no_rule_that_is_too_costly_for_them(helm4: Path) -> None:
    newest, older = (
        run_helm(helm4, {}, "podtailor", "ns", version).one("CustomResourceDefinition")
        for version in ("1.34.0", "1.33.5")
    )
    assert str(newest).count("quantity(") > 0
    assert str(older).count("quantity(") == 0
    assert 0 < str(older).count("'rule'") < str(newest).count("'rule'")


def test_without_surge_neither_its_rights_nor_their_policy_rules_exist(render: Render) -> None:
    """Creating pods, which the probe needs, stays restricted in any case."""

    def given(objects: list[Object]) -> set[tuple[str, str]]:
        rules = [r for o in objects if "Role" in o["kind"] for r in o.get("rules") or ()]
        return {(v, what) for r in rules for what in r["resources"] for v in r["verbs"]}

    def restricted(objects: list[Object]) -> list[str]:
        policies = [o for o in objects if o["kind"] == "ValidatingAdmissionPolicy"]
        [policy] = [p for p in policies if not p["metadata"]["name"].endswith("resize-fence")]
        operations: list[str] = policy["spec"]["matchConstraints"]["resourceRules"][0]["operations"]
        return operations

    rights = {("patch", "pods"), ("delete", "pods"), ("list", "services")}
    with_it = render().objects
    without = render({"scaler": {"surge": {"enabled": False}}}).objects
    assert rights <= given(with_it) and not rights & given(without)
    assert (restricted(with_it), restricted(without)) == (
        ["CREATE", "UPDATE", "DELETE"],
        ["CREATE"],
    )
