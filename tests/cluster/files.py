"""Writes files that running servers read or watch: atomically, and only on a change."""

from pathlib import Path


def write(path: Path, content: str | bytes, mode: int = 0o644) -> bool:
    """True if the content is new. kube-proxy exits whenever its file is touched."""
    raw = content.encode() if isinstance(content, str) else content
    if path.exists() and path.read_bytes() == raw:
        return False
    temporary = path.with_name(path.name + ".new")
    temporary.touch(mode=mode)
    temporary.write_bytes(raw)
    temporary.replace(path)
    return True
