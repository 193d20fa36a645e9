"""The files that the page is made of, read once: from this package, none from anywhere else."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parent / "static"
REASONS = Path(__file__).parents[2] / "docs/reasons.md"
"""In the image it is beside the code, as in the repository."""
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}


@dataclass(frozen=True)
class Asset:
    """One file, plain and compressed."""

    content: bytes
    compressed: bytes
    mimetype: str
    etag: str


def asset(content: bytes, suffix: str) -> Asset:
    """A file with this content."""
    digest = hashlib.sha256(content).hexdigest()[:16]
    guessed = _TYPES.get(suffix) or mimetypes.guess_type(f"x{suffix}")[0] or "text/plain"
    return Asset(content, gzip.compress(content, 9, mtime=0), guessed, digest)


def assets() -> Mapping[str, Asset]:
    """All of them by their path below `static/`."""
    paths = (p for p in sorted(STATIC.rglob("*")) if p.is_file())
    return {p.relative_to(STATIC).as_posix(): asset(p.read_bytes(), p.suffix) for p in paths}


def reasons() -> str:
    """The text of docs/reasons.md; where it was not shipped, where it can be found."""
    try:
        return REASONS.read_text("utf-8")
    except OSError:
        return "# Reason codes\n\nSee docs/reasons.md in the repository of this release.\n"
