"""Speaking to the person at the terminal, running programs, and failing with one clear sentence."""

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

_STARTED = time.monotonic()


class ImageError(Exception):
    """Something the person must know about; printed without a traceback, exit status 1."""


def say(text: str) -> None:
    """One line of progress with the seconds since the command began."""
    print(f"image: {time.monotonic() - _STARTED:5.1f} s  {text}", file=sys.stderr, flush=True)


def run(*command: str | Path, environ: Mapping[str, str] | None = None) -> str:
    """The program's standard output; ImageError with its last words where it fails."""
    line = [str(word) for word in command]
    done = subprocess.run(line, capture_output=True, text=True, env=environ)
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise ImageError(f"`{' '.join(line)}` failed ({done.returncode}):\n{tail}")
    return done.stdout.strip()
