"""The state of all watches at one moment, indexed once per cycle. Pure.

Pods are found by owner references, never by labels: several workloads may have the same labels.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct, field

from kube import objects
from store.model import PodSize, Workload

Key = tuple[str, str]
"""Namespace and name."""


class Snapshot(Struct, frozen=True, dict=True):
    """All watched objects."""

    owners: Mapping[str, Mapping[Key, objects.Owner]]
    pods: Mapping[Key, objects.Pod]
    namespaces: Mapping[Key, objects.Namespace]
    nodes: Mapping[Key, objects.Node]
    limit_ranges: Mapping[Key, objects.LimitRange]
    podsizes: Mapping[Key, PodSize]
    quotas: Mapping[Key, objects.ResourceQuota] = field(default_factory=dict)
    horizontal: Mapping[Key, objects.HorizontalAutoscaler] = field(default_factory=dict)
    vertical: Mapping[Key, objects.VerticalAutoscaler] = field(default_factory=dict)
    claims: Mapping[Key, objects.Claim] = field(default_factory=dict)
    jobs: Mapping[Key, objects.Job] = field(default_factory=dict)
    cron_jobs: Mapping[Key, objects.CronJob] = field(default_factory=dict)


NOTHING = Snapshot({}, {}, {}, {}, {}, {})
"""Before the watches have been read."""


class Index(Struct, frozen=True):
    """A snapshot, with its objects by controller UID or by namespace."""

    snapshot: Snapshot
    pods_of: Mapping[str, Sequence[objects.Pod]] = field(default_factory=dict)
    sets_of: Mapping[str, Sequence[objects.Owner]] = field(default_factory=dict)
    ranges_in: Mapping[str, list[objects.LimitRange]] = field(default_factory=dict)
    podsize_of: Mapping[Workload, PodSize] = field(default_factory=dict)


def index(snapshot: Snapshot) -> Index:
    """The indexes that views.py needs."""
    return Index(
        snapshot,
        _by_controller(snapshot.pods.values()),
        _by_controller(snapshot.owners.get("ReplicaSet", {}).values()),
        _by_namespace(snapshot.limit_ranges.values()),
        {p.workload: p for p in snapshot.podsizes.values()},
    )


T = TypeVar("T", objects.Pod, objects.Owner)


def _by_controller(items: Iterable[T]) -> dict[str, list[T]]:
    out: dict[str, list[T]] = {}
    for item in items:
        if controller := item.metadata.controller():
            out.setdefault(controller.uid, []).append(item)
    return out


def _by_namespace(items: Iterable[objects.LimitRange]) -> dict[str, list[objects.LimitRange]]:
    out: dict[str, list[objects.LimitRange]] = {}
    for item in items:
        out.setdefault(item.metadata.namespace, []).append(item)
    return out
