"""One scrape: the usage of all containers from all kubelets, in parallel.

A dead or hanging kubelet is one line in `failures` and delays no other: it blocks one of the
threads for its deadline at most. Kubelets that failed the last time come last, the longest unasked
first, and the scrape ends after two deadlines even where most of a cluster hangs.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from kube import objects
from kube.errors import KubeError
from kube.kubelet import KubeletReader, Unverified
from scaler.usage.kubelet_metrics import Sample, parse

_THREADS = 16
_DEADLINES = 2  # for one scrape
_ADDRESSES = ("InternalIP", "ExternalIP")  # not names, as DNS has no deadline


@dataclass(frozen=True, slots=True)
class Scrape:
    """What one scrape brought; `failures`: by node name, one line why it has no samples.

    `unverified`: the nodes whose kubelet showed a certificate that cannot be verified.
    """

    samples: tuple[Sample, ...]
    failures: Mapping[str, str]
    unverified: frozenset[str] = frozenset()


class Kubelets:
    """The kubelets of a cluster. `deadline`: seconds for each of them."""

    def __init__(self, reader: KubeletReader, *, deadline: float) -> None:
        self._reader = reader
        self._deadline = deadline
        self._scrapes = 0
        self._failed: dict[str, int] = {}  # node name: the scrape in which it was last asked

    def read(self, nodes: Sequence[objects.Node], received: Callable[[], float]) -> Scrape:
        """Read all nodes; `received` is our clock. Never raises for a node that does not answer."""
        self._scrapes += 1
        order = sorted(nodes, key=lambda node: self._failed.get(node.metadata.name, 0))
        until = time.monotonic() + _DEADLINES * self._deadline
        samples: list[Sample] = []
        failures: dict[str, str] = {}
        failed: dict[str, int] = {}
        unverified: set[str] = set()
        with ThreadPoolExecutor(min(_THREADS, len(order) or 1), "kubelet") as threads:
            asked = [
                (n.metadata.name, threads.submit(self._ask, n, until, received)) for n in order
            ]
            for name, future in asked:
                try:
                    samples += parse(*future.result(), name)
                except _NotAskedError as e:
                    failures[name] = str(e)
                    failed[name] = self._failed.get(name, 0)
                except (KubeError, ValueError) as e:
                    failures[name] = _line(e)
                    unverified |= {name} if isinstance(e, Unverified) else set()
                    failed[name] = self._scrapes
        self._failed = failed
        return Scrape(tuple(samples), failures, frozenset(unverified))

    def _ask(
        self, node: objects.Node, until: float, received: Callable[[], float]
    ) -> tuple[str, float]:
        left = min(self._deadline, until - time.monotonic())
        if left <= 0:
            raise _NotAskedError("not asked: too many other kubelets did not answer in time")
        port = node.status.daemon_endpoints.kubelet_endpoint.port
        return self._reader.read(_address(node), port, left), received()


class _NotAskedError(Exception):
    pass


def _address(node: objects.Node) -> str:
    known = {a.type: a.address for a in reversed(node.status.addresses or [])}
    found = next((known[kind] for kind in _ADDRESSES if known.get(kind)), None)
    if found is None:
        raise ValueError(f"the node has no address of type {' or '.join(_ADDRESSES)}")
    return found


def _line(error: KubeError | ValueError) -> str:
    message = error.message if isinstance(error, KubeError) else str(error)
    return " ".join(message.split())
