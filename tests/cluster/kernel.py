"""Machine-wide settings that a kubelet changes, restored when the last cluster is removed.

The kubelet refuses to start unless these have its values, so they cannot be left unchanged.
"""

import json
from pathlib import Path

from .layout import Layout

_SETTINGS = (
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
)


def remember(layout: Layout) -> None:
    """Record the original values, unless a cluster of another checkout has done so."""
    note = _note(layout)
    if not note.exists():
        values = {
            name: path.read_text().strip() for name in _SETTINGS if (path := _path(name)).exists()
        }
        note.write_text(json.dumps(values))


def put_back(layout: Layout) -> None:
    """Restore the values if no other cluster is left."""
    note = _note(layout)
    others = [path for path in layout.states.iterdir() if path.is_dir() and path != layout.home]
    if others or not note.exists():
        return
    for name, value in json.loads(note.read_text()).items():
        if _path(name).read_text().strip() != value:
            _path(name).write_text(value)
    note.unlink()


def _path(name: str) -> Path:
    return Path("/proc/sys") / name


def _note(layout: Layout) -> Path:
    return layout.states / "kernel-before.json"
