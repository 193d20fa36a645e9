"""The Eviction API and the budgets that it asks.

| the pod                                | the answer                                       |
| -------------------------------------- | ------------------------------------------------ |
| another UID than the precondition's    | 409                                              |
| Pending, finished or already going     | deleted, no budget asked                         |
| matched by several budgets             | 500                                              |
| its budget allows none, or is unknown  | 429                                              |
| not Ready, while the others are enough | deleted, the budget stays as it is               |
| otherwise                              | the budget is charged, the pod deleted           |
"""

from typing import TYPE_CHECKING

from kube.errors import BUDGET, TooMany, Unreachable
from tests.simulation import writing
from tests.simulation.etcd import Etcd, Json
from tests.simulation.routes import Route

if TYPE_CHECKING:
    from tests.simulation.apiserver import ApiServer

_UNASKED = ("Pending", "Succeeded", "Failed")
_TOLD = "Cannot evict pod as it would violate the pod's disruption budget."


def evict(api: "ApiServer", where: Route, body: Json) -> Json:
    """Evict the pod at `where`. Raises KubeError."""
    pod = api.held(where)
    options = body.get("deleteOptions") or {}
    dry = "All" in (options.get("dryRun") or ())
    asked = "deletionTimestamp" not in pod["metadata"]
    if asked and pod["status"].get("phase") not in _UNASKED:
        writing.check_uid(pod, (options.get("preconditions") or {}).get("uid"))
        _ask(api, pod, dry=dry)
    api.delete(where, options)
    return {"kind": "Status", "apiVersion": "v1", "status": "Success", "code": 201}


def budgets_of(etcd: Etcd, pod: Json) -> list[Json]:
    """The budgets that select a pod."""
    meta = pod["metadata"]
    return [
        b
        for (namespace, _), b in sorted(etcd.all("poddisruptionbudgets").items())
        if namespace == meta["namespace"]
        and selects(b["spec"].get("selector"), meta.get("labels") or {})
    ]


def selects(selector: Json | None, labels: Json) -> bool:
    """Whether a label selector (matchLabels alone) matches; none at all matches nothing."""
    wanted = (selector or {}).get("matchLabels") or {}
    return selector is not None and wanted.items() <= labels.items()


def ready(pod: Json) -> bool:
    """Whether its conditions say so; a pod that is going counts until it is gone."""
    conditions = pod["status"].get("conditions") or ()
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _ask(api: "ApiServer", pod: Json, *, dry: bool) -> None:
    budgets = budgets_of(api.etcd, pod)
    if not budgets:
        return
    if len(budgets) > 1:
        message = "This pod has more than one PodDisruptionBudget, which the eviction subresource"
        raise Unreachable(500, "", message + " does not support.")
    budget = budgets[0]
    status = budget.get("status") or {}
    enough = status.get("currentHealthy", 0) >= status.get("desiredHealthy", 0) > 0
    if not ready(pod) and enough:
        return
    if status.get("observedGeneration", 0) < budget["metadata"]["generation"]:
        raise TooMany("TooManyRequests", _TOLD, 10.0, [BUDGET])
    if status.get("disruptionsAllowed", 0) <= 0:
        raise TooMany("TooManyRequests", _TOLD, 0.0, [BUDGET])
    if dry:
        return
    disrupted = {**status.get("disruptedPods", {}), pod["metadata"]["name"]: "now"}
    allowed = status["disruptionsAllowed"] - 1
    charged = {**status, "disruptionsAllowed": allowed, "disruptedPods": disrupted}
    api.write({**budget, "status": charged})
