"""Progress messages, running programs, and failing with one clear sentence."""

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

_STARTED = time.monotonic()


class ImageError(Exception):
    """An error that the user must see; printed without a traceback, exit status 1."""


def say(text: str) -> None:
    """Print one line of progress with the seconds since the command started."""
    print(f"image: {time.monotonic() - _STARTED:5.1f} s  {text}", file=sys.stderr, flush=True)


def run(*command: str | Path, environ: Mapping[str, str] | None = None) -> str:
    """The program's standard output; raises ImageError with its last output if it fails."""
    line = [str(word) for word in command]
    done = subprocess.run(line, capture_output=True, text=True, env=environ)
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise ImageError(f"`{' '.join(line)}` failed ({done.returncode}):\n{tail}")
    return done.stdout.strip()
