"""No pod is replaced if that would change more than resources, or could not be undone."""

from pathlib import Path

import msgspec

from kube.objects import Owner
from store.model import Phase, Resources, Size, Workload
from store.reasons import Reason
from tests.e2e.programs import Programs
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, MEMORY, settled, status_of, uids
from tests.e2e.undoing import LIMIT, undoing
from tests.e2e.workloads import Shop, container, manifest, sized, steadily, until


def reason(shop: Shop, workload: Workload) -> Reason | None:
    podsize = shop.podsize(workload)
    return podsize.status.reason if podsize else None


def edited_image(shop: Shop, workload: Workload) -> None:
    """Change more than resources in the template, and wait until its controller has seen it.

    A controller whose API server has just been restarted may take a while to notice.
    """
    edited = [{**container(), "env": [{"name": "A", "value": "b"}]}]
    shop.patch(workload, {"spec": {"template": {"spec": {"containers": edited}}}})
    until(lambda: _seen(shop.owner(workload)), 90)


def _seen(owner: Owner) -> bool:
    return owner.status.observed_generation >= owner.metadata.generation


def test_a_controller_whose_template_moved_on_is_left_alone(shop: Shop) -> None:
    workload = shop.create(manifest("ReplicationController"))
    edited_image(shop, workload)
    before = uids(shop.pods())
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: reason(shop, workload) is Reason.TEMPLATE_CHANGED,
        20,
        lambda: status_of(shop, workload),
    )
    steadily(lambda: uids(shop.pods()) == before, 3)
    shop.patch(workload, {"spec": {"template": {"spec": {"containers": [container()]}}}})
    until(lambda: settled(shop, workload, LARGE, 2), 30, lambda: status_of(shop, workload))


def test_a_daemonset_on_delete_whose_template_moved_on_is_left_alone(shop: Shop) -> None:
    annotations = {"podtailor.io/mode": "auto", "podtailor.io/single-replica": "restart"}
    made = manifest("DaemonSet", annotations=annotations, updateStrategy={"type": "OnDelete"})
    workload = shop.create(made)
    edited_image(shop, workload)
    before = uids(shop.pods())
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: reason(shop, workload) is Reason.TEMPLATE_CHANGED,
        20,
        lambda: status_of(shop, workload),
    )
    steadily(lambda: uids(shop.pods()) == before, 2)


def test_a_statefulset_on_delete_whose_template_moved_on_is_left_alone(shop: Shop) -> None:
    made = manifest("StatefulSet", updateStrategy={"type": "OnDelete"})
    workload = shop.create(made)
    edited_image(shop, workload)
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: reason(shop, workload) is Reason.TEMPLATE_CHANGED,
        20,
        lambda: status_of(shop, workload),
    )


def test_an_unfinished_rollout_is_waited_for(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment"))
    broken = {**container(), "readinessProbe": {"exec": {"command": ["/bin/busybox", "false"]}}}
    shop.patch(workload, {"spec": {"template": {"spec": {"containers": [broken]}}}})
    until(lambda: len(shop.pods()) == 3, 20)
    before = uids(shop.pods())
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: reason(shop, workload) is Reason.ROLLOUT_IN_PROGRESS,
        20,
        lambda: status_of(shop, workload),
    )
    steadily(lambda: uids(shop.pods()) == before, 3)


def test_a_disruption_budget_is_waited_for(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment"))
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "web"},
        "spec": {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "web"}}},
    }
    path = f"/apis/policy/v1/namespaces/{shop.namespace}/poddisruptionbudgets"
    shop.gateway.post(path, budget)
    until(lambda: b'"expectedPods":2' in shop.gateway.get(path + "/web"), 20)
    before = uids(shop.pods())
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: reason(shop, workload) is Reason.DISRUPTION_BUDGET,
        20,
        lambda: status_of(shop, workload),
    )
    steadily(lambda: uids(shop.pods()) == before, 6)
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.restarts.count == 0, "a refusal uses up no restart"
    assert podsize.status.backoff.failures == 0
    shop.gateway.delete(path + "/web")
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))


def test_a_webhook_that_is_away_stops_the_change_before_the_first_pod(
    shop: Shop, programs: Programs
) -> None:
    workload = shop.create(manifest("Deployment"))
    until(lambda: shop.podsize(workload) is not None, 10)
    before = uids(shop.pods())
    programs.webhook.stop()
    try:
        shop.by_hand(workload, BY_HAND)
        until(
            lambda: reason(shop, workload) is Reason.WEBHOOK_UNVERIFIED,
            20,
            lambda: status_of(shop, workload),
        )
        steadily(lambda: uids(shop.pods()) == before, 3)
    finally:
        programs.webhook.start()
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))


def test_an_edit_of_the_manifest_takes_effect(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment"))
    shop.by_hand(workload, BY_HAND)
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
    shop.by_hand(workload)  # from now on only the policy decides
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
    more = [container(**sized("120m", "240m"))]
    shop.patch(workload, {"spec": {"template": {"spec": {"containers": more}}}})
    edited = Size(Resources(120, MEMORY), Resources(240, MEMORY))
    until(lambda: settled(shop, workload, edited, 2), 60, lambda: status_of(shop, workload))
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.reason is Reason.MANIFEST_CHANGED
    assert podsize.status.restarts.count == 2, (
        "the rollout brought the values, nobody was taken again"
    )


def test_a_size_that_a_limit_range_would_refuse_is_never_stored(shop: Shop) -> None:
    limits = {"type": "Container", "default": {"cpu": "250m"}, "max": {"cpu": "250m"}}
    shop.gateway.post(
        f"/api/v1/namespaces/{shop.namespace}/limitranges",
        {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": {"name": "most"},
            "spec": {"limits": [limits]},
        },
    )
    workload = shop.create(manifest("Deployment"))
    before = uids(shop.pods())
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: reason(shop, workload) is Reason.LIMIT_RANGE, 20, lambda: status_of(shop, workload)
    )
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.size is None
    assert uids(shop.pods()) == before


def test_a_size_by_hand_that_fits_no_node_stays_a_wish(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment"))
    shop.by_hand(workload, {"name": "app", "requests": {"cpu": "63"}, "limits": {"cpu": "64"}})
    until(
        lambda: reason(shop, workload) is Reason.NO_NODE_FITS, 20, lambda: status_of(shop, workload)
    )
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.size is None and podsize.status.phase is Phase.BLOCKED


def test_a_size_by_hand_never_changes_the_qos_class(shop: Shop) -> None:
    workload = shop.create(
        manifest("Deployment")
    )  # memory has request = limit, CPU does not: Burstable
    shop.by_hand(workload, {"name": "app", "requests": {"cpu": "200m"}})
    until(lambda: reason(shop, workload) is Reason.QOS_CLASS, 20, lambda: status_of(shop, workload))
    assert all(p.status.qos_class == "Burstable" for p in shop.pods())


def test_values_that_somebody_rewrites_stop_the_workload_after_one_pod(
    shop: Shop, tmp_path: Path
) -> None:
    workload = shop.create(manifest("Deployment", replicas=3))
    before = uids(shop.pods())
    with undoing(shop.gateway, shop.namespace, tmp_path):
        until(lambda: _limit_of_a_new_pod(shop) == LIMIT, 30)
        shop.by_hand(workload, BY_HAND)
        until(
            lambda: reason(shop, workload) is Reason.REWRITTEN,
            40,
            lambda: status_of(shop, workload),
        )
        steadily(lambda: len(uids(shop.pods()) & before) == 2, 4)


def _limit_of_a_new_pod(shop: Shop) -> str:
    """The limit by a dry run: a webhook configuration takes a moment to be in force."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"generateName": "look-"},
        "spec": {"containers": [container()]},
    }
    raw = shop.gateway.post(f"/api/v1/namespaces/{shop.namespace}/pods", pod, dryRun="All")
    made = msgspec.json.decode(raw)
    return str(made["spec"]["containers"][0]["resources"]["limits"]["cpu"])
