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
from collections.abc import Callable, Hashable

from kube import kinds, objects
from kube.gateway import Gateway
from kube.watching import Watch

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

    def watches(self) -> list[Watch]:  # type: ignore[type-arg]
        """All of them."""
        return [self._budgets, *self._policies]

    def edition(self, namespace: str) -> tuple[Hashable, Hashable]:
        """Another value where something changed that may refuse what is done there: of the
        cluster's policies and webhooks, and of the namespace's budgets."""
        policies = (_edition(p) for watch in self._policies for p in watch.snapshot().values())
        budgets = (
            (_edition(b), b.status.disruptions_allowed > 0)
            for (space, _), b in self._budgets.snapshot().items()
            if space == namespace
        )
        return frozenset(policies), frozenset(budgets)


def _edition(found: objects.Budget | objects.Rule) -> Hashable:
    return found.metadata.uid, found.metadata.generation
