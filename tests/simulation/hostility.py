"""Somebody's admission policies on pods: what they refuse or change, and when they come.

Drawn apart from the other perturbations, so that a seed without any is the world that it was.

| policy          | what it does                                                                 |
| --------------- | ---------------------------------------------------------------------------- |
| creations       | refuses pods with more CPU than some manifest has, and less than its size    |
| updates         | refuses every update of a pod by the scaler, dry runs among them             |
| deletions       | refuses every deletion of a pod by the scaler                                |
| evictions       | refuses every eviction by the scaler, or (`silent`) never answers one        |
| events          | refuses every event                                                          |
| podsizes        | refuses that PodSizes are created, as a quota on their number does           |
| statuses        | refuses every status of a PodSize                                            |
| labels          | overwrites a label of the template as a pod is created, from the beginning   |
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from kube.errors import Forbidden, Unreachable
from tests.simulation.etcd import Json
from tests.simulation.quantities import amount

if TYPE_CHECKING:
    from tests.simulation.connection import Call

TIER, SILVER, GOLD = "tier", "silver", "gold"
_WORDS = (
    "admission policy 'house' denied request: above the house limit",
    "admission policy 'house' denied request: too much memory",
    'admission webhook "house.example" denied the request: no',
)
_TIMEOUT = 5.0
"""Seconds that the scaler waits for an answer."""
STORE = ("events", "podsizes", "statuses")
"""Those about objects of our own, drawn apart from the others."""
NAMES = ("creations", "creations", "updates", "deletions", "evictions", "labels")


def drawn(seed: int) -> list[str]:
    """Which policies a seed's cluster will have, in the order in which they come."""
    chance, store = Random(f"{seed}/hostile"), Random(f"{seed}/hostile store")
    about_us = [store.choice(STORE)] if store.random() < 0.12 else []
    if chance.random() >= 0.3:
        return about_us
    return [chance.choice(NAMES) for _ in range(chance.choice([1, 1, 2]))] + about_us


@dataclass
class Policy:
    """One that refuses. `since`: when it came; `most`: millicores that a container may have;
    `namespace`: the only one that it is of, and then its words name the pod."""

    name: str
    words: str
    since: float
    most: int | None = None
    namespace: str = ""
    silent: bool = field(default=False, repr=False)


@dataclass
class Hostility:
    """What is in force in one cluster."""

    policies: list[Policy] = field(default_factory=list)
    ended: float = -1e9
    """When the last one went."""
    shown: float = -1e9
    """When one came or went that everybody may read."""
    refused: Callable[[Policy, object], None] = lambda policy, call: None
    """Called for each call of the scaler that a policy refuses."""
    wait: Callable[[float], object] = lambda seconds: None

    def create(self, pod: Json) -> None:
        """A pod of the workloads' namespace comes, or is only asked about. Raises Forbidden."""
        for policy in self.policies:
            if policy.most is not None and _most(pod) > policy.most:
                raise _denied(policy)

    def call(self, name: str, call: "Call") -> None:
        """The scaler does that, or asks whether it might. Raises Forbidden, Unreachable."""
        namespace = call.where.namespace
        for policy in self.policies:
            if policy.name == name and policy.namespace in ("", namespace):
                self.refused(policy, call)
                if policy.silent:
                    self.wait(_TIMEOUT)
                    raise Unreachable(0, "ReadTimeoutError", f"after {_TIMEOUT:.0f} s")
                raise _denied(policy, f" ({call.where.name})" if policy.namespace else "")

    def end(self, policy: Policy, now: float) -> None:
        """It is taken away."""
        self.policies = [p for p in self.policies if p is not policy]
        self.ended = now


def silent(seed: int, name: str) -> bool:
    """Whether that policy of a seed is a webhook that never answers."""
    return name == "evictions" and Random(f"{seed}/silent").random() < 0.5


def policy(name: str, chance: Random, now: float, most: int | None = None) -> Policy:
    """One with words of its own."""
    return Policy(name, chance.choice(_WORDS), now, most)


def relabel(pod: Json, dry_run: bool) -> Json:
    """A mutating policy that overwrites the label, where the template has it."""
    labels = pod["metadata"].get("labels") or {}
    if labels.get(TIER) != SILVER:
        return pod
    return {**pod, "metadata": {**pod["metadata"], "labels": {**labels, TIER: GOLD}}}


def _most(pod: Json) -> int:
    limits = [(c.get("resources") or {}).get("limits") or {} for c in pod["spec"]["containers"]]
    return max((amount("cpu", one["cpu"]) for one in limits if "cpu" in one), default=0)


def _denied(policy: Policy, pod: str = "") -> Forbidden:
    return Forbidden(403, "Forbidden", policy.words + pod)
