"""Defects of what a cycle keeps of the one before it: one thing that it depends on is forgotten."""

from msgspec.structs import replace

from scaler.cluster import updated_views
from scaler.planning import kept
from scaler.planning.kept import Ground, KeptPlan
from tests.simulation.mutants.registry import Patch, mutant


@mutant
def plans_outlast_nodes(patch: Patch) -> None:
    """Nodes may go, or be cordoned: plans stand."""
    patch(kept, "_alike", lambda before, after: True)


@mutant
def plans_outlast_quotas(patch: Patch) -> None:
    """A quota may come: plans stand."""
    usual = Ground.same

    def same(self: Ground, before: Ground) -> bool:
        as_before = replace(self.snapshot, quotas=before.snapshot.quotas)
        return usual(replace(self, snapshot=as_before), before)

    patch(Ground, "same", same)


@mutant
def plans_outlast_usage(patch: Patch) -> None:
    """New minutes of some pods are nothing to their workload: plans stand."""
    patch(KeptPlan, "concerns", lambda self, pods: False)


@mutant
def podsizes_concern_nobody(patch: Patch) -> None:
    """A PodSize that changes leaves its workload's view as it was."""
    usual = updated_views._concerned
    patch(
        updated_views,
        "_concerned",
        lambda shot, uids, pods, sizes, owners: usual(shot, uids, pods, (), owners),
    )


@mutant
def pods_concern_their_controller_alone(patch: Patch) -> None:
    """A pod that changes concerns its ReplicaSet, and not the Deployment above."""
    patch(updated_views, "_deployment", lambda snapshot, by_uid, workload: None)
