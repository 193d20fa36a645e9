"""A user's terminal: bash in the repository's root, kubectl in a namespace of its own.

And what two runs of the same commands have in common: `alike`.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.quickstart.page import ROOT

LONGEST = 420  # seconds that one command may take

_WARMING = (
    r"the container runs for \d+ s, its first minute takes \d+ s|usage has just begun to be read"
)
_MASKS = (
    (re.compile(r"\b((?:web|podtailor-\w+)-[a-z0-9]{7,10})(-[a-z0-9]{5})?\b"), "POD"),
    (re.compile(r"used \S+ of (\S+) for \d+ s"), r"used SO MUCH of \1 for a minute"),
    (re.compile(_WARMING), "the container has just started"),
    (re.compile(r"\b(\d+[hm])?\d+s\b"), "AGE"),
    (re.compile(r"\(x\d+ over AGE\)"), ""),
)


@dataclass(frozen=True)
class Terminal:
    """Commands run one after the other, each as a line of the page."""

    kubeconfig: Path

    def run(self, command: str) -> str:
        """All that it prints. Raises AssertionError where it fails."""
        done = self.tried(command)
        if done.returncode:
            raise AssertionError(f"$ {command}\n{done.stdout}")
        return done.stdout

    def tried(self, command: str) -> subprocess.CompletedProcess[str]:
        """The same, whatever comes of it; what it says of errors is in `stdout` too."""
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=ROOT,
            env={**os.environ, "KUBECONFIG": str(self.kubeconfig)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST,
        )

    def block(self, commands: Sequence[str]) -> str:
        """What a block of commands prints."""
        return "".join(self.run(command) for command in commands)


@contextmanager
def terminal(namespace: str) -> Iterator[Terminal]:
    """One whose kubectl works in this namespace where a command names none."""
    with TemporaryDirectory() as folder:
        kubeconfig = Path(folder) / "config"
        words = ["kubectl", "config", "view", "--raw", "--flatten"]
        kubeconfig.write_bytes(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout)
        kubeconfig.chmod(0o600)
        made = Terminal(kubeconfig)
        made.run(f"kubectl config set-context --current --namespace={namespace}")
        yield made


def alike(output: str) -> list[str]:
    """The lines without ages, times, figures and the ends of pods' names, sorted.

    Sorted, as two events of one second may come in either order.
    """
    for pattern, instead in _MASKS:
        output = pattern.sub(instead, output)
    return sorted(" ".join(line.split()) for line in output.splitlines() if line.strip())
