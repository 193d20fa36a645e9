"""The few forms of Markdown in which docs/reasons.md is written, as HTML. Pure.

Everything is escaped first, so that nothing in the text is HTML. A link that leads to another file
is shown as its text: that file is not shipped.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")


def html(text: str) -> str:
    """The document, from its first heading on."""
    return "\n".join(_blocks(text))


def meanings(text: str) -> dict[str, str]:
    """What each heading of one word begins with, without marks: what a reason code means."""
    found = re.findall(r"^### (\w+)\n\n(.+?)(?=\n\n)", text, re.MULTILINE | re.DOTALL)
    return {code: _plain(first) for code, first in found}


def anchor(title: str) -> str:
    """A heading's id, as GitHub makes it."""
    return re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")


def _blocks(text: str) -> Iterator[str]:
    for block in re.split(r"\n{2,}", text.strip("\n")):
        lines = block.splitlines()
        for kind, some in groupby(lines, _kind):
            yield _BLOCKS[kind]([*some])


def _kind(line: str) -> str:
    if line.startswith("#"):
        return "heading"
    if line.startswith("|"):
        return "table"
    if line.startswith("    "):
        return "code"
    if re.match(r"(- |\d+\. )", line):
        return "list"
    return "text"


def _heading(lines: Sequence[str]) -> str:
    marks, _, title = lines[0].partition(" ")
    level = len(marks)
    return f'<h{level} id="{escape(anchor(title))}">{_inline(title)}</h{level}>'


def _table(lines: Sequence[str]) -> str:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    head = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>" for row in rows[2:]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _code(lines: Sequence[str]) -> str:
    return f"<pre>{escape(chr(10).join(line[4:] for line in lines))}</pre>"


def _list(lines: Sequence[str]) -> str:
    kind = "ul" if lines[0].startswith("- ") else "ol"
    items = "".join(f"<li>{_inline(line.partition(' ')[2])}</li>" for line in lines)
    return f"<{kind}>{items}</{kind}>"


def _text(lines: Sequence[str]) -> str:
    return f"<p>{_inline(' '.join(line.strip() for line in lines))}</p>"


_BLOCKS = {"heading": _heading, "table": _table, "code": _code, "list": _list, "text": _text}


def _inline(text: str) -> str:
    """Code spans are taken out first: nothing in them is anything else."""
    spans: list[str] = []

    def kept(match: re.Match[str]) -> str:
        spans.append(f"<code>{match[1]}</code>")
        return f"\0{len(spans) - 1}\0"

    text = _CODE.sub(kept, escape(text))
    text = _BOLD.sub(r"<strong>\1</strong>", _LINK.sub(_linked, text))
    return re.sub(r"\0(\d+)\0", lambda m: spans[int(m[1])], text)


def _plain(text: str) -> str:
    return re.sub(r"[`*]", "", _LINK.sub(r"\1", " ".join(text.split())))


def _linked(match: re.Match[str]) -> str:
    return f'<a href="{match[2]}">{match[1]}</a>' if match[2].startswith("#") else match[1]
