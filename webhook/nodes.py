"""The nodes, for pods whose workload has sizes by kind of node; followed only where one has.

A review never waits for them: as long as they have not been read, such a pod gets the default. The
thread and the watch begin with the first PodSize that has sizes by class, and stay.

| the new pod                                                 | its class                          |
| ----------------------------------------------------------- | ---------------------------------- |
| names its node (`spec.nodeName`)                            | that node's                        |
| selects nodes of one class (store/node_classes.py)          | that                               |
| its affinity cannot be read, or the nodes are not known yet | not known: it gets the default     |
| any other                                                   | not known: it gets the default     |
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping

from kube import kinds, objects
from kube.gateway import Gateway
from kube.objects import Key
from kube.watching import Watch
from store import node_classes
from store.codec import PodSizeJson
from store.node_classes import NodeClasses
from webhook.review import Pod
from webhook.selection import selection

logger = logging.getLogger(__name__)


class Nodes:
    """What is known of the nodes; safe for use from several threads."""

    def __init__(
        self,
        gateway: Gateway,
        stop: threading.Event,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.watch: Watch[objects.Node] = Watch(gateway, kinds.NODE.path(), objects.Node)
        self._stop = stop
        self._clock = clock
        self._begun = threading.Lock()
        self._seen: Mapping[Key, objects.Node] = {}
        self._classes = node_classes.NONE

    def notice(self, podsize: PodSizeJson | None) -> None:
        """Begin to follow the nodes, if this is a PodSize for which they are needed."""
        size = podsize.status.size if podsize else None
        if size is None or not size.classes or not self._begun.acquire(blocking=False):
            return
        logger.info("following nodes: a workload has sizes by kind of node")
        self._follow()

    def _follow(self) -> None:
        threading.Thread(
            target=self.watch.run, args=(self._stop,), name="nodes", daemon=True
        ).start()

    def class_of(self, pod: Pod) -> str | None:
        """The class of the node for which the pod is made, by the table above."""
        if not self.watch.synced:
            return None
        known = self._known()
        if pod.spec.node_name:
            return known.by_node.get(pod.spec.node_name)
        selected = selection(pod.spec)
        return known.selected(selected) if selected else None

    def _known(self) -> NodeClasses:
        """Made again where a node has changed, or a label has stood for long enough."""
        seen, now, known = self.watch.snapshot(), self._clock(), self._classes
        if seen is not self._seen or (known.next is not None and known.next <= now):
            known = node_classes.of(seen.values(), now)
            self._classes, self._seen = known, seen
        return known
