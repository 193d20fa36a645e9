"""The way of a new pod through admission, in the server's order, with the project's real webhook.

| step | what                                                                        |
| ---- | --------------------------------------------------------------------------- |
| 1    | decoded: a request that is not set is the limit                             |
| 2    | LimitRanger fills in its defaults                                           |
| 3    | the mutating webhooks, one after the other; each one's pod is decoded again |
| 4    | where a webhook has changed it: LimitRanger again                           |
| 5    | validation, policies, LimitRanger's refusals, quota                                   |
"""

from collections.abc import Callable

from tests.simulation import limits, quantities
from tests.simulation.etcd import Etcd, Json

Mutating = Callable[[Json, bool], Json]
"""A webhook: the pod and whether this is a dry run; the pod as it goes on."""


class PodAdmission:
    """The chain; `webhooks` are called in that order."""

    def __init__(self, etcd: Etcd) -> None:
        self._etcd = etcd
        self.webhooks: list[Mutating] = []
        self.policies: Callable[[Json], None] = lambda pod: None
        """What third-party policies say of a pod. Raises KubeError."""
        self.priorities: dict[str, int] = {}
        """By label `app`: what the pods' priority class gives them."""
        self.admitted: list[Callable[[Json, Json], None]] = []
        """Called with each admitted pod: as it came to the webhooks, as it is stored."""

    def admit(self, pod: Json, *, dry_run: bool) -> Json:
        """The pod as it is stored. Raises KubeError where it is refused."""
        ranges = self._etcd.all("limitranges")
        if given := self.priorities.get((pod["metadata"].get("labels") or {}).get("app", "")):
            pod = {**pod, "spec": {**pod["spec"], "priority": given}}
        came = limits.ranged(limits.defaulted(pod), ranges)
        made = came
        for webhook in self.webhooks:
            made = limits.defaulted(webhook(made, dry_run))
        if made is not came and made != came:
            made = limits.ranged(made, ranges)
        limits.validate(made)
        self.policies(made)
        limits.check_ranges(made, ranges)
        limits.check_quotas(made, self._etcd.all("resourcequotas"), self._etcd.all("pods"))
        made = {**made, "status": {"phase": "Pending", "qosClass": quantities.qos(made)}}
        if not dry_run:
            for listener in self.admitted:
                listener(came, made)
        return made
