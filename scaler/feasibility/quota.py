"""Would the namespace's ResourceQuotas admit each of the replacements? Pure.

Usage is computed from the pods, as the API server's evaluator does, not read from the quota's
status, which lags behind deletions. The result holds in steady state. Before that a replacement may
be refused for a moment: the owner creates it as soon as the old pod is terminating, and the old pod
counts until it is gone and the quota controller has noticed. The owner then retries by itself.

| in the namespace                                      | counts with                             |
| ----------------------------------------------------- | --------------------------------------- |
| a pod that is to be replaced                          | what it has, then the new size          |
| a missing or terminating pod of the workload          | the new size                            |
| a pod of another workload whose change is in progress | the larger of what it has and will have |
| a missing or terminating pod of such a workload       | what it will have                       |
| a held pod (held_pod.py) of another workload          | what it has                             |
| a held pod of the workload itself                     | nothing: it will be deleted             |
| any other pod, terminating or not                     | what it has                             |
| a finished pod                                        | nothing                                 |

| in the quota                                       | means                                    |
| -------------------------------------------------- | ---------------------------------------- |
| requests.cpu, cpu, limits.cpu, the same of memory  | the pod's sum, with init containers and  |
|                                                    | overhead as for scheduling; a container  |
|                                                    | without the value is refused             |
| pods, count/pods                                   | one for each pod                         |
| other names                                        | ignored: podtailor does not change them  |
| scopes BestEffort, Terminating, PriorityClass and  | only pods of that kind                   |
| their opposites; CrossNamespacePodAffinity         |                                          |
| any other scope                                    | assumed to apply                         |

The pods are replaced one by one: the sum must be allowed after each of them, not only at the end.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from kube import objects
from kube.memo import once
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


class Share(Struct, frozen=True):
    """What one workload uses of its namespace's quotas, now and after its change.

    `pods`: those that are not terminating. `missing`: how many more pods the owner will create.
    """

    pods: Sequence[objects.Pod]
    missing: int = 0
    becomes: Callable[[objects.Pod], Sizes | None] = lambda pod: None
    """The sizes that a pod will have; None: it stays as it is."""
    held: Sequence[objects.Pod] = ()
    """Held pods: they are deleted once their replacements are Ready."""
    coming: Sequence[tuple[objects.Pod, Sizes]] = ()
    """What a missing pod will be like, if the workload has no pod to compare with."""
    mixed: bool = False
    """Whether its pods get different sizes, so that those which are not asked about change too."""


@dataclass
class Ledger:
    """One namespace in one cycle. `others`: pods of unmanaged workloads."""

    quotas: Sequence[objects.ResourceQuota]
    ranges: Sequence[objects.LimitRange]
    shares: Mapping[str, Share]
    others: Sequence[objects.Pod] = ()
    _sums: dict[str, tuple["Counter[str]", Mapping[str, "Counter[str]"]]] = field(
        default_factory=dict
    )
    """By quota: what all will use, and of that each workload."""

    def refusal(
        self, whose: str, mine: Share, replaced: Sequence[objects.Pod], sizes: Sizes
    ) -> str | None:
        """Why a quota would refuse a replacement of `replaced` with `sizes`; None: it would not.

        `whose`: the workload. `mine`: its present share, which may be newer than the ledger.
        """
        asked_about = {p.metadata.uid for p in replaced}
        for quota in self.quotas:
            used = self._elsewhere(quota, whose)
            for pod in mine.pods:
                changes = mine.mixed and pod.metadata.uid not in asked_about
                used.update(self._larger(quota, mine, pod) if changes else self._used(quota, pod))
            for pod in [*mine.pods[-1:]] * mine.missing:
                used.update(self._used(quota, pod, sizes))
            if message := next(self._exceeded(quota, used, replaced, sizes), None):
                return message
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
                continue  # the quota does not apply to this pod
            used.subtract(self._used(quota, pod))
            used.update(new)
            yield from self._unset(quota, hard, pod, sizes)
            for name, most in hard.items():
                if new[name] and used[name] > _counted_in(name).parse(most):
                    yield _sentence(quota, name, used[name], most)

    def _elsewhere(self, quota: objects.ResourceQuota, whose: str) -> "Counter[str]":
        """What all workloads but this one will use: added up once, not for each of them."""
        name = quota.metadata.name
        if name not in self._sums:
            each = {one: self._at_most(quota, share) for one, share in self.shares.items()}
            total: Counter[str] = Counter()
            for pod in self.others:
                total.update(self._used(quota, pod))
            for used in each.values():
                total.update(used)
            self._sums[name] = total, each
        every, by_workload = self._sums[name]
        elsewhere = every.copy()
        elsewhere.subtract(by_workload.get(whose))
        return elsewhere

    def _at_most(self, quota: objects.ResourceQuota, share: Share) -> "Counter[str]":
        total: Counter[str] = Counter()
        for pod in share.pods:
            total.update(self._larger(quota, share, pod))
        for pod in share.held:
            total.update(self._used(quota, pod))
        like = [(pod, share.becomes(pod)) for pod in share.pods[-1:]]
        for pod, sizes in [*(like or share.coming)] * share.missing:
            total.update(self._used(quota, pod, sizes))
        return total

    def _larger(
        self, quota: objects.ResourceQuota, share: Share, pod: objects.Pod
    ) -> "Counter[str]":
        becomes, now = share.becomes(pod), self._used(quota, pod)
        return now if becomes is None else now | self._used(quota, pod, becomes)

    def _used(
        self, quota: objects.ResourceQuota, pod: objects.Pod, sizes: Sizes | None = None
    ) -> "Counter[str]":
        if pod.status.phase in pod_requests.FINISHED or not applies(quota, pod):
            return Counter()
        return _at_present(pod) if sizes is None else _with(pod, self._defaulted(pod, sizes))

    def _defaulted(self, pod: objects.Pod, sizes: Sizes) -> Sizes:
        """The sizes of all containers, with the defaults that LimitRanges add after the webhook."""
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
                    yield f"{who} admits no container without {name}, and {container} has none"


@once
def _at_present(pod: objects.Pod) -> "Counter[str]":
    """What the pod counts with, by the names of a quota."""
    return _with(pod, {})


def _with(pod: objects.Pod, sizes: Sizes) -> "Counter[str]":
    """The same with other sizes."""
    parts = {
        "requests": pod_requests.needed(pod, sizes),
        "limits": pod_requests.limited(pod, sizes),
    }
    return Counter(
        {name: parts[part][resource] if part else 1 for name, (part, resource) in _NAMES.items()}
    )


def _counted_in(name: str) -> Resource:
    return RESOURCES.get(_NAMES[name][1], WHOLE)


def _sentence(quota: objects.ResourceQuota, name: str, used: int, most: Quantity) -> str:
    would = f"{name} would be {_counted_in(name).text(used)}, {most} is allowed"
    return f"ResourceQuota {quota.metadata.name} refuses a replacement: {would}"
