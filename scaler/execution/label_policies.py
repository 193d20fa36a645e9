"""Policies of other kinds that select pods by their labels: read just before a pod is drained.

Nothing of them is watched: a cluster has none of these kinds, or a few, and a drain is rare. The
server says which of the groups it has (one request, that anybody may make); only those are listed.

| the API server                          | then                                                 |
| --------------------------------------- | ---------------------------------------------------- |
| has none of the groups                  | labels may go                                        |
| has not this kind of a group            | it is left out                                       |
| refuses a list (no right to it)         | labels stay: a policy may be there that selects by   |
|                                         | them. The pod is deleted without a drain             |
| refuses to say which groups it has      | the same                                             |
| does not answer                         | nothing is done now; it is asked again               |

Kubernetes' own NetworkPolicies are read in handover.py; of those of other namespaces, and of their
peers, what is said here holds as well.
"""

from collections.abc import Collection, Iterator, Mapping

import msgspec

from kube import kinds
from kube.errors import KubeError, NotFound
from kube.gateway import Gateway
from scaler.execution import label_selection, refusal

GROUPS: Mapping[str, tuple[str, ...]] = {
    "cilium.io": ("ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies"),
    "crd.projectcalico.org": (
        *("networkpolicies", "globalnetworkpolicies"),
        *("stagednetworkpolicies", "stagedglobalnetworkpolicies"),
    ),
    "projectcalico.org": ("networkpolicies", "globalnetworkpolicies"),
    "policy.networking.k8s.io": (
        *("adminnetworkpolicies", "baselineadminnetworkpolicies"),
        "clusternetworkpolicies",
    ),
    "security.istio.io": (
        *("authorizationpolicies", "peerauthentications", "requestauthentications"),
    ),
    "networking.istio.io": ("sidecars", "envoyfilters"),
    "policy.linkerd.io": ("servers",),
    "crd.antrea.io": ("networkpolicies", "clusternetworkpolicies"),
}
"""By API group: the kinds that select pods. The chart's role has the same."""


_INSTEAD = {"projectcalico.org": "crd.projectcalico.org"}
"""A group that shows the objects of another one, and asks for more rights to read them."""


class _Version(msgspec.Struct, rename="camel"):
    group_version: str


class _Group(msgspec.Struct):
    name: str
    versions: list[_Version] = []


class _Groups(msgspec.Struct):
    groups: list[_Group] = []


_GROUPS = msgspec.json.Decoder(_Groups)


class _List(msgspec.Struct):
    items: list[dict[str, object]] | None = None


_LIST = msgspec.json.Decoder(_List)


def why_kept(
    gateway: Gateway, namespace: str, labels: Mapping[str, str], keys: Collection[str]
) -> str | None:
    """Why a pod has to keep the labels of `keys`; None: it need not. Raises KubeError."""
    try:
        for plural, policy in _policies(gateway):
            if label_selection.matters(policy, namespace, labels, keys):
                return f"{plural} select by its labels"
    except KubeError as e:
        if refusal.words(e) is None:
            raise
        return f"not all policies can be read, so its labels stay: {e.message}"
    except msgspec.DecodeError as e:
        return f"not all policies can be read, so its labels stay: {e}"
    return None


def _policies(gateway: Gateway) -> Iterator[tuple[str, Mapping[str, object]]]:
    """All that there are, each with the name of its kind."""
    for policy in _listed(gateway, kinds.NETWORK_POLICY.path()) or ():
        yield kinds.NETWORK_POLICY.plural, policy
    found = _GROUPS.decode(gateway.get("/apis")).groups
    there = {g.name: [v.group_version for v in g.versions] for g in found}
    for group, plurals in GROUPS.items():
        if _INSTEAD.get(group) in there:
            continue
        for plural in plurals:
            for version in there.get(group, ()):
                policies = _listed(gateway, f"/apis/{version}/{plural}")
                if policies is not None:
                    yield from ((plural, p) for p in policies)
                    break


def _listed(gateway: Gateway, path: str) -> list[dict[str, object]] | None:
    """The objects of all namespaces; None where there is no such kind."""
    try:
        return _LIST.decode(gateway.get(path)).items or []
    except NotFound:
        return None
