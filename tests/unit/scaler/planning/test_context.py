"""What one cycle knows besides the workload: the kill switch, and the settings."""

from typing import Any

import pytest
from msgspec.structs import replace

from scaler.annotations.options import Bounds
from scaler.cluster.snapshot import NOTHING, Snapshot, index
from scaler.cluster.views import views
from scaler.feasibility.rescheduling import Nodes
from scaler.planning import context
from scaler.planning.context import Look, Options
from scaler.policies.table import NAMES
from store.model import Status, Workload
from tests.unit.scaler.builders import NOW, ours, owner, pod, podsize, stored, view
from tests.unit.scaler.cycles import using
from tests.unit.scaler.feasibility.quotas import quota
from tests.unit.scaler.snapshots import snapshot

OTHER = {"name": "other", "uid": "other-uid"}
OTHERS = Workload("apps/v1", "ReplicaSet", "shop", "other")
OWN = ("podtailor-system", "podtailor-scaler")


def deployed(**annotations: str) -> Snapshot:
    """The scaler's own Deployment with these annotations."""
    return replace(NOTHING, owners={"Deployment": {OWN: owner(annotations=ours(annotations))}})


@pytest.mark.parametrize(
    ("seen", "dry_run", "why"),
    [
        (deployed(), False, None),
        (NOTHING, False, None),
        (deployed(paused="true"), False, "the scaler's own Deployment is paused"),
        (deployed(paused="yes"), False, None),
        (deployed(), True, "scaler.dryRun is set"),
        (deployed(paused="true"), True, "scaler.dryRun is set"),
    ],
    ids=["running", "run from outside", "paused", "a typo", "a dry run", "both"],
)
def test_what_stops_everything(seen: Snapshot, dry_run: bool, why: str | None) -> None:
    assert context.stopped_by(seen, OWN, dry_run=dry_run) == why


def made(shot: Snapshot, **options: Any) -> context.Context:
    look = Look(shot, tuple(views(index(shot), NAMES)), Nodes(shot))
    return context.of(look, Options(OWN, **options), using(), NOW)


def test_the_settings_are_those_of_the_cluster() -> None:
    got = made(deployed(paused="true"), per_hour=9, maxima=Bounds(cpu_max=700))
    assert (got.now, got.maxima.cpu_max) == (NOW, 700)
    assert (got.limits.per_hour, got.limits.dry_run) == (9, False)
    assert got.limits.paused == "the scaler's own Deployment is paused"
    assert made(NOTHING, dry_run=True).limits.dry_run


def test_quotas_are_asked_at_the_end_at_once_and_beside_the_old_pod() -> None:
    """Two of two pods are there: only a pod beside them would be one too many."""
    whose = owner(annotations=ours({"mode": "auto"}))
    shot = snapshot(
        *(pod("a"), pod("b")), owners={"ReplicationController": {("shop", "web"): whose}}
    )
    shot = replace(shot, quotas={("shop", "q"): quota(pods="2")})
    got = made(shot)
    (seen,) = views(index(shot), NAMES)
    one = seen.pods[:1]
    assert got.quota(seen, one, {}) is None
    assert got.quota_now(seen, one, {}) is None
    assert "pods would be 3, 2 is allowed" in (got.quota_beside(seen, one, {}) or "")


def test_another_workload_counts_at_the_end_of_its_change_and_now_with_what_it_has() -> None:
    """Both have 250m a pod; the other one is on its way to 500m."""
    auto = ours({"mode": "auto"})
    mine, other = owner(annotations=auto), owner(annotations=auto, metadata=OTHER)
    shot = snapshot(
        *(pod("a"), pod("b", of="other-uid")),
        owners={
            "ReplicationController": {("shop", "web"): mine},
            "ReplicaSet": {("shop", "other"): other},
        },
        podsizes=(replace(podsize(Status(size=stored())), workload=OTHERS),),
    )
    got = made(replace(shot, quotas={("shop", "q"): quota(requests__cpu="900m")}))
    seen = next(v for v in views(index(shot), NAMES) if v.workload.name == "web")
    assert got.quota_now(seen, seen.pods, {}) is None
    assert "requests.cpu" in (got.quota(seen, seen.pods, {}) or "")


def test_surge_is_off_until_somebody_says_that_it_may_be_used() -> None:
    assert made(NOTHING).surge(view()).refused == "scaler.surge.enabled is false"
