"""The node agents of the installed release, switched on as its users do it."""

import subprocess
from pathlib import Path

from tests.demo.timeline import Timeline

_UPGRADE = ("helm", "upgrade", "podtailor", "charts/podtailor", "-n", "podtailor-system")
_SWITCHED_ON = (*_UPGRADE, "--reuse-values", "--set", "agent.enabled=true")
_WAITING = ("--wait", "--timeout", "120s")


def switch_on(timeline: Timeline) -> bool:
    """Whether Helm says that they are ready. They stay on, or the scaler would start once more."""
    timeline.say(f"agent       {' '.join(_SWITCHED_ON)}")
    root = Path(__file__).parents[2]
    command = (*_SWITCHED_ON, *_WAITING)
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode:
        timeline.say(f"FAILED: no node agents: {done.stderr.strip()}")
    return not done.returncode
