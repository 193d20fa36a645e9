"""The commands behind tests/cluster/up, down, on, component and load-image."""

import argparse
import os
import signal
import sys
from pathlib import Path

from . import cluster, options, servers, state
from .layout import NODES_AT_MOST, Layout, layout_of
from .say import ClusterError
from .vm import joining
from .vm.kinds import KINDS
from .vm.machine import machine_of

_CHECKOUT = Path(__file__).resolve().parents[2]
_STOP_GRACE = 10.0  # seconds between SIGTERM and SIGKILL


def main(argv: list[str]) -> int:
    arguments = _parser().parse_args(argv)
    try:
        cluster.require_root()
        _carry_out(arguments, layout_of(_CHECKOUT, os.environ))
    except (ClusterError, ValueError) as error:
        print(f"cluster: {error}", file=sys.stderr)
        return error.status if isinstance(error, ClusterError) else 1
    except KeyboardInterrupt:
        print("cluster: interrupted", file=sys.stderr)
        return 130
    return 0


def _carry_out(arguments: argparse.Namespace, layout: Layout) -> None:
    if arguments.command == "up":
        chosen = tuple(option for option in options.EVERY if vars(arguments)[option])
        machines = tuple(arguments.node)
        order = options.Order(arguments.nodes, dict(arguments.reserve), chosen, machines)
        cluster.up(layout, order, os.environ)
    elif arguments.command == "down":
        if arguments.node in KINDS:
            cluster.remove_machine(layout, arguments.node)
        elif arguments.node:
            cluster.remove_node(layout, int(arguments.node))
        else:
            cluster.down(layout)
    elif arguments.command == "on":
        machine = machine_of(layout, arguments.node)
        argv = joining.inside(machine, " ".join(arguments.words))
        os.execvp(argv[0], argv)
    elif arguments.command == "load-image":
        for archive in arguments.archive:
            cluster.load_image(layout, archive)
    else:
        with state.alone(layout):
            _component(layout, arguments.verb, arguments.name)


def _component(layout: Layout, verb: str, name: str | None) -> None:
    if not state.is_whole(layout):
        raise ClusterError("the cluster is not up: make cluster")
    if verb == "status":
        for one in servers.components(layout):
            if name in (None, one.name):
                print(f"{one.name}: {servers.state(layout, one)}")
        return
    if name is None:
        raise ClusterError(f"{verb} what? `status` lists the names")
    component = servers.named(layout, name)
    if verb == "start":
        servers.ensure(layout, component)
        servers.await_service(layout, component)
    elif verb in ("stop", "kill"):
        servers.stop(layout, component, grace=_STOP_GRACE if verb == "stop" else 0)
    else:
        number = signal.SIGSTOP if verb == "pause" else signal.SIGCONT
        servers.send(layout, component, number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests/cluster", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start the cluster of this checkout, or what is missing")
    numbers = range(1, NODES_AT_MOST + 1)
    up.add_argument("--nodes", type=int, choices=numbers, default=1, help="at least so many")
    up.add_argument(
        "--reserve",
        type=_reservation,
        action="append",
        default=[],
        metavar="NODE:cpu=500m,memory=1Gi",
        help="make a node smaller by that much; NODE: gives it back",
    )
    up.add_argument(
        "--node",
        action="append",
        choices=KINDS,
        default=[],
        help="a node in a virtual machine; built once (minutes)",
    )
    for option, help_text in options.EVERY.items():
        up.add_argument(f"--{option}", dest=option, action="store_true", help=help_text)
    down = commands.add_parser("down", help="stop it and leave nothing behind")
    further = [str(number) for number in numbers[1:]] + list(KINDS)
    down.add_argument("--node", choices=further, help="only this further node")
    inside = commands.add_parser("on", help="run a command in a node's virtual machine")
    inside.add_argument("node", choices=KINDS)
    inside.add_argument("words", nargs=argparse.REMAINDER)
    load = commands.add_parser("load-image", help="make an archive's images usable on every node")
    load.add_argument("archive", type=_file, nargs="+")
    component = commands.add_parser("component", help="stop and start single servers")
    verbs = ("stop", "start", "kill", "pause", "resume", "status")
    component.add_argument("verb", choices=verbs)
    component.add_argument("name", nargs="?")
    return parser


def _reservation(text: str) -> tuple[int, dict[str, str]]:
    number, _, rest = text.partition(":")
    pairs = [pair.split("=", 1) for pair in rest.split(",") if pair]
    return int(number), {name: quantity for name, quantity in pairs}


def _file(text: str) -> Path:
    path = Path(text).absolute()
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"no such file: {text}")
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
