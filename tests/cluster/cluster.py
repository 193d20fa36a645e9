"""Starts a cluster, whatever state it is in, and removes it without a trace."""

import os
from collections.abc import Mapping
from pathlib import Path

from . import archive as image_archive
from . import (
    build,
    cgroups,
    containerd,
    controlplane,
    debian,
    images,
    kernel,
    metricsserver,
    network,
    node,
    options,
    removal,
    servers,
    state,
    watch,
)
from .architecture import NATIVE
from .component import Component
from .layout import Layout, Node, cache_of
from .options import Order
from .say import ClusterError, Unavailable, say
from .vm import guest, joining
from .vm.machine import machine_of, machines


def up(layout: Layout, order: Order, environ: Mapping[str, str]) -> None:
    """Make the cluster serve: what runs is left alone, what is missing is started."""
    with state.alone(layout):
        if layout.home.exists() and not state.is_whole(layout):
            say("clearing what an unfinished start or a reboot left")
            removal.remove(layout)
        if layout.home.exists():
            try:
                _bring_up(layout, order, environ)
                return
            except Unavailable:
                raise  # another cluster would lack it as well
            except ClusterError as error:
                say(f"{error}\ncluster: it cannot be repaired: starting over")
                removal.remove(layout)
        _bring_up(layout, order, environ)


def down(layout: Layout) -> None:
    """Remove all processes, mounts, namespaces, cgroups and files."""
    with state.alone(layout):
        there = layout.home.exists()
        removal.remove(layout)
    say("down" if there else "not up")


def remove_machine(layout: Layout, name: str) -> None:
    """Remove the node in a virtual machine, and its pods."""
    with state.alone(layout):
        if name not in [one.name for one in machines(layout)]:
            raise ClusterError(f"{name} is not there")
        joining.leave(machine_of(layout, name))
    say(f"{name} is gone")


def remove_node(layout: Layout, number: int) -> None:
    """Remove one additional node and its pods; the others keep running."""
    gone = layout.node(number)
    with state.alone(layout):
        if number == 1 or not gone.home.exists():
            raise ClusterError(f"{gone.name} is not there or is the first one: `down` ends that")
        removal.remove_nodes(layout, [gone], whole=False)
        watch.forget_node(layout, gone.name)
    say(f"{gone.name} is gone")


def load_image(layout: Layout, archive: Path) -> None:
    """Make the archive's images usable by pods on every node of its architecture."""
    if not state.is_whole(layout):
        raise ClusterError("the cluster is not up: make cluster")
    architecture = image_archive.architecture_of(archive)
    for one in layout.nodes() if architecture in (None, NATIVE) else ():
        containerd.load(one, archive)
    for machine in machines(layout):
        if architecture in (None, machine.kind.architecture):
            guest.load(machine, archive)


def _bring_up(layout: Layout, order: Order, environ: Mapping[str, str]) -> None:
    fresh = not layout.home.exists()
    before = {one.number for one in layout.nodes()}
    numbers = before | set(range(1, order.nodes + 1))
    if fresh:
        say("starting a cluster")
        _install(layout, environ)
    ca = controlplane.prepare(layout)
    _choose(layout, order)
    if options.has(layout, options.METRICS_SERVER):
        metricsserver.prepare(layout, ca, environ)
    for number in sorted(numbers):
        one = layout.node(number)
        node.prepare(layout, one, ca)
        network.make(one, layout.node(1))
        cgroups.make(one)
        if node.reserve(layout, one, order.reserved.get(number)):
            _stop(layout, one.component("kubelet"))  # so that it reads its changed file
    began = _start(layout, cache_of(environ))
    if options.has(layout, options.METRICS_SERVER):
        metricsserver.register(layout)
    state.note_whole(layout)
    size = "1 node" if len(numbers) == 1 else f"{len(numbers)} nodes"
    if fresh or numbers != before:
        say(f"up, {size}")
    elif began:
        say(f"up again, {size}; brought back: {', '.join(began)}")
    else:
        say(f"already up, {size}")
    for name in order.machines:
        joining.join(machine_of(layout, name), environ)


def _install(layout: Layout, environ: Mapping[str, str]) -> None:
    """Fetch and build everything first, so that a start is not interrupted by that."""
    binaries = build.binaries(environ)
    debian.ensure(binaries)
    images.archives(cache_of(environ))
    for folder in (layout.home, layout.bin, layout.logs, layout.pids):
        folder.mkdir(mode=0o755)
    for name, path in binaries.items():
        (layout.bin / name).symlink_to(path)
    kernel.remember(layout)


def _choose(layout: Layout, order: Order) -> None:
    """Options are permanent; running components that a new option affects are stopped."""
    began = [one for one in order.options if options.add(layout, one)]
    if options.SELF_SIGNED_KUBELETS in began:
        _stop(layout, "apiserver")
        if options.has(layout, options.METRICS_SERVER):
            _stop(layout, "metrics-server")
    if options.LARGE in began:
        for name in ("apiserver", "controller-manager", "scheduler"):
            _stop(layout, name)


def _stop(layout: Layout, name: str) -> None:
    servers.stop(layout, servers.named(layout, name), grace=5)


def _start(layout: Layout, cache: Path) -> list[str]:
    """Start what is down or paused, and name it. Others wait only for the API server."""
    every = servers.components(layout)
    needs_api = [one for one in every if not _comes_first(one)]
    began = [one.name for one in every if _comes_first(one) and servers.ensure(layout, one)]
    for one in layout.nodes():
        servers.await_service(layout, servers.named(layout, one.component("containerd")))
        _load_images(one, cache)
    servers.await_service(layout, servers.named(layout, "etcd"))
    servers.await_service(layout, servers.named(layout, "apiserver"))
    began += [one.name for one in needs_api if servers.ensure(layout, one)]
    for component in needs_api:
        servers.await_service(layout, component)
    watch.await_ready(layout)
    return began


def _comes_first(component: Component) -> bool:
    return component.name.startswith(("etcd", "apiserver", "containerd"))


def _load_images(one: Node, cache: Path) -> None:
    done = one.home / "images-loaded"
    if not done.exists():
        for archive in images.archives(cache):
            containerd.load(one, archive)
        done.touch()


def require_root() -> None:
    if os.geteuid() != 0:
        raise ClusterError("namespaces, mounts and cgroups need root: run this as root")
