"""README, schema, changelog and Chart.yaml agree with values.yaml and with each other."""

import json
import re
from typing import Any

import yaml

from tests.chart import readme
from tests.chart.conftest import CHART

VALUES = (CHART / "values.yaml").read_text()
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
META = yaml.safe_load((CHART / "Chart.yaml").read_text())
# Filled in by users; their content is defined by Kubernetes or has a line of its own.
_OPEN = ("global",)


def leaves(tree: Any, path: str = "") -> list[str]:
    """Paths of all values; an empty or free map is one."""
    if not isinstance(tree, dict) or not tree:
        return [path]
    return [p for key, value in tree.items() for p in leaves(value, f"{path}.{key}".lstrip("."))]


def test_the_readme_has_every_value_as_it_is_today() -> None:
    text = readme.README.read_text()
    assert readme.filled(text, VALUES) == text, "run python -m tests.chart.readme"


def test_every_value_has_a_comment() -> None:
    commented = [value.path for value in readme.values(VALUES)]
    bare = [
        leaf
        for leaf in leaves(yaml.safe_load(VALUES))
        if not any(leaf == path or leaf.startswith(f"{path}.") for path in commented)
    ]
    assert not bare


def test_the_schema_knows_every_value_and_closes_every_group() -> None:
    assert not list(_unknown(yaml.safe_load(VALUES), SCHEMA, ""))


def _unknown(tree: Any, schema: Any, path: str) -> list[str]:
    if "$ref" in schema:
        schema = SCHEMA["definitions"][schema["$ref"].rsplit("/", 1)[-1]]
    if "properties" not in schema:
        return []
    missing = [f"{path}.{key}" for key in tree if key not in schema["properties"]]
    if path.lstrip(".") not in _OPEN and schema.get("additionalProperties") is not False:
        missing.append(f"{path} is open")
    for key, value in tree.items():
        if key in schema["properties"] and isinstance(value, dict):
            missing += _unknown(value, schema["properties"][key], f"{path}.{key}")
    return missing


def test_the_changelog_tells_of_this_version_what_the_chart_says_of_it() -> None:
    changelog = (CHART / "CHANGELOG.md").read_text()
    parts = re.split(r"^## \[(.+?)\].*$", changelog, flags=re.MULTILINE)
    section = dict(zip(parts[1::2], parts[2::2], strict=True))[META["version"]]
    changes = yaml.safe_load(META["annotations"]["artifacthub.io/changes"])
    for change in changes:
        assert f"### {change['kind'].capitalize()}" in section
        assert change["description"] in " ".join(section.split())


def test_the_version_is_that_of_the_programs() -> None:
    project = (CHART.parents[1] / "pyproject.toml").read_text()
    assert f'version = "{META["appVersion"]}"' in project


def test_the_oldest_kubernetes_is_named_so_that_managed_clusters_pass() -> None:
    assert re.fullmatch(r">=1\.\d+\.0-0", META["kubeVersion"])
