"""docs/reasons.md has a section for each reason code, and says nothing that the code does not.

A code counts as emitted where the code names it, other than in a flat group of codes: such a group
sorts reasons that somebody else gave.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from store.reasons import Reason

ROOT = next(p for p in Path(__file__).parents if (p / "pyproject.toml").exists())
PAGE = (ROOT / "docs" / "reasons.md").read_text("utf-8")
CODE = [
    ast.parse(path.read_text("utf-8"))
    for package in ("scaler", "webhook", "store", "kube", "link", "agent")
    for path in sorted((ROOT / package).rglob("*.py"))
    if path != ROOT / "store" / "reasons.py"
]
NOT_YET = "Not emitted yet."
VALUE = "\0"
LEAST = 5  # characters, blanks aside, that a text of the code must have to be recognised by


def sections() -> Mapping[str, str]:
    """What stands below each heading of one word, by that word."""
    found = re.findall(r"^#+ (\w+)$(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return dict(found)


def reason_of(node: ast.AST) -> str | None:
    """`Reason.X`, however it was imported."""
    if not isinstance(node, ast.Attribute):
        return None
    holder = node.value
    name = holder.attr if isinstance(holder, ast.Attribute) else getattr(holder, "id", None)
    return node.attr if name == "Reason" and node.attr in Reason.__members__ else None


def is_group(node: ast.AST) -> bool:
    """A tuple, list or set of nothing but reasons and other groups."""
    return isinstance(node, ast.Tuple | ast.List | ast.Set) and all(
        reason_of(one) or isinstance(one, ast.Starred) for one in node.elts
    )


def given(node: ast.AST) -> Iterator[str]:
    """The reasons that are named, those in groups aside."""
    if is_group(node):
        return
    if found := reason_of(node):
        yield found
    for child in ast.iter_child_nodes(node):
        yield from given(child)


def texts() -> Iterator[str]:
    """All texts of the code, with VALUE in the place of what is filled in."""
    filled = [n for tree in CODE for n in ast.walk(tree) if isinstance(n, ast.JoinedStr)]
    for text in filled:
        parts = (v.value if isinstance(v, ast.Constant) else VALUE for v in text.values)
        yield "".join(str(part) for part in parts)
    pieces = {v for text in filled for v in text.values}
    for node in (n for tree in CODE for n in ast.walk(tree)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in pieces:
            yield node.value


def message() -> re.Pattern[str]:
    """What the code can say: one of its texts, maybe with a name before it and details behind."""
    parts = {part for text in texts() for part in text.split("; ")}
    known = [p for p in parts if len("".join(p.replace(VALUE, "").split())) >= LEAST]
    forms = (".+".join(map(re.escape, p.split(VALUE))) for p in sorted(known))
    return re.compile(rf"([\w.-]+:? )?({'|'.join(forms)})([,:] .+| \(.+\))?")


def quoted() -> list[str]:
    """The messages on the page, where the code puts them together in parts."""
    lines = re.findall(r"^- Message: (.*)$", PAGE, re.MULTILINE)
    lines += re.findall(r"^\| (`.*?) \|", sections()[Reason.SURGE_UNAVAILABLE], re.MULTILINE)
    spans = (found[1] for line in lines for found in re.findall(r"(`+)(.+?)\1(?!`)", line))
    return [part for span in spans for part in span.split("; ")]


EMITTED = {Reason[name] for tree in CODE for name in given(tree)}


def test_each_code_has_one_section_and_nothing_else_looks_like_one() -> None:
    headings = re.findall(r"^#+ (\w+)$", PAGE, re.MULTILINE)
    assert sorted(headings) == sorted(Reason)


def test_each_code_is_in_the_table_of_contents_once() -> None:
    head = PAGE.partition("\n## ")[0]
    links = re.findall(r"\[(\w+)\]\(#(\w+)\)", head)
    assert sorted(links) == sorted((code, code.lower()) for code in Reason)


@pytest.mark.parametrize("code", Reason)
def test_only_codes_that_are_not_emitted_yet_are_marked_so(code: Reason) -> None:
    assert (NOT_YET in sections()[code]) == (code not in EMITTED)


@pytest.mark.parametrize("code", sorted(EMITTED))
def test_a_code_that_is_emitted_says_all_that_somebody_on_call_asks(code: Reason) -> None:
    fields = re.findall(r"^- (\w+): ", sections()[code], re.MULTILINE)
    assert fields == ["Message", "Changed", "Ends", "Do"]


def test_the_messages_are_those_of_the_code() -> None:
    known = message()
    assert [part for part in quoted() if not known.fullmatch(part)] == []


def test_links_of_the_document_lead_somewhere() -> None:
    titles = re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    assert {a for a in re.findall(r"\]\(#([^)]*)\)", PAGE)} <= anchors
