"""One scrape: the usage of the enrolled pods from the kubelets of their nodes, in parallel.

A dead or hanging kubelet is one line in `failures` and delays no other: it blocks one of the
threads for its deadline at most. Kubelets that failed the last time come last, the longest unasked
first, and the scrape ends after two deadlines even where most of a cluster hangs.

They are also asked for `/metrics/cadvisor`, four times a minute: it is large, and cAdvisor looks at
a container each 10 to 28 s. Without it everything else goes on. Nodes without an enrolled pod are
not asked, and those on which nothing is near a decision less often (at_rest.py).
"""

import time
from collections.abc import Callable, Container, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct, field

from kube import objects
from kube.errors import KubeError
from kube.kubelet import KubeletReader, Page, Unverified
from scaler.usage import cadvisor
from scaler.usage.at_rest import Rounds
from scaler.usage.enrolled import Enrolled
from scaler.usage.exposition import Pods
from scaler.usage.kubelet_metrics import Sample, parse

_THREADS = 16
_DEADLINES = 2  # for one scrape
_CADVISOR = Page(
    cadvisor.PATH,
    tuple(name.encode() for name in cadvisor.METRICS),
    tuple(start.encode() for start in cadvisor.NOT_OF_CONTAINERS),
)
_CLOSELY = 14.0  # seconds between two reads of a node's /metrics/cadvisor
_ADDRESSES = ("InternalIP", "ExternalIP")  # not names, as DNS has no deadline


class Scrape(Struct, frozen=True):
    """What one scrape brought; `failures`: by node name, one line why it has no samples.

    `unverified`: the nodes whose kubelet showed a certificate that cannot be verified.
    """

    samples: tuple[Sample, ...]
    failures: Mapping[str, str]
    unverified: frozenset[str] = frozenset()
    unseen: Mapping[str, str] = field(default_factory=dict)
    """Nodes with enrolled pods that do not say what the kernel counts, and why."""
    everyone: bool = True
    """Whether all nodes with enrolled pods were asked, those at rest as well."""


class Kubelets:
    """The kubelets of a cluster.

    `deadline`: seconds for each of them. `rest`: seconds between two reads of nodes at rest; 0: all
    are asked each time.
    """

    def __init__(self, reader: KubeletReader, *, deadline: float, rest: float = 0.0) -> None:
        self._reader = reader
        self._deadline = deadline
        self._rounds = Rounds(rest)
        self._scrapes = 0
        self._failed: dict[str, int] = {}  # node name: the scrape in which it was last asked
        self._looked: dict[str, float] = {}  # node name: when /metrics/cadvisor was last read
        self._unseen: dict[str, str] = {}

    def read(
        self,
        nodes: Sequence[objects.Node],
        received: Callable[[], float],
        enrolled: Enrolled,
        near: Container[str] = (),
    ) -> Scrape:
        """Read nodes with enrolled pods; `received` is our clock. `near`: those not at rest.

        One that failed the last time is asked again. Never raises for a node that does not answer.
        """
        self._scrapes += 1
        everyone = self._rounds.everyone(time.monotonic())
        names = {n for n in enrolled if everyone or n in near or n in self._failed}
        order = sorted(
            (node for node in nodes if node.metadata.name in names),
            key=lambda node: self._failed.get(node.metadata.name, 0),
        )
        until = time.monotonic() + _DEADLINES * self._deadline
        samples: list[Sample] = []
        failures: dict[str, str] = {}
        failed: dict[str, int] = {}
        unverified: set[str] = set()
        with ThreadPoolExecutor(min(_THREADS, len(order) or 1), "kubelet") as threads:
            asked = [
                (n.metadata.name, threads.submit(self._ask, n, until, received, enrolled))
                for n in order
            ]
            for name, future in asked:
                try:
                    samples += future.result()
                except _NotAskedError as e:
                    failures[name] = str(e)
                    failed[name] = self._failed.get(name, 0)
                except (KubeError, ValueError) as e:
                    failures[name] = _line(e)
                    unverified |= {name} if isinstance(e, Unverified) else set()
                    failed[name] = self._scrapes
        self._failed = failed
        there = self._unseen.items()
        self._unseen = {n: why for n, why in there if n in enrolled and n not in failures}
        unseen = dict(self._unseen)
        return Scrape(tuple(samples), failures, frozenset(unverified), unseen, everyone)

    def _ask(
        self,
        node: objects.Node,
        until: float,
        received: Callable[[], float],
        enrolled: Enrolled,
    ) -> list[Sample]:
        left = min(self._deadline, until - time.monotonic())
        if left <= 0:
            raise _NotAskedError("not asked: too many other kubelets did not answer in time")
        port = node.status.daemon_endpoints.kubelet_endpoint.port
        text, name = self._reader.read(_address(node), port, left), node.metadata.name
        pods = enrolled[name]
        samples = [s for s in parse(text, received(), name) if (s.namespace, s.pod) in pods]
        return self._closely(node, samples, pods, until)

    def _closely(
        self, node: objects.Node, samples: list[Sample], pods: Pods, until: float
    ) -> list[Sample]:
        """The samples, with what the kernel counts where it is time to ask for that."""
        name, now = node.metadata.name, time.monotonic()
        left = min(self._deadline, until - now)
        if now - self._looked.get(name, -_CLOSELY) < _CLOSELY or left <= 0:
            return samples
        self._looked[name] = now
        port = node.status.daemon_endpoints.kubelet_endpoint.port
        try:
            looks = cadvisor.parse(self._reader.read(_address(node), port, left, _CADVISOR), pods)
        except (KubeError, ValueError) as e:
            self._unseen[name] = _line(e)
            return samples
        if not looks and samples:
            self._unseen[name] = "its /metrics/cadvisor does not name the containers of pods"
        else:
            self._unseen.pop(name, None)
        return [*cadvisor.joined(samples, looks)]


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
