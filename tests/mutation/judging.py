"""Runs mutmut in a workplace, and simulated clusters with each change that its tests let live."""

import difflib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from tests.mutation.equivalent import Key
from tests.mutation.workplace import Workplace

_SURVIVED = (0, 5, 33)
"""mutmut's exit codes for: the tests passed; pytest found none; none comes by the function."""
_UNTRIED = (None, 2)
_TIMEOUTS = (36, 24, -24, 152, 255)
_SIMULATED = "simulated.json"


class Fate(Enum):
    """What became of a change."""

    KILLED = "killed"
    SURVIVED = "survived"
    EXPLAINED = "explained"


@dataclass(frozen=True)
class Found:
    """One change. `by`: who judged it last."""

    name: str
    fate: Fate
    key: Key
    by: str = "tests"

    def __str__(self) -> str:
        function, before, after = self.key
        return f"{self.fate.value}: {self.name}\n  {function}\n  - {before}\n  + {after}"


def judged(
    place: Workplace, processes: int, seeds: int, explained: Mapping[Key, str]
) -> list[Found]:
    """All changes of the room."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(processes)]
    environment = {**os.environ, "PYTHONPATH": str(place.root)}
    _try_survivors_again(place)
    with (place.root / "mutmut.log").open("w") as log:
        subprocess.run(
            command, cwd=place.root, env=environment, check=False, stdout=log, stderr=log
        )
    killed_before = _simulated_before(place)
    found = []
    for name, code in sorted(_codes(place)):
        if code in _UNTRIED:
            continue
        if code not in _SURVIVED:
            by = "timeout" if code in _TIMEOUTS else "tests"
            found.append(Found(name, Fate.KILLED, ("", "", ""), by))
            continue
        key = _key(place, name)
        if key in explained:
            found.append(Found(name, Fate.EXPLAINED, key))
            continue
        known = "\n".join(key) in killed_before
        if known or (seeds and _simulated(place, name, seeds)):
            killed_before.add("\n".join(key))
            (place.root / _SIMULATED).write_text(json.dumps(sorted(killed_before)))
            found.append(Found(name, Fate.KILLED, key, "simulation"))
        else:
            found.append(Found(name, Fate.SURVIVED, key))
    return found


def _try_survivors_again(place: Workplace) -> None:
    """What lived may be killed by tests that are new or were changed; what was killed is killed for
    good."""
    (place.root / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)  # who comes by what
    for meta in (place.root / "mutants" / "scaler").rglob("*.py.meta"):
        found = json.loads(meta.read_text())
        codes = found["exit_code_by_key"]
        found["exit_code_by_key"] = {n: None if c in _SURVIVED else c for n, c in codes.items()}
        meta.write_text(json.dumps(found))


def _codes(place: Workplace) -> Iterator[tuple[str, int | None]]:
    for meta in (place.root / "mutants" / "scaler").rglob("*.py.meta"):
        codes = json.loads(meta.read_text())["exit_code_by_key"]
        yield from ((n, code) for n, code in codes.items() if place.holds(n))


def _key(place: Workplace, name: str) -> Key:
    """By its function's lines before and after, as mutmut wrote them."""
    module, _, function = name.rpartition(".")
    path = place.root / "mutants" / f"{module.replace('.', '/')}.py"
    source = path.read_text().splitlines()
    original = function.rpartition("__mutmut_")[0] + "__mutmut_orig"
    was, made = ([line.strip() for line in _body(source, one)] for one in (original, function))
    changed = list(difflib.unified_diff(was, made, n=0, lineterm=""))[2:]
    before = " ".join(c[1:] for c in changed if c.startswith("-")).strip()
    after = " ".join(c[1:] for c in changed if c.startswith("+")).strip()
    plain = original.removesuffix("__mutmut_orig").removeprefix("x")
    return f"{module}.{plain.strip('_ǁ').replace('ǁ', '.')}", before, after


def _body(source: list[str], function: str) -> list[str]:
    """The lines of a function, without its name."""
    start = next(i for i, line in enumerate(source) if line.strip().startswith(f"def {function}("))
    indent = len(source[start]) - len(source[start].lstrip())
    body = [source[start].replace(function, "f")]
    for line in source[start + 1 :]:
        inside = len(line) - len(line.lstrip()) > indent
        if line.strip() and not inside and not line.lstrip().startswith((")", "]")):
            break
        body.append(line)
    return body


def _simulated_before(place: Workplace) -> set[str]:
    where = place.root / _SIMULATED
    return set(json.loads(where.read_text())) if where.exists() else set()


def _simulated(place: Workplace, name: str, seeds: int) -> bool:
    """Whether simulated clusters break a promise with it."""
    command = [sys.executable, "-m", "tests.simulation", "--runs", str(seeds), "--most", "1"]
    environment = {**os.environ, "MUTANT_UNDER_TEST": name, "PYTHONPATH": "."}
    done = subprocess.run(
        [*command, "--processes", "1"],
        cwd=place.root / "mutants",
        env=environment,
        capture_output=True,
        check=False,
    )
    return done.returncode != 0
