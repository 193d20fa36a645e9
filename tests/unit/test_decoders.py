"""Types are learnt as modules are read, by one thread: decision 86."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ("kube", "store", "link", "webhook", "scaler", "agent")
MODULES = sorted(path for name in PROGRAMS for path in (ROOT / name).rglob("*.py"))

AT_ONCE = """
import sys, threading
from kube import errors, wire

LIST = b'{"metadata": {"resourceVersion": "1"}, "items": [{"a": 1}]}'
EVENT = b'{"type": "ADDED", "object": {"metadata": {"name": "a", "namespace": "b"}}}'
ready = threading.Barrier(24)

class Gateway:
    def get(self, path, **query):
        return LIST

def read():
    ready.wait()
    list(wire.pages(Gateway(), "/pods"))
    wire.event_of(EVENT)
    errors.error_of(403, b'{"message": "no"}')

sys.setswitchinterval(1e-6)
threads = [threading.Thread(target=read) for _ in range(24)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_type_is_learnt_where_something_is_read(path: Path) -> None:
    found = [
        f"line {node.lineno}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("decode", "convert")
        and any(k.arg == "type" for k in node.keywords)
    ]
    assert found == [], "make a Decoder as the module is read"


def test_24_threads_that_read_their_first_answer_at_once() -> None:
    """Each with `decode(…, type=…)`: one process in four ended with a segmentation fault."""
    for _ in range(8):
        done = subprocess.run([sys.executable, "-c", AT_ONCE], cwd=ROOT, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
