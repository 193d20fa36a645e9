"""What the documents point to is there: files, headings, modules, targets, rooms."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import structure

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs/decisions"  # of their day: what they name may have moved since
FOLDERS = (
    "kube",
    "store",
    "link",
    "webhook",
    "scaler",
    "agent",
    "tests",
    "image",
    "charts",
    "docs",
)
PAGES = [
    str(page.relative_to(ROOT))
    for page in sorted(
        [*ROOT.glob("*.md"), *(p for f in FOLDERS for p in (ROOT / f).rglob("*.md"))]
    )
    if DECISIONS not in page.parents
]


def headings(page: Path) -> set[str]:
    """Its headings as anchors, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


def dead_links(page: Path) -> Iterator[str]:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        name, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in headings(target)):
            yield link


def dead_paths(page: Path) -> Iterator[str]:
    """Code spans that are a path from the root, `tests/x.py::test` included."""
    for span in re.findall(r"`([^`\s]+)`", page.read_text()):
        name = span.partition("::")[0]
        if name.split("/")[0] not in FOLDERS or "/" not in name or "*" in name or "NNNN" in name:
            continue
        if not (ROOT / name).exists():
            yield span


@pytest.mark.parametrize("name", PAGES)
def test_links_and_paths_lead_somewhere(name: str) -> None:
    page = ROOT / name
    assert [*dead_links(page), *dead_paths(page)] == []


def test_each_target_that_a_document_names_is_in_the_help_below_a_heading() -> None:
    printed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    groups = re.findall(r"^(\w+)\n((?:  make .+\n?)+)", printed.stdout, re.MULTILINE)
    listed = {t for _, lines in groups for t in re.findall(r"^  make (\S+)", lines, re.MULTILINE)}
    assert [heading for heading, _ in groups] == [
        "Setup",
        "Checks",
        "Cluster",
        "Measuring",
        "Image",
    ]
    target = re.compile(r"[`\n] *make ([a-z][a-z-]+)(?![a-z0-9-])")
    named = {t for n in PAGES for t in target.findall((ROOT / n).read_text())}
    assert named - {"help"} <= listed


def test_development_has_each_room_on_its_floor() -> None:
    page = (ROOT / "docs/development.md").read_text()
    rows = re.findall(r"^\| ([\d, ]+) \| (`scaler/.*?) \|", page, re.MULTILINE)
    shown = {
        (int(floor), re.sub(r"^scaler/|/$|\.py$", "", path))
        for floors, paths in rows
        for floor, path in zip(_floors(floors, paths), re.findall(r"`(.+?)`", paths), strict=True)
    }
    real = enumerate(reversed(structure.floors()), start=1)
    assert shown == {(floor, room) for floor, rooms in real for room in rooms}


def _floors(floors: str, paths: str) -> list[str]:
    """One for each path: `10, 9` are those of two."""
    each = floors.split(", ")
    return each if len(each) > 1 else each * len(re.findall(r"`.+?`", paths))
