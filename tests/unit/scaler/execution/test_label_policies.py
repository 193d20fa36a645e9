"""Policies of other kinds, as an API server has them or not."""

from collections.abc import Mapping

import msgspec
import pytest

from kube.errors import Forbidden, KubeError, NotFound, Unreachable
from scaler.execution.label_policies import why_kept
from tests.fakes import FakeGateway, Json
from tests.unit.scaler.execution.surging import Surging, until_held

LABELS, KEYS = {"app": "web"}, ("app",)
CILIUM = {"metadata": {"namespace": "shop"}, "spec": {"endpointSelector": {"matchLabels": LABELS}}}
ALL = {"metadata": {"namespace": "shop"}, "spec": {"endpointSelector": {}}}


class Server(FakeGateway):
    """Has these groups with their versions, and answers each path with objects or an error."""

    def __init__(self, groups: dict[str, list[str]], answers: Mapping[str, object]) -> None:
        super().__init__()
        self.groups, self.answers, self.asked = groups, answers, list[str]()

    def get(self, path: str, **query: str) -> bytes:
        self.asked.append(path)
        if path == "/apis" and path not in self.answers:
            return _json(
                {
                    "groups": [
                        {"name": n, "versions": [{"groupVersion": f"{n}/{v}"} for v in versions]}
                        for n, versions in self.groups.items()
                    ]
                }
            )
        found = self.answers.get(path, [] if "networking.k8s.io/v1/" in path else None)
        if isinstance(found, Exception):
            raise found
        if found is None:
            raise NotFound(404, "NotFound", path)
        return _json({"items": found}) if isinstance(found, list) else b"no JSON"


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)


def kept(groups: dict[str, list[str]], answers: Mapping[str, object]) -> str | None:
    return why_kept(Server(groups, answers), "shop", LABELS, KEYS)


CNP = "/apis/cilium.io/v2/ciliumnetworkpolicies"
DENIED = Forbidden(403, "Forbidden", "ciliumnetworkpolicies is forbidden")


def test_a_cluster_without_such_kinds_is_asked_two_things() -> None:
    server = Server({"apps": ["v1"]}, {})
    assert why_kept(server, "shop", LABELS, KEYS) is None
    assert server.asked == ["/apis/networking.k8s.io/v1/networkpolicies", "/apis"]


def test_a_policy_by_its_labels_keeps_them() -> None:
    assert kept({"cilium.io": ["v2"]}, {CNP: [ALL, CILIUM]}) == (
        "ciliumnetworkpolicies select by its labels"
    )
    assert kept({"cilium.io": ["v2"]}, {CNP: [ALL]}) is None


def test_a_kind_of_an_older_version_is_found() -> None:
    admin = {"spec": {"subject": {"pods": {"podSelector": {"matchLabels": LABELS}}}}}
    group = "policy.networking.k8s.io"
    path = f"/apis/{group}/v1alpha1/adminnetworkpolicies"
    assert kept({group: ["v1alpha2", "v1alpha1"]}, {path: [admin]})


def test_what_may_not_be_read_keeps_the_labels() -> None:
    cases: list[dict[str, object]] = [{CNP: DENIED}, {"/apis": DENIED}, {CNP: "no JSON"}]
    for answers in cases:
        why = kept({"cilium.io": ["v2"]}, answers)
        assert why and "labels stay" in why, answers


def test_who_refuses_to_be_read_is_quoted() -> None:
    assert kept({"cilium.io": ["v2"]}, {CNP: DENIED}) == (
        "not all policies can be read, so its labels stay: ciliumnetworkpolicies is forbidden"
    )


def test_a_kind_with_no_objects_at_all_matters_to_nobody() -> None:
    assert kept({"cilium.io": ["v2"]}, {CNP: []}) is None


def test_no_answer_is_no_answer() -> None:
    with pytest.raises(KubeError):
        kept({"cilium.io": ["v2"]}, {CNP: Unreachable(0, "ReadTimeout", "timed out")})


def test_calico_is_read_where_fewer_rights_are_enough() -> None:
    denied = {"/apis/projectcalico.org/v3/networkpolicies": DENIED}
    both = {"projectcalico.org": ["v3"], "crd.projectcalico.org": ["v1"]}
    assert kept(both, denied) is None
    assert kept({"projectcalico.org": ["v3"]}, denied)


def finished(world: Surging) -> list[str]:
    """What is written on pods from a hand-over to the end."""
    world.cycle(2)
    world.load.used = 490
    held = until_held(world)
    world.listed(*world.pods)
    world.cycle(6, 1.0)
    assert held not in world.pods
    return [w for w in world.api.writes if f"/pods/{held}" in w]


class Cilium(Surging):
    """A cluster with a CiliumNetworkPolicy that selects by the label of the Service."""

    policy: Json = {"matchLabels": {"of": "web"}}

    def __init__(self) -> None:
        super().__init__()
        raw = {"metadata": {"name": "p", "namespace": "shop"}}
        path = "/apis/cilium.io/v2/namespaces/shop/ciliumnetworkpolicies/p"
        self.api.set(path, {**raw, "spec": {"endpointSelector": self.policy}})
        groups = [{"name": "cilium.io", "versions": [{"groupVersion": "cilium.io/v2"}]}]
        self.api.objects["/apis"] = {"groups": groups, "metadata": {}}


class About(Cilium):
    policy: Json = {}


def test_a_pod_keeps_the_labels_by_which_a_policy_selects_it() -> None:
    assert len([w for w in finished(Cilium()) if w.startswith("PATCH")]) == 1  # the hand-over


def test_a_pod_is_drained_where_its_policy_goes_by_something_else() -> None:
    assert len([w for w in finished(About()) if w.startswith("PATCH")]) == 2
