"""Runs one program, and shows what it said where it fails."""

import subprocess

from ..say import ClusterError


def run(*argv: str) -> str:
    """What it printed. Raises ClusterError with its last words."""
    done = subprocess.run(argv, capture_output=True, text=True)
    if done.returncode != 0:
        tail = "\n".join(done.stderr.strip().splitlines()[-10:])
        raise ClusterError(f"`{' '.join(argv)[:200]}` failed:\n{tail}")
    return done.stdout
