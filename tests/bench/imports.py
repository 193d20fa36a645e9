"""How much memory each library adds to a program that imports it, measured in a new process."""

import json
import subprocess
import sys
from collections.abc import Mapping

STEPS: Mapping[str, tuple[str, ...]] = {
    "webhook": (
        *("ssl", "msgspec", "urllib3", "kube.gateway"),
        *("prometheus_client", "flask", "gunicorn.workers.gthread"),
        *("webhook.app", "webhook.server"),
    ),
    "scaler": (
        *("ssl", "cryptography.x509", "msgspec", "urllib3", "kube.gateway"),
        *("prometheus_client", "http.server", "scaler.__main__"),
    ),
}

_PROGRAM = """
import gc, importlib, json, sys
def resident():
    gc.collect()
    text = open("/proc/self/smaps_rollup").read()
    return int(text.split("Rss:")[1].split()[0]) * 1024 / 1e6
seen = {"the interpreter": resident()}
for name in sys.argv[1:]:
    before = resident()
    importlib.import_module(name)
    seen[name] = resident() - before
print(json.dumps(seen))
"""


def measured() -> dict[str, dict[str, float]]:
    """MB by program and import, in import order."""
    return {program: _of(names) for program, names in STEPS.items()}


def _of(names: tuple[str, ...]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *names], check=True, capture_output=True, text=True
    )
    return {name: round(float(v), 2) for name, v in json.loads(done.stdout).items()}
