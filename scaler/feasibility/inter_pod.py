"""On which nodes would other pods tolerate this one? What is required of its neighbours. Pure.

| required                                        | a node is out of the question where            |
| ----------------------------------------------- | ---------------------------------------------- |
| its anti-affinity                               | its topology domain has a pod that a term      |
|                                                 | selects                                        |
| the anti-affinity of another pod selects it     | that pod is in the same domain                 |
| its affinity                                    | its domain has no pod that all terms select;   |
|                                                 | the first of a group may be anywhere           |
| a topology spread constraint (DoNotSchedule)    | its domain would have more than `maxSkew` pods |
|                                                 | more than the one with the fewest              |

A pod that is replaced counts until it is gone. Terminating pods count as they do for the scheduler:
for affinity yes, for spread no. A namespace whose labels are not known is selected.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from kube import objects
from kube.memo import once
from scaler.feasibility.node_filter import Selection
from scaler.feasibility.pod_terms import Spread, Term, affinity, anti_affinity, spreads

Labels = Mapping[str, str]


class Rule(Struct, frozen=True):
    """Nodes whose label `key` has one of these values are the only allowed ones, or forbidden."""

    key: str
    values: frozenset[str]
    allowed: bool
    message: str

    def objection(self, labels: Labels) -> str | None:
        """Why a node with these labels is out of the question."""
        value = labels.get(self.key)
        forbidden = (
            value is None or value not in self.values if self.allowed else value in self.values
        )
        return self.message if forbidden else None


class Rules(Struct, frozen=True):
    """What other pods require of the node of one pod."""

    rules: tuple[Rule, ...] = ()

    def objection(self, node: objects.Node) -> str | None:
        """Why the node is out of the question; equal reasons are counted together."""
        labels = node.metadata.labels or {}
        return next((why for r in self.rules if (why := r.objection(labels))), None)


NO_RULES = Rules()


class Neighbours:
    """All pods that have a node, and the labels of nodes and namespaces."""

    def __init__(
        self,
        nodes: Mapping[str, objects.Node],
        pods: Iterable[objects.Pod],
        namespaces: Mapping[str, Labels],
    ) -> None:
        self._nodes, self._namespaces = nodes, namespaces
        self._in: dict[str, list[tuple[str, objects.Pod]]] = {}
        self._repelling: dict[tuple[str, str], tuple[Term, Counter[str]]] = {}
        for pod in pods:
            space, node = pod.metadata.namespace, pod.spec.node_name or ""
            self._in.setdefault(space, []).append((node, pod))
            for written, term in anti_affinity(pod).items():
                _, where = self._repelling.setdefault((space, written), (term, Counter()))
                where[node] += 1

    def rules(self, pod: objects.Pod, *, gone: bool) -> Rules:
        """What is required of the pod's node; `gone`: once the pod itself is not there any more."""
        if not self._repelling and not _requires(pod):
            return NO_RULES
        found: list[Rule] = []
        if _requires(pod):
            found += [*self._apart(pod, gone=gone), *self._together(pod, gone=gone)]
            found += self._spread(pod, gone=gone)
        return Rules((*found, *self._of_others(pod)))

    def _of_others(self, pod: objects.Pod) -> Iterator[Rule]:
        """The pod's own terms are not about itself here: see `_apart`."""
        own = anti_affinity(pod)
        for (home, written), (term, where) in self._repelling.items():
            if not self._selects(term, home, pod):
                continue
            left = Counter(where)
            if home == pod.metadata.namespace and written in own:
                left[pod.spec.node_name or ""] -= 1
            values = self._values(term.topology_key, [n for n, count in left.items() if count > 0])
            message = f"near a pod in {home} that repels it"
            yield Rule(term.topology_key, values, allowed=False, message=message)

    def _apart(self, pod: objects.Pod, *, gone: bool) -> Iterator[Rule]:
        for term in anti_affinity(pod).values():
            near = self._selected(pod, [term], gone=gone)
            values = self._values(term.topology_key, near)
            message = "near a pod that its anti-affinity selects"
            yield Rule(term.topology_key, values, allowed=False, message=message)

    def _together(self, pod: objects.Pod, *, gone: bool) -> Iterator[Rule]:
        terms = affinity(pod)
        if not terms:
            return
        near = self._selected(pod, terms, gone=gone)
        first = not near and all(self._selects(t, pod.metadata.namespace, pod) for t in terms)
        for term in terms:
            at = self._nodes if first else near
            values = self._values(term.topology_key, at)
            message = "near no pod that its affinity selects"
            yield Rule(term.topology_key, values, allowed=True, message=message)

    def _spread(self, pod: objects.Pod, *, gone: bool) -> Iterator[Rule]:
        constraints = spreads(pod)
        if not constraints:
            return
        selection = Selection(pod)
        keys = {c.topology_key for c in constraints}
        for one in constraints:
            counts = Counter({
                labels[one.topology_key]: 0
                for node in self._nodes.values()
                if keys <= (labels := node.metadata.labels or {}).keys()
                and selection.counts(node, one.node_affinity_policy, one.node_taints_policy)
            })  # fmt: skip
            for node, other in self._in.get(pod.metadata.namespace, ()):
                if (gone and _same(other, pod)) or other.metadata.deletion_timestamp:
                    continue
                value = self._label(node, one.topology_key)
                if value is not None and value in counts and one.selects(pod, other):
                    counts[value] += 1
            yield _even(one, counts, own=int(one.selects(pod, pod)))

    def _selected(self, pod: objects.Pod, terms: Sequence[Term], *, gone: bool) -> list[str]:
        """The nodes of the pods that all of these terms of a pod select."""
        home = pod.metadata.namespace
        return [
            node
            for space, there in self._in.items()
            if all(t.covers(home, space, self._namespaces.get(space)) for t in terms)
            for node, other in there
            if not (gone and _same(other, pod)) and all(t.means(other) for t in terms)
        ]

    def _selects(self, term: Term, home: str, pod: objects.Pod) -> bool:
        space = pod.metadata.namespace
        return term.means(pod) and term.covers(home, space, self._namespaces.get(space))

    def _values(self, key: str, names: Iterable[str]) -> frozenset[str]:
        return frozenset(v for n in names if (v := self._label(n, key)) is not None)

    def _label(self, node: str, key: str) -> str | None:
        return (self._nodes[node].metadata.labels or {}).get(key)


def _even(one: Spread, counts: Counter[str], own: int) -> Rule:
    """The domains that may have one more."""
    least = min(counts.values()) if len(counts) >= one.min_domains else 0
    values = frozenset(v for v, n in counts.items() if n + own - least <= one.max_skew)
    message = f"where its topology spread over {one.topology_key} allows no more"
    return Rule(one.topology_key, values, allowed=True, message=message)


@once
def _requires(pod: objects.Pod) -> bool:
    return bool(anti_affinity(pod) or affinity(pod) or spreads(pod))


def _same(one: objects.Pod, other: objects.Pod) -> bool:
    a, b = one.metadata, other.metadata
    return (a.namespace, a.name, a.uid) == (b.namespace, b.name, b.uid)
