"""API group apps/v1, and v1's ReplicationController: the owners of pods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kube.objects.meta import Condition, Meta, Object
from kube.objects.pods import Template
from kube.selectors import Selector


class RollingUpdate(Object, frozen=True):
    max_surge: int | str | None = None
    max_unavailable: int | str | None = None
    partition: int | None = None


class Strategy(Object, frozen=True):
    type: str = ""
    rolling_update: RollingUpdate | None = None


class Ordinals(Object, frozen=True):
    start: int = 0


class OwnerSpec(Object, frozen=True):
    replicas: int | None = None
    selector: dict[str, Any] | None = None
    """A ReplicationController's is a map of labels, the others' a label selector."""
    template: Template = Template()
    strategy: Strategy = Strategy()
    update_strategy: Strategy = Strategy()
    min_ready_seconds: int = 0
    paused: bool = False
    revision_history_limit: int | None = None
    progress_deadline_seconds: int | None = None
    pod_management_policy: str = "OrderedReady"
    ordinals: Ordinals | None = None

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether its pods are those with these labels; without a selector none are."""
        if not self.selector:
            return False
        if self.selector.keys() <= {"matchLabels", "matchExpressions"}:
            return msgspec.convert(self.selector, Selector).matches(labels)
        return self.selector.items() <= labels.items()


class OwnerStatus(Object, frozen=True):
    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    updated_number_scheduled: int = 0
    conditions: list[Condition] | None = None


class Owner(Object, frozen=True):
    """A ReplicationController, ReplicaSet, Deployment, StatefulSet or DaemonSet.

    One struct for all five: their fields overlap, and the watch that delivered it knows its kind.
    """

    metadata: Meta
    spec: OwnerSpec = OwnerSpec()
    status: OwnerStatus = OwnerStatus()
