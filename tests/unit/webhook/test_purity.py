"""The pure half of the webhook stays pure, Flask stays in one module, gunicorn in three."""

import ast
from pathlib import Path

import pytest

import webhook

FOLDER = Path(str(webhook.__file__)).parent
PURE = ("answer", "outcome", "owner", "patch", "review")
IMPURE = {"os", "time", "threading", "logging", "socket", "ssl", "random", "datetime", "pathlib"}
ONLY_IN = {
    "flask": {"app"},
    "prometheus_client": {"metrics"},
    "gunicorn": {"connection", "server", "worker"},
    "cryptography": set[str](),
    "kubernetes": set[str](),
}


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("module", PURE)
def test_a_pure_module_reaches_for_nothing_outside(module: str) -> None:
    names = imported(FOLDER / f"{module}.py")
    assert not names & (IMPURE | ONLY_IN.keys())


@pytest.mark.parametrize("package", ONLY_IN)
def test_a_package_is_imported_only_where_it_belongs(package: str) -> None:
    users = {path.stem for path in FOLDER.glob("*.py") if package in imported(path)}
    assert users == ONLY_IN[package]
