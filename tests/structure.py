"""`python -m tests.structure`: the scaler's packages ("rooms"), and the imports between them.

Floors are the layers of the contract in pyproject.toml, which `make check` enforces. An arrow is a
pair of rooms of which one imports the other; a backward arrow leads to the same floor or up.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "scaler"


def floors() -> list[list[str]]:
    """The rooms of each floor, from the front door down."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    found = next(c for c in contracts if c.get("containers") == [PACKAGE])
    return [[room.strip() for room in layer.split("|")] for layer in found["layers"]]


def arrows() -> set[tuple[str, str]]:
    """Pairs of rooms: the importing one and the imported one."""
    return {
        (room, other)
        for path in sorted((ROOT / PACKAGE).rglob("*.py"))
        for other in _imported(path)
        if (room := _room(path)) and other != room
    }


def _room(path: Path) -> str:
    return path.relative_to(ROOT / PACKAGE).parts[0].removesuffix(".py")


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            package, _, rest = node.module.partition(".")
            if package == PACKAGE:
                yield from [rest.partition(".")[0]] if rest else [a.name for a in node.names]


def main() -> int:
    """Print both; 1 if there is a backward arrow."""
    levels = floors()
    floor_of = {room: number for number, rooms in enumerate(levels) for room in rooms}
    found = arrows()
    backward = sorted((a, b) for a, b in found if floor_of[b] <= floor_of[a])
    files = [*(ROOT / PACKAGE).rglob("*.py")]
    for number, rooms in enumerate(levels):
        print(f"{len(levels) - number:3}  {'  '.join(rooms)}")
    print(f"files: {len(files)}, floors: {len(levels)}, arrows between rooms: {len(found)}")
    print(f"backward arrows: {len(backward)} {backward or ''}")
    return 1 if backward else 0


if __name__ == "__main__":
    sys.exit(main())
