"""A build leaves no pipe open, so that a test that has to build first does not fail."""

import gc
import os
from pathlib import Path

import pytest

from .compiling import compile_part
from .pins import PARTS
from .say import ClusterError

PART = PARTS[0]


def _go(folder: Path, status: int) -> str:
    made = folder / "go"
    made.write_text(f"#!/bin/sh\necho said $1\nexit {status}\n")
    made.chmod(0o755)
    return str(made)


def _open_files() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


def test_nothing_is_left_open(tmp_path: Path) -> None:
    """If a pipe is left to the garbage collector, its warning is an error."""
    before = _open_files()
    compile_part(_go(tmp_path, 0), PART, (), tmp_path, {})
    assert _open_files() == before


def test_the_compiler_s_output_is_reported_if_it_fails(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="said list"):
        compile_part(_go(tmp_path, 1), PART, (), tmp_path, {})
