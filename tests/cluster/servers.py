"""Starts the components, waits until they serve, and stops single ones for fault tests."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from . import controlplane, metricsserver, node, options, process
from .component import Component
from .debian import SEARCHED
from .layout import Layout
from .network import enter
from .say import ClusterError

_LOG_TAIL = 20  # lines shown of a component that failed


def components(layout: Layout) -> list[Component]:
    """All components of this cluster, in the order of their start."""
    linked = layout.bin / "etcd"
    etcd = str(linked) if linked.exists() else shutil.which("etcd", path=SEARCHED) or "etcd"
    found = controlplane.components(layout, etcd)
    for one in layout.nodes():
        found += node.components(layout, one)
    if options.has(layout, options.METRICS_SERVER):
        found.append(metricsserver.component(layout))
    return found


def named(layout: Layout, name: str) -> Component:
    known = {component.name: component for component in components(layout)}
    if name not in known:
        raise ClusterError(f"no component {name}; there are: {', '.join(known)}")
    return known[name]


def running(layout: Layout, component: Component) -> process.Record | None:
    return process.recorded(_pidfile(layout, component))


def ensure(layout: Layout, component: Component) -> bool:
    """Start it if it is down, resume it if it was paused; False if it was running."""
    record = running(layout, component)
    if record:
        return record.state == "T" and record.send(signal.SIGCONT)
    name, _, marker = layout.marker.partition("=")
    environment = {"PATH": f"{layout.bin}:{SEARCHED}", "HOME": str(layout.home), name: marker}
    argv = enter(component.node, tuple(component.argv))
    process.spawn(argv, environment, log(layout, component), _pidfile(layout, component))
    return True


def await_service(layout: Layout, component: Component) -> None:
    """Wait until the component answers its probe; fail at once if it has ended."""
    deadline = time.monotonic() + component.patience
    while not _answers(component):
        if running(layout, component) is None:
            raise ClusterError(_failure(layout, component, "ended"))
        if time.monotonic() > deadline:
            waited = f"does not serve after {component.patience:.0f} s"
            raise ClusterError(_failure(layout, component, waited))
        time.sleep(0.1)


def stop(layout: Layout, component: Component, grace: float) -> None:
    """Stop it: SIGTERM with `grace` seconds to exit, 0 = SIGKILL at once."""
    if record := running(layout, component):
        process.end(record, grace)


def send(layout: Layout, component: Component, number: signal.Signals) -> None:
    record = running(layout, component)
    if record is None or not record.send(number):
        raise ClusterError(f"{component.name} is not running")


def state(layout: Layout, component: Component) -> str:
    record = running(layout, component)
    if record is None:
        return "down"
    return "paused" if record.state == "T" else f"running, pid {record.pid}"


def log(layout: Layout, component: Component) -> Path:
    return layout.logs / f"{component.name}.log"


def _pidfile(layout: Layout, component: Component) -> Path:
    return layout.pids / component.name


def _answers(component: Component) -> bool:
    try:
        # A component that is paused or too busy accepts a connection but sends nothing.
        argv = enter(component.node, tuple(component.probe))
        return subprocess.run(argv, capture_output=True, timeout=5, env=_plain()).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _plain() -> dict[str, str]:
    """Without the user's proxy settings: everything is reached directly."""
    return {"PATH": SEARCHED, "HOME": os.environ.get("HOME", "/")}


def _failure(layout: Layout, component: Component, what: str) -> str:
    path = log(layout, component)
    lines = path.read_text(errors="replace").splitlines()[-_LOG_TAIL:] if path.exists() else []
    tail = "\n".join(f"  {line}" for line in lines)
    return f"{component.name} {what}; the end of {path}:\n{tail}"
