"""`python -m scaler`: read the settings, connect, watch, run the loop until SIGTERM."""

import logging
import os
import socket
import sys
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial

from kube import ending, logs
from kube.environment import SettingsError
from kube.errors import KubeError
from kube.gateway import Gateway, connect
from kube.lease import CALL_SECONDS
from scaler import garbage, leader, parts, recording
from scaler.commands import COMMANDS, USAGE, printed
from scaler.execution.actuator import Actuator
from scaler.execution.handover import Handover
from scaler.execution.rights_policy import RightsPolicy
from scaler.execution.webhook_probe import Probe
from scaler.filling import Filling
from scaler.history.server import Server
from scaler.loop import Loop
from scaler.memory import Memory
from scaler.reporting.reporter import Reporter
from scaler.served import serve
from scaler.settings import Settings, from_env, help_text
from scaler.usage import rate_counters
from scaler.usage.sources import MetricsApi
from scaler.usage.storage import Windows
from scaler.wake import Wake
from scaler.watches import Observer

logger = logging.getLogger("scaler")

ABOUT = """
Watches the usage of enrolled workloads in the cluster that it runs in (else the one that
KUBECONFIG names), decides, writes PodSizes and has pods recreated. Serves /livez, /readyz,
/metrics and a page (/) over HTTP, all of them read-only.

Environment (default):
"""


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run until SIGTERM; the exit status."""
    if arguments and arguments[0] not in COMMANDS:
        return printed(lambda: _help(0 if arguments[0] in ("-h", "--help") else 2))
    try:
        settings = from_env(environ)
    except SettingsError as e:
        print(e, file=sys.stderr)
        return 2
    if arguments:
        return printed(partial(COMMANDS[arguments[0]], arguments[1:], settings))
    logs.configure(settings.log_level, settings.log_format)
    logger.info("settings", extra=asdict(settings))
    try:
        run(settings, connect(timeout=leader.CALL_SECONDS))
    except KubeError as e:
        print(e, file=sys.stderr)
        return 1
    return 0


def _help(status: int) -> int:
    print(USAGE + ABOUT + help_text())
    return status


def run(settings: Settings, gateway: Gateway) -> None:
    """All threads, until SIGTERM or SIGINT; the Lease is given up last."""
    garbage.seldom()
    stop, wake = _signals()
    identity = f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}"
    observer = Observer(gateway, lambda key: wake.changed())
    reporter = Reporter(gateway, socket.gethostname())
    probe = Probe(gateway, settings.namespace, house=lambda: parts.house(settings, observer))
    own = connect(timeout=CALL_SECONDS)
    lease = leader.lease_of(own, settings.namespace, settings.lease, identity)
    is_leader = (lambda: lease.held(leader.ACT_SECONDS)) if lease else (lambda: True)
    keeper = parts.keeper(settings, gateway, reporter, is_leader, wake)
    handover = Handover(gateway, probe, RightsPolicy(gateway), settings.drain)
    memory, windows = Memory(policies=settings.policies), Windows()
    degraded = reporter.metrics.history_degraded.set
    keeping = recording.of(settings, memory, windows, degraded)
    loop = Loop(
        settings,
        observer,
        windows,
        Actuator(gateway, observer.store, probe, handover),
        reporter,
        wake,
        clock=gateway.time.now,
        permissions=replace(
            parts.permissions(is_leader, keeper, observer),
            succeeded=partial(leader.succeeded, own, settings.namespace, settings.deployment),
        ),
        memory=memory,
        recording=keeping,
    )
    keeping.start()
    if settings.agent:
        _thread("agent port", parts.agents(loop, gateway, is_leader).run, stop)
    server = serve(loop, gateway)
    released = threading.Event()
    threads = [_thread("lease", lease.run, released)] if lease else []
    if keeper:
        probe.diagnosis = keeper.diagnosis
        _thread("trust", lambda over: keeper.run(over, settings.interval), stop)
    observer.start(stop)
    counters = rate_counters.recalled(keeping.take_up())
    if settings.history_url is not None:
        filling = Filling(Server(settings.history_url), observer, memory, windows, loop.clock)
        filling.run(float(settings.track_window), stop)
    _thread("usage", parts.poller(loop, MetricsApi(gateway, counters), gateway).run, stop)
    loop.run(stop)
    loop.leave(loop.clock())
    keeping.stop()
    released.set()
    for thread in threads:
        thread.join(2 * CALL_SECONDS)
    server.shutdown()


def _signals() -> tuple[threading.Event, Wake]:
    stop, wake = threading.Event(), Wake()

    def ended() -> None:
        stop.set()
        wake.set()

    ending.on_signal(ended)
    return stop, wake


def _thread(
    name: str, run: Callable[[threading.Event], None], stop: threading.Event
) -> threading.Thread:
    thread = threading.Thread(target=run, args=(stop,), name=name, daemon=True)
    thread.start()
    return thread


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
