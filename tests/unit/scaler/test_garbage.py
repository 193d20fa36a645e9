"""Circles of references are looked for seldom, and still found."""

import subprocess
import sys

ASKED = """
import gc, weakref
from scaler import __main__, garbage

class Circle:
    def __init__(self):
        self.itself = self

garbage.seldom()
seen = [weakref.ref(Circle()) for _ in range(garbage.THRESHOLD // 10)]
assert all(one() for one in seen), "looked for as often as usual"
seen += [weakref.ref(Circle()) for _ in range(2 * garbage.THRESHOLD)]
assert sum(one() is not None for one in seen) <= garbage.THRESHOLD, "never looked for"
assert gc.get_freeze_count() > 10_000, "the modules are looked at each time"
"""


def test_circles_are_looked_for_seldom_and_found() -> None:
    """In a process of its own, because it changes what holds for all of it."""
    done = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
