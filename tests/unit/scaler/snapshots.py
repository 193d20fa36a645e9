"""A snapshot of the cluster with the objects that a test names."""

from collections.abc import Mapping

import msgspec

from kube import objects
from scaler.cluster.snapshot import Snapshot
from store.model import PodSize


def snapshot(
    *pods: objects.Pod,
    owners: Mapping[str, Mapping[tuple[str, str], objects.Owner]] | None = None,
    namespace: Mapping[str, str] | None = None,
    podsizes: tuple[PodSize, ...] = (),
) -> Snapshot:
    meta = {"metadata": {"name": "shop", "annotations": namespace or {}}}
    return Snapshot(
        owners or {},
        {("shop", p.metadata.name): p for p in pods},
        {("", "shop"): msgspec.convert(meta, objects.Namespace)},
        {},
        {},
        {("shop", p.name): p for p in podsizes},
    )
