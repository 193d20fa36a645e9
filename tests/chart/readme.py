"""Writes the table of values into the chart's README: `python -m tests.chart.readme`.

A value's text is the `# --` comment above it, its default the one in values.yaml. A group without
such a comment is not a value itself: its members are.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[2] / "charts/podtailor"
README = CHART / "README.md"
BEGIN = "<!-- The table is generated from values.yaml: python -m tests.chart.readme -->"
END = "<!-- end of the table -->"

_KEY = re.compile(r"^( *)([A-Za-z]\w*):")
_TEXT = re.compile(r"^ *# -- (.*)$")


@dataclass(frozen=True)
class Value:
    """One row."""

    path: str
    default: object
    text: str


def values(source: str) -> list[Value]:
    """The commented values, in the order of the file."""
    defaults = yaml.safe_load(source)
    found = []
    for path, text in _commented(source.splitlines()):
        found.append(Value(path, _at(defaults, path), text))
    return found


def _commented(lines: list[str]) -> Iterator[tuple[str, str]]:
    parents: list[tuple[int, str]] = []
    text = ""
    for line in lines:
        if comment := _TEXT.match(line):
            text = comment[1]
        elif key := _KEY.match(line):
            depth = len(key[1])
            parents = [(d, name) for d, name in parents if d < depth]
            parents.append((depth, key[2]))
            if text:
                yield ".".join(name for _, name in parents), text
            text = ""


def _at(tree: Any, path: str) -> object:
    for name in path.split("."):
        tree = tree[name]
    return tree


def table(source: str) -> str:
    """The Markdown table."""
    rows = ["| Value | Default | Meaning |", "| --- | --- | --- |"]
    for value in values(source):
        text = value.text.replace("|", "\\|")
        rows.append(f"| `{value.path}` | `{json.dumps(value.default)}` | {text} |")
    return "\n".join(rows)


def filled(readme: str, source: str) -> str:
    """The README with the current table."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(source)}\n{END}{after}"


def main() -> int:
    source = (CHART / "values.yaml").read_text()
    README.write_text(filled(README.read_text(), source))
    return 0


if __name__ == "__main__":
    sys.exit(main())
