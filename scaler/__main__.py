"""`python -m scaler`: read the settings, connect, watch, run the loop until SIGTERM."""

import logging
import os
import signal
import socket
import sys
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from kube import logs
from kube.environment import SettingsError
from kube.errors import KubeError
from kube.gateway import Gateway, connect
from kube.kubelet import KubeletReader
from kube.lease import CALL_SECONDS
from scaler import background
from scaler.execution.actuator import Actuator
from scaler.execution.handover import Hands
from scaler.execution.rights_policy import Fence
from scaler.execution.webhook_probe import Probe
from scaler.loop import Loop
from scaler.reporting.health_server import serve
from scaler.reporting.reporter import Reporter
from scaler.settings import Settings, from_env, help_text
from scaler.usage.scraper import Kubelets
from scaler.usage.sources import MetricsApi, Usage
from scaler.usage.storage import Windows
from scaler.watches import Observer

logger = logging.getLogger("scaler")

USAGE = """usage: python -m scaler

Watches the usage of enrolled workloads in the cluster that it runs in (else the one that
KUBECONFIG names), decides, writes PodSizes and has pods recreated. Serves /livez, /readyz,
/metrics over HTTP.

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
        run(settings, connect(timeout=background.CALL_SECONDS))
    except KubeError as e:
        print(e, file=sys.stderr)
        return 1
    return 0


def run(settings: Settings, gateway: Gateway) -> None:
    """All threads, until SIGTERM or SIGINT; the Lease is given up last."""
    stop, wake = _signals()
    observer = Observer(gateway, lambda key: wake.set(), claims=settings.surge)
    probe = Probe(gateway, settings.namespace)
    loop = Loop(
        settings,
        observer,
        Windows(),
        Actuator(
            gateway, observer.store, probe, Hands(gateway, probe, Fence(gateway), settings.drain)
        ),
        Reporter(gateway, socket.gethostname()),
        wake,
        clock=gateway.time.now,
    )
    server = serve(loop, settings.bind, settings.port)
    identity = f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}"
    lease = background.lease_of(settings, connect(timeout=CALL_SECONDS), identity)
    released = threading.Event()
    threads = []
    if lease:
        loop.fenced = lambda: lease.held(background.ACT_SECONDS)
        threads.append(_thread("lease", lease.run, released))
    if trust := background.trust_of(settings, gateway):
        keeper = background.Keeper(trust, loop.fenced, loop)
        loop.webhook, loop.admits, probe.diagnosis = (
            keeper.problem,
            keeper.excluded,
            keeper.diagnosis,
        )
        loop.known = lambda: keeper.state is not None
        _thread("trust", keeper.run, stop)
    observer.start(stop)
    reader = KubeletReader(gateway.trust, verify=settings.kubelet_tls == "verify")
    kubelets = Kubelets(reader, deadline=min(10.0, 2.0 * settings.interval))
    usage = Usage(settings.usage_source, kubelets, MetricsApi(gateway))
    _thread("usage", lambda over: background.sample(loop, usage, over), stop)
    loop.run(stop)
    loop.leave(loop.clock())
    released.set()
    for thread in threads:
        thread.join(2 * CALL_SECONDS)
    server.shutdown()


def _signals() -> tuple[threading.Event, threading.Event]:
    stop, wake = threading.Event(), threading.Event()

    def ended(*_: object) -> None:
        stop.set()
        wake.set()

    signal.signal(signal.SIGTERM, ended)
    signal.signal(signal.SIGINT, ended)
    return stop, wake


def _thread(
    name: str, run: Callable[[threading.Event], None], stop: threading.Event
) -> threading.Thread:
    thread = threading.Thread(target=run, args=(stop,), name=name, daemon=True)
    thread.start()
    return thread


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
