"""Changes that no test can see, each with its reason: `equivalent.toml` beside this file.

A change is named by its function and by the lines before and after it, not by mutmut's numbers,
which move with each edit. One that is not found any more is reported by nobody: it harms nothing.
"""

import tomllib
from pathlib import Path

WHERE = Path(__file__).with_name("equivalent.toml")

Key = tuple[str, str, str]
"""The function, the lines that are changed, and what they are changed to."""


def read(where: Path = WHERE) -> dict[Key, str]:
    """The reason of each explained change."""
    entries = tomllib.loads(where.read_text()).get("change", [])
    return {(e["function"], e["before"], e["after"]): e["why"] for e in entries}
