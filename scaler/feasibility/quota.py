"""Would the namespace's ResourceQuotas let the replacements in, and all of them at the end? Pure.

Counted from the pods themselves, as the API server's evaluator does, and not read from the quota's
status: that lags behind pods that went. What is said here is true once everything is at rest. Till
then a replacement may be refused for a moment: its owner makes it as soon as the old pod is on its
way out, the old one counts until it is gone and the quota's controller has noticed, and the owner
tries again by itself.

| in the namespace                                      | counts with                              |
| ----------------------------------------------------- | ---------------------------------------- |
| a pod that is to be replaced                          | what it has, after its turn the new size |
| a pod of the workload that is missing, or going       | the new size                             |
| a pod of another workload whose change is under       | the larger of what it has and will have; |
| way; one of it that is missing, or going              | what it will have                        |
| a held pod (held_pod.py): of another workload; of the | what it has; nothing, since it is to go  |
| workload itself                                       |                                          |
| any other pod, also one that is going                 | what it has                              |
| a finished pod                                        | nothing                                  |

| in the quota                                       | means                                    |
| -------------------------------------------------- | ---------------------------------------- |
| requests.cpu, cpu, limits.cpu, the same of memory  | the pod's sum, init containers and       |
|                                                    | overhead as for scheduling; a container  |
|                                                    | without the value is refused             |
| pods, count/pods                                   | one each                                 |
| other names                                        | not looked at: we change nothing else    |
| scopes BestEffort, Terminating, PriorityClass and  | only pods of that kind                   |
| their opposites; CrossNamespacePodAffinity         |                                          |
| any other scope                                    | taken to apply                           |

The pods are replaced one by one: the sum must be allowed after each of them, not only at the end.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kube import objects
from kube.quantity import Quantity
from scaler.cluster.pod_sizes import size_of
from scaler.feasibility import limit_range, pod_requests
from scaler.feasibility.quota_scopes import applies
from store.amounts import RESOURCES, WHOLE, Resource
from store.model import Sizes

_NAMES: Mapping[str, tuple[str, str]] = {
    "cpu": ("requests", "cpu"),
    "requests.cpu": ("requests", "cpu"),
    "limits.cpu": ("limits", "cpu"),
    "memory": ("requests", "memory"),
    "requests.memory": ("requests", "memory"),
    "limits.memory": ("limits", "memory"),
    "pods": ("", "pods"),
    "count/pods": ("", "pods"),
}


@dataclass(frozen=True)
class Share:
    """What one workload's pods hold of a quota: now, at the end of its change, one that is missing.

    `pods`: those that stay or are to be replaced. `sizes`: by pod, what it will have.
    """

    pods: Sequence[objects.Pod]
    missing: int = 0
    becomes: Callable[[objects.Pod], Sizes | None] = lambda pod: None
    """The sizes that a pod will have; None: it stays as it is."""
    held: Sequence[objects.Pod] = ()
    """Pods that were handed over, and go once their replacements are there."""
    coming: Sequence[tuple[objects.Pod, Sizes]] = ()
    """What a missing pod will be, where none is there that it would be like."""


@dataclass
class Ledger:
    """One namespace in one cycle. `others`: pods that belong to no workload of ours."""

    quotas: Sequence[objects.ResourceQuota]
    ranges: Sequence[objects.LimitRange]
    shares: Mapping[str, Share]
    others: Sequence[objects.Pod] = ()
    _sums: dict[tuple[str, str], "Counter[str]"] = field(default_factory=dict)

    def refusal(
        self, uid: str, mine: Share, replaced: Sequence[objects.Pod], sizes: Sizes
    ) -> str | None:
        """Why `replaced` of the workload `uid` could not all come back with `sizes`.

        `mine`: its share as it is now, which may be newer than the ledger.
        """
        for quota in self.quotas:
            used = self._elsewhere(quota, uid)
            for pod in mine.pods:
                used.update(self._used(quota, pod, None))
            for pod in [*mine.pods[-1:]] * mine.missing:
                used.update(self._used(quota, pod, sizes))
            if told := next(self._exceeded(quota, used, replaced, sizes), None):
                return told
        return None

    def _exceeded(
        self,
        quota: objects.ResourceQuota,
        used: "Counter[str]",
        replaced: Sequence[objects.Pod],
        sizes: Sizes,
    ) -> Iterator[str]:
        hard = {n: v for n, v in (quota.spec.hard or {}).items() if n in _NAMES}
        for pod in replaced:
            new = self._used(quota, pod, sizes)
            if not new:
                continue  # the quota is not about this pod
            used.subtract(self._used(quota, pod, None))
            used.update(new)
            yield from self._unset(quota, hard, pod, sizes)
            for name, most in hard.items():
                if new[name] and used[name] > _counted_in(name).parse(most):
                    yield _sentence(quota, name, used[name], most)

    def _elsewhere(self, quota: objects.ResourceQuota, uid: str) -> "Counter[str]":
        """What all but this workload will have taken."""
        key = quota.metadata.name, uid
        if key not in self._sums:
            total: Counter[str] = Counter()
            for pod in self.others:
                total.update(self._used(quota, pod, None))
            for whose, share in self.shares.items():
                if whose != uid:
                    total.update(self._at_most(quota, share))
            self._sums[key] = total
        return self._sums[key].copy()

    def _at_most(self, quota: objects.ResourceQuota, share: Share) -> "Counter[str]":
        total: Counter[str] = Counter()
        for pod in share.pods:
            becomes = share.becomes(pod)
            now = self._used(quota, pod, None)
            total.update(now if becomes is None else now | self._used(quota, pod, becomes))
        for pod in share.held:
            total.update(self._used(quota, pod, None))
        like = [(pod, share.becomes(pod)) for pod in share.pods[-1:]]
        for pod, sizes in [*(like or share.coming)] * share.missing:
            total.update(self._used(quota, pod, sizes))
        return total

    def _used(
        self, quota: objects.ResourceQuota, pod: objects.Pod, sizes: Sizes | None
    ) -> "Counter[str]":
        if pod.status.phase in pod_requests.FINISHED or not applies(quota, pod):
            return Counter()
        wanted = {} if sizes is None else self._defaulted(pod, sizes)
        parts = {
            "requests": pod_requests.needed(pod, wanted),
            "limits": pod_requests.limited(pod, wanted),
        }
        return Counter(
            {
                name: parts[part][resource] if part else 1
                for name, (part, resource) in _NAMES.items()
            }
        )

    def _defaulted(self, pod: objects.Pod, sizes: Sizes) -> Sizes:
        """The sizes of all containers, with what LimitRanges fill in after the webhook."""
        every = [*pod.spec.containers, *(pod.spec.init_containers or ())]
        full = {c.name: sizes.get(c.name) or size_of(c.resources) for c in every}
        return limit_range.with_defaults(self.ranges, full)

    def _unset(
        self, quota: objects.ResourceQuota, hard: Iterable[str], pod: objects.Pod, sizes: Sizes
    ) -> Iterator[str]:
        for container, size in self._defaulted(pod, sizes).items():
            parts = {"requests": size.requests, "limits": size.limits}
            for name in hard:
                part, resource = _NAMES[name]
                if part and parts[part][resource] is None:
                    who = f"ResourceQuota {quota.metadata.name}"
                    yield f"{who} lets no container in without {name}, and {container} has none"


def _counted_in(name: str) -> Resource:
    return RESOURCES.get(_NAMES[name][1], WHOLE)


def _sentence(quota: objects.ResourceQuota, name: str, used: int, most: Quantity) -> str:
    would = f"{name} would be {_counted_in(name).text(used)}, {most} is allowed"
    return f"ResourceQuota {quota.metadata.name} refuses a replacement: {would}"
