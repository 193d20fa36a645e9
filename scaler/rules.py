"""What may refuse us, as far as the cluster shows it: the wait for it ends with its change.

Watched for that alone: nothing is decided by these objects, nobody waits for their lists, and no
cycle is made for them. Without the right to read them each wait lasts as long as it would anyway.

| watched                                            | a change is                              |
| -------------------------------------------------- | ---------------------------------------- |
| the cluster's webhook configurations, its policies | a new object, one less, another spec     |
| and their bindings                                 |                                          |
| a namespace's PodDisruptionBudgets                 | the same; it allows a pod, or no longer  |
"""

import time
from collections.abc import Callable, Hashable, Mapping
from itertools import zip_longest
from typing import Any

from kube import kinds, objects
from kube.gateway import Gateway
from kube.objects import Key
from kube.watching import Watch

_NONE: frozenset[Hashable] = frozenset()
_OF_THE_CLUSTER = (
    *(kinds.REFUSING_WEBHOOKS, kinds.WEBHOOK_CONFIGURATION),
    *(kinds.ADMISSION_POLICY, kinds.ADMISSION_BINDING),
)


class Rules:
    """The watches of them, through one API server."""

    def __init__(
        self, gateway: Gateway, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        def of(kind: kinds.Kind, read: type) -> Watch:  # type: ignore[type-arg]
            return Watch(gateway, kind.path(), read, monotonic=monotonic, optional=True)

        self._budgets: Watch[objects.Budget] = of(kinds.DISRUPTION_BUDGET, objects.Budget)
        self._policies: tuple[Watch[objects.Rule], ...] = tuple(
            of(kind, objects.Rule) for kind in _OF_THE_CLUSTER
        )
        self._seen: list[Mapping[Key, Any]] = []
        self._editions: tuple[Hashable, Mapping[str, Hashable]] = (_NONE, {})

    def watches(self) -> list[Watch]:  # type: ignore[type-arg]
        """All of them."""
        return [self._budgets, *self._policies]

    def edition(self, namespace: str) -> tuple[Hashable, Hashable]:
        """Another value where something changed that may refuse what is done there: of the
        cluster's policies and webhooks, and of the namespace's budgets. Made once for each change,
        not for each workload that waits."""
        seen = [watch.snapshot() for watch in self.watches()]
        if any(now is not before for now, before in zip_longest(seen, self._seen)):
            self._seen, self._editions = seen, _editions(*seen)
        policies, budgets = self._editions
        return policies, budgets.get(namespace, _NONE)


def _editions(
    budgets: Mapping[Key, objects.Budget], *policies: Mapping[Key, objects.Rule]
) -> tuple[Hashable, Mapping[str, Hashable]]:
    """Of the cluster's policies, and of each namespace's budgets."""
    by_namespace: dict[str, frozenset[Hashable]] = {}
    for (space, _), b in budgets.items():
        one = _edition(b), b.status.disruptions_allowed > 0
        by_namespace[space] = by_namespace.get(space, _NONE) | {one}
    return frozenset(_edition(p) for some in policies for p in some.values()), by_namespace


def _edition(found: objects.Budget | objects.Rule) -> Hashable:
    return found.metadata.uid, found.metadata.generation
