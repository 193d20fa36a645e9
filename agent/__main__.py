"""`python -m agent`: read the settings, sample, tell the scaler until SIGTERM."""

import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from agent.connection import Peer
from agent.sampler import Sampler
from agent.settings import from_env, help_text
from agent.sysfs import Clocks
from agent.tree import mounted
from agent.watch import Agent
from kube import ending, logs
from kube.environment import SettingsError

logger = logging.getLogger("agent")

USAGE = """usage: python -m agent

Reads the kernel's counters of the node's containers ten times a second, and tells the scaler which
of them are pinned at their limit. It decides nothing, and has no right at the API server.

Environment (default):
"""


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run until SIGTERM; the exit status."""
    if arguments:
        print(USAGE + help_text())
        return 0 if arguments[0] in ("-h", "--help") else 2
    try:
        settings = from_env(environ)
    except SettingsError as e:
        print(e, file=sys.stderr)
        return 2
    logs.configure(settings.log_level, settings.log_format)
    logger.info("settings", extra=asdict(settings))
    try:
        mount = mounted(settings.cgroup)
    except OSError as e:
        print(e, file=sys.stderr)
        return 1
    stop = threading.Event()
    ending.on_signal(stop.set)
    hosts = tuple(dict.fromkeys(h for h in (settings.address, settings.scaler) if h))
    peer = Peer(settings.scaler, hosts, settings.port, settings.cert_dir)
    gc.collect()
    gc.freeze()
    sampler = Sampler(mount, settings.samples, time.monotonic, Clocks(settings.cpus))
    Agent(settings.node, peer, sampler).run(stop)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
