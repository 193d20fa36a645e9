"""A copy of the repository in which mutmut changes one room alone.

mutmut wraps each function that it may change. With one room wrapped, and that room's tests alone,
what takes a quarter of an hour before the first change is tried takes seconds.
"""

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parents[2]
_COPIED = ("kube", "store", "link", "webhook", "agent", "scaler", "tests", "charts", "docs")
_ALSO = {"health": ("planning",), "planning": ("health",), "status": ("planning",)}
"""Rooms of which the unit tests are in another room's folder as well."""
_LEFT_OUT = {"execution": ("test_asked_seldom.py",)}
"""Tests of whole minutes, which would take most of an hour's judging for themselves."""
_PLAIN = ("-p", "no:cacheprovider", "-p", "no:xdist")
_SECONDS, _TIMES = 4.0, 15.0
"""A change is given up after so many times (the usual time of its tests and these seconds)."""


@dataclass(frozen=True)
class Workplace:
    """Where one room is judged."""

    room: str
    root: Path

    def holds(self, mutant: str) -> bool:
        """Whether a change is one of the room's."""
        return mutant.startswith(self.room.rstrip("*"))


def made(room: str) -> Workplace:
    """The copy as of now; what mutmut found there before stays."""
    root = HERE / "build" / "mutation" / room.rstrip("*.")
    root.mkdir(parents=True, exist_ok=True)
    for name in _COPIED:
        shutil.rmtree(root / name, ignore_errors=True)
        skipped = shutil.ignore_patterns("__pycache__", "*.pyc", "vendor", "node_modules")
        shutil.copytree(HERE / name, root / name, ignore=skipped)
    (root / "pyproject.toml").write_text(_settings(room))
    return Workplace(room, root)


def tests_of(room: str) -> list[str]:
    """The folders of the unit tests that judge a room, or a module of one."""
    folder = room.rstrip("*.").split(".")[1]
    return [f"tests/unit/scaler/{name}" for name in (folder, *_ALSO.get(folder, ()))]


def _left_out(room: str) -> list[str]:
    folder = room.rstrip("*.").split(".")[1]
    files = _LEFT_OUT.get(folder, ())
    return [f"--ignore=tests/unit/scaler/{folder}/{name}" for name in files]


def _settings(room: str) -> str:
    pattern = room.rstrip("*.").replace(".", "/") + "*"
    options = tomllib.loads((HERE / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    return "\n".join(
        [
            "[tool.mutmut]",
            'source_paths = ["scaler"]',
            f'only_mutate = ["{pattern}"]',
            f"also_copy = {[n for n in _COPIED if n != 'scaler']}",
            f"pytest_add_cli_args = {[*_PLAIN, *_left_out(room)]}",
            f"pytest_add_cli_args_test_selection = {tests_of(room)}",
            "use_git_change_detection = false",
            f"timeout_constant = {_SECONDS}",
            f"timeout_multiplier = {_TIMES}",
            "[tool.pytest.ini_options]",
            'pythonpath = ["."]',
            f"markers = {options['markers']}",
            f"filterwarnings = {options['filterwarnings']}",
            "",
        ]
    )
