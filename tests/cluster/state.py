"""Whether the cluster on disk is from this boot, and a lock that allows one command at a time."""

import fcntl
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import files, network
from .layout import Layout
from .say import ClusterError, say

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@contextmanager
def alone(layout: Layout) -> Iterator[None]:
    """One `up`, `down` or `component` per checkout at a time; `down` removes the lock file."""
    try:
        layout.states.mkdir(parents=True, exist_ok=True)
    except PermissionError as error:
        raise ClusterError(f"{layout.states} cannot be written: run as root") from error
    with _locked(layout.lock):
        try:
            yield
        finally:
            if not layout.home.exists():
                layout.lock.unlink(missing_ok=True)
                if not any(layout.states.iterdir()):
                    layout.states.rmdir()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    while True:
        with path.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("another command changes this cluster: waiting for it")
                fcntl.flock(file, fcntl.LOCK_EX)
            # The previous holder may have removed the file: then our lock is on a deleted file.
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                yield
                return


def is_whole(layout: Layout) -> bool:
    """True if an `up` finished during this boot: then missing parts can be started again."""
    if not layout.run_env.exists() or _boot_file(layout).read_text() != _BOOT.read_text():
        return False
    return all(network.exists(node) for node in layout.nodes())


def note_whole(layout: Layout) -> None:
    """Write the file that marks success; the last step. `tests/cluster/run` reads it."""
    node = layout.node(1)
    files.write(_boot_file(layout), _BOOT.read_text())
    lines = {
        "NETNS": node.netns_path,
        "KUBECONFIG": layout.admin_kubeconfig,
        "CONTAINERD_ADDRESS": node.containerd_address,
        "BIN": layout.bin,
    }
    text = "".join(f"{name}={shlex.quote(str(value))}\n" for name, value in lines.items())
    files.write(layout.run_env, text)


def _boot_file(layout: Layout) -> Path:
    return layout.home / "boot"
