"""README.md as its tests read it: blocks of commands, and the output that is shown below them.

A code block of language `sh` holds commands. One of language `text` right below is what they print:
`python -m tests.quickstart` writes it. Nothing else in the page is a command but code in a line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
QUICKSTART = "Quickstart"

_HEADING = re.compile(r"^#{1,6} (.*)$")
_MARK = re.compile(r"^```(\w*)$")
_COMMENT = re.compile(r"(^|\s)#\s.*$")
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_PROGRAM = re.compile(
    r"(sudo )?([A-Z_]+=\S+ )*(kubectl|helm|make|docker|git|kind|k3d|k3s|ctr|curl|python3?) \S"
)


@dataclass(frozen=True)
class Block:
    """One code block; `first` and `last` are its first and last line, with the marks, from 0."""

    heading: str
    language: str
    lines: tuple[str, ...]
    first: int
    last: int

    @property
    def commands(self) -> tuple[str, ...]:
        """Its commands, one by one, comments left out; none where it is no block of commands."""
        if self.language != "sh":
            return ()
        text = "\n".join(_COMMENT.sub("", line) for line in self.lines)
        return tuple(c.strip() for c in text.replace("\\\n", "").split("\n") if c.strip())


def blocks(page: str) -> list[Block]:
    """All code blocks, in order."""
    found, heading, opened, language = [], "", None, ""
    lines = page.splitlines()
    for number, line in enumerate(lines):
        if opened is None and (title := _HEADING.match(line)):
            heading = title[1]
        if not (mark := _MARK.match(line)):
            continue
        if opened is None:
            opened, language = number, mark[1]
            continue
        inside = tuple(lines[opened + 1 : number])
        found.append(Block(heading, language, inside, opened, number))
        opened = None
    return found


def inline(page: str) -> list[str]:
    """Commands in the middle of a sentence: code that begins with a well-known program."""
    spans = [span for line in prose(page) for span in _INLINE.findall(line)]
    return [span for span in spans if _PROGRAM.match(span)]


def prose(page: str) -> list[str]:
    """The lines outside all code blocks."""
    inside = {n for b in blocks(page) for n in range(b.first, b.last + 1)}
    return [line for n, line in enumerate(page.splitlines()) if n not in inside]


def shown(page: str, heading: str) -> list[tuple[Block, Block | None]]:
    """Each block of commands below a heading, and the block that shows what it prints, if any."""
    there = blocks(page)
    pairs = zip(there, [*there[1:], None], strict=True)
    return [
        (block, after if after and _is_output(block, after) else None)
        for block, after in pairs
        if block.heading == heading and block.commands
    ]


def _is_output(block: Block, after: Block) -> bool:
    return after.language == "text" and after.first - block.last <= 2


def filled(page: str, outputs: Sequence[str]) -> str:
    """The page with these outputs in the quickstart, one for each block of commands."""
    lines = page.splitlines()
    pairs = [*zip(shown(page, QUICKSTART), outputs, strict=True)]
    for (_, output), text in reversed(pairs):
        if output:
            lines[output.first + 1 : output.last] = text.rstrip("\n").splitlines()
    return "\n".join(lines) + "\n"
