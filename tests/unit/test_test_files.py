"""Every module that decides has a test file of its name, in the folder of its room.

`scaler/sizing/recovery.py` is tested by `tests/unit/scaler/sizing/test_recovery.py`. What decides
is what test_purity.py holds to be pure; a module of types alone is excepted here, with the reason.
"""

from pathlib import Path

import pytest

from tests.unit.test_purity import PURE_IN_KUBE, ROOT, pure_modules

WITHOUT = {
    "kube/objects": "what the API server sends, as types; read by the tests of everything else",
    "link/messages": "what agents and scaler say to each other, as types; test_lines.py reads them",
    "scaler/agents/counting": "which containers count and what is said of one, as types",
    "scaler/annotations/options": "what users can ask for, as types",
    "scaler/certificates/options": "names and lifetimes, as types",
    "scaler/history/schema": "tables, as text; every test of the room works with them",
    "scaler/model": "what the core hands to the shell, as types",
    "scaler/page/past": "what the page asks of the history, as a type",
    "scaler/permissions": "what the loop asks before it acts, as a type",
    "scaler/policies/policy": "what a policy is, as types",
    "scaler/policies/proposal": "what a policy wants, as a type",
    "scaler/replacement/candidate": "the next pod, as a type",
    "scaler/replacement/new_pods": "checks of next_pod.py; test_next_pod.py has a case of each",
    "scaler/replacement/no_replacement": "likewise",
    "scaler/replacement/not_now": "likewise",
    "scaler/replacement/prospects": "what is asked before a replacement, as types",
    "scaler/reporting/metrics": "names of metrics; tests/chart holds alerts and documents to them",
    "store/annotations": "names of annotations",
    "store/records": "what a status counts and remembers, as types",
    "store/reasons": "codes; test_reasons_documented.py holds the documents to them",
    "webhook/outcome": "codes of what became of a review, as a type",
}


def deciding() -> list[str]:
    """The modules that decide, such as `scaler/sizing/recovery`."""
    kube = [ROOT / "kube" / f"{name}.py" for name in sorted(PURE_IN_KUBE)]
    found = [path.relative_to(ROOT).with_suffix("") for path in [*pure_modules(), *kube]]
    return [path.as_posix() for path in found if path.name != "__init__"]


def _test_file(module: str) -> Path:
    path = Path(module)
    return ROOT / "tests" / "unit" / path.parent / f"test_{path.name}.py"


def excepted(module: str) -> bool:
    """A module that is listed, or is in a package that is."""
    return any(f"{module}/".startswith(f"{name}/") for name in WITHOUT)


@pytest.mark.parametrize("module", [m for m in deciding() if not excepted(m)])
def test_a_module_that_decides_has_a_test_file_of_its_name(module: str) -> None:
    found = _test_file(module)
    assert found.exists(), f"write {found.relative_to(ROOT)}, or list {module} with a reason"
    assert "def test_" in found.read_text()


@pytest.mark.parametrize("module", sorted(WITHOUT))
def test_an_excepted_module_exists_and_has_no_test_file(module: str) -> None:
    assert (ROOT / f"{module}.py").exists() or (ROOT / module).is_dir(), "take it off the list"
    assert not _test_file(module).exists(), "it has a test file: take it off the list"
