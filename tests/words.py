"""`python -m tests.words`: house words in what users and developers read, per 1,000 words.

House words are words of our own making that others in the field do not use. They are listed in
`tests/house_words.txt`, with the words to use instead, and docs/glossary.md explains the list.
codespell (`make check`) reads the same file and refuses the single words everywhere, names in the
code included; phrases, which name a word in one sense only, are found here alone.

What is counted: comments, docstrings, and strings with a space in them in Python; comments in
YAML, templates and scripts; Markdown, the CRD and NOTES.txt in full.
"""

import ast
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from subprocess import run

ROOT = Path(__file__).parents[1]
LIST = Path(__file__).with_name("house_words.txt")
GLOSSARY = ROOT / "docs/glossary.md"
OWN_TEST = "tests/unit/test_words.py"

MOST = 1.0
"""House words per 1,000 words that are allowed."""

PENDING: tuple[str, ...] = ()
"""What is not rewritten yet: measured, but not held to `MOST`. codespell skips it as well."""

_TABLE = re.compile("<!-- house words -->.*?<!-- house words end -->", re.DOTALL)
_WORD = re.compile(r"[A-Za-z][\w'-]*")
_COMMENT = re.compile(r"(?:^|\s)#+ (.*)$|/\*(.*?)\*/", re.MULTILINE | re.DOTALL)
_IN_FULL = {".md", ".txt"}
_COMMENTED = {".yaml", ".tpl", ".toml", ".sh", ".in", ""}
_GENERATED = re.compile(r"go\.(mod|sum)$|requirements.*\.txt$|wheels\.txt$|golden\.txt$|LICENSE$")


def listed() -> dict[str, str]:
    """The house words and phrases, each with what to write instead."""
    rows = (line.split("->") for line in LIST.read_text().splitlines())
    return {word: better.rstrip(",") for word, better in rows}


def tabled() -> dict[str, str]:
    """The same as docs/glossary.md shows them."""
    table = _TABLE.search(GLOSSARY.read_text())
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", table[0] if table else "", re.MULTILINE)
    return {word: better for words, better in rows[2:] for word in words.split("; ")}


def prose(path: str, text: str) -> str:
    """The text of a file that is written for readers: no code."""
    if path.endswith(".py"):
        return "\n".join(_of_python(text))
    if Path(path).suffix in _IN_FULL or path.startswith("charts/podtailor/files/"):
        return _TABLE.sub("", text)
    return "\n".join(a or b for a, b in _COMMENT.findall(text))


def _of_python(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value


def found(text: str, words: Iterable[str]) -> Counter[str]:
    """How often each of the words and phrases is in the text."""
    spaced = "|".join(r"\s+".join(map(re.escape, word.split())) for word in words)
    pattern = re.compile(rf"(?<![\w'-])(?:{spaced})(?![\w'-])", re.IGNORECASE)
    return Counter(" ".join(hit.lower().split()) for hit in pattern.findall(text))


def per_thousand(texts: Iterable[str], words: Mapping[str, str]) -> float:
    """House words per 1,000 words of all the texts together."""
    together = "\n".join(texts)
    return 1000 * found(together, words).total() / max(1, len(_WORD.findall(together)))


def files() -> Iterator[str]:
    """The repository's files with text for readers; generated ones are left out."""
    listing = run(["git", "ls-files"], cwd=ROOT, capture_output=True, check=True, text=True)
    for path in listing.stdout.splitlines():
        kind = Path(path).suffix
        if kind in {".py", *_IN_FULL, *_COMMENTED} and not _GENERATED.search(path):
            yield path


def texts() -> dict[str, str]:
    """The text of those files by path, except for the list itself and its test."""
    own = {str(LIST.relative_to(ROOT)), OWN_TEST}
    return {p: prose(p, (ROOT / p).read_text()) for p in files() if p not in own}


def held(path: str) -> bool:
    """Whether the file counts for `MOST`."""
    return not path.startswith(PENDING)


def main() -> int:
    """Print the rate of each folder and, with `-v`, each place; 1 if there are too many."""
    words, read = listed(), texts()
    folders = sorted({_folder(path) for path in read})
    for folder in folders:
        here = [text for path, text in read.items() if _folder(path) == folder]
        print(f"{per_thousand(here, words):6.2f}  {folder}")
    for path, text in read.items() if "-v" in sys.argv else ():
        for word, times in found(text, words).items():
            print(f"{path}: {word} ({times}): {words[word]}")
    rate = per_thousand([text for path, text in read.items() if held(path)], words)
    print(f"{rate:6.2f}  house words per 1,000 words, at most {MOST:g}")
    return int(rate > MOST)


def _folder(path: str) -> str:
    parts = path.split("/")[:-1]
    return "/".join(parts[: 2 if parts[:1] == ["tests"] else 1]) or "."


if __name__ == "__main__":
    sys.exit(main())
