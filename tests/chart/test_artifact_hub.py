"""The annotations in Chart.yaml follow Artifact Hub's documentation for Helm annotations.

`ah lint`, its own program, is a Go module that the module proxy does not provide.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from image import names
from tests.chart.conftest import CHART, Render
from tests.chart.test_pods import pods_of

META = yaml.safe_load((CHART / "Chart.yaml").read_text())
PREFIX = "artifacthub.io/"
ANNOTATIONS: dict[str, str] = {
    key.removeprefix(PREFIX): value
    for key, value in META["annotations"].items()
    if key.startswith(PREFIX)
}
KNOWN = {
    "alternativeName", "category", "changes", "containsSecurityUpdates", "crds", "crdsExamples",
    "images", "license", "links", "maintainers", "operator", "operatorCapabilities", "prerelease",
    "recommendations", "screenshots", "signKey",
}  # fmt: skip
CATEGORIES = {
    "ai-machine-learning", "database", "integration-delivery", "monitoring-logging", "networking",
    "security", "skip-prediction", "storage", "streaming-messaging",
}  # fmt: skip
CHANGES = {"added", "changed", "deprecated", "removed", "fixed", "security"}


def listed(name: str) -> list[Any]:
    found = yaml.safe_load(ANNOTATIONS[name])
    assert isinstance(found, list) and found
    return found


def test_every_annotation_is_known_and_a_string() -> None:
    assert set(ANNOTATIONS) <= KNOWN
    assert all(isinstance(value, str) for value in ANNOTATIONS.values())


def test_flags_for_artifact_hub_are_true_or_false() -> None:
    for name in ("containsSecurityUpdates", "operator", "prerelease"):
        assert ANNOTATIONS.get(name, "false") in ("true", "false")


def test_the_category_is_one_that_artifact_hub_knows() -> None:
    assert ANNOTATIONS["category"] in CATEGORIES


def test_each_change_has_a_kind_that_artifact_hub_knows_and_a_description() -> None:
    for change in listed("changes"):
        assert set(change) <= {"kind", "description", "links"}
        assert change["kind"] in CHANGES and change["description"]


def test_a_security_fix_is_announced_as_one() -> None:
    fixes = any(change["kind"] == "security" for change in listed("changes"))
    assert ANNOTATIONS.get("containsSecurityUpdates", "false") == str(fixes).lower()


def test_the_license_is_the_repository_s() -> None:
    text = (CHART.parents[1] / "LICENSE").read_text()
    assert (
        ANNOTATIONS["license"] == "Apache-2.0"
        and "Apache License" in text
        and "Version 2.0" in text
    )


def test_the_images_are_those_that_the_chart_starts(render: Render) -> None:
    pods = pods_of(render().objects)
    started = {c["image"] for pod in pods.values() for c in pod["spec"]["containers"]}
    assert {image["image"] for image in listed("images")} == started
    platforms = {architecture.platform for architecture in names.EVERY}
    assert all(set(image["platforms"]) == platforms for image in listed("images"))


def test_the_kinds_are_those_that_the_chart_defines(render: Render) -> None:
    definition = render().one("CustomResourceDefinition")
    [crd] = listed("crds")
    assert set(crd) == {"kind", "version", "name", "displayName", "description"}
    versions = [v["name"] for v in definition["spec"]["versions"]]
    assert (crd["name"], crd["kind"]) == (
        definition["metadata"]["name"],
        definition["spec"]["names"]["kind"],
    )
    assert [crd["version"]] == versions
    for example in listed("crdsExamples"):
        assert example["apiVersion"] == f"{definition['spec']['group']}/{crd['version']}"
        assert example["kind"] == crd["kind"]


def test_only_a_prerelease_is_marked_as_one() -> None:
    before_one = META["version"].startswith("0.") or "-" in META["version"]
    assert ANNOTATIONS["prerelease"] == str(before_one).lower()
    assert re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", META["version"])


def test_the_description_fits_on_a_card() -> None:
    assert 20 <= len(META["description"]) <= 120 and not META["description"].endswith(".")
    assert META["keywords"] and META["maintainers"] and Path(CHART / "README.md").exists()
