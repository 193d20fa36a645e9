"""To which policies it matters that a pod loses the label by which its Service selects it."""

from typing import Any

import pytest

from scaler.execution.label_selection import matters

LABELS = {"app": "web", "tier": "front", "pod-template-hash": "1"}
KEYS = ("app",)


def policy(namespace: str | None = "shop", **spec: Any) -> dict[str, object]:
    home = {"namespace": namespace} if namespace else {}
    return {"metadata": {"name": "p", "labels": {"app": "web"}, **home}, "spec": spec}


def ends(**selector: Any) -> dict[str, object]:
    return policy(endpointSelector=selector)


def calico(text: str) -> dict[str, object]:
    return policy(selector=text)


WEB = {"app": "web"}
IN_SHOP = {"k8s:app": "web", "k8s:io.kubernetes.pod.namespace": "shop"}
DOES: dict[str, dict[str, object]] = {
    "Cilium, by the label": ends(matchLabels=WEB),
    "Cilium, with its source": ends(matchLabels={"k8s:app": "web"}),
    "Cilium, from any source": ends(matchLabels={"any:app": "web"}),
    "Cilium, by an expression": ends(matchExpressions=[{"key": "app", "operator": "Exists"}]),
    "Cilium, together with another": ends(matchLabels={"app": "web", "tier": "front"}),
    "Cilium, those without it": ends(matchExpressions=[{"key": "app", "operator": "DoesNotExist"}]),
    "Cilium, but not others": ends(
        matchExpressions=[{"key": "app", "operator": "NotIn", "values": ["web"]}]
    ),
    "Cilium, an unknown operator beside": ends(
        matchLabels=WEB, matchExpressions=[{"key": "a", "operator": "?"}]
    ),
    "Cilium, an operator that is not known": ends(
        matchExpressions=[{"key": "app", "operator": "Like", "values": None}]
    ),
    "Cilium, values that are no list": ends(
        matchExpressions=[{"key": "app", "operator": "In", "values": {"web": "db"}}]
    ),
    "Cilium, the same for another label": ends(
        matchLabels=WEB, matchExpressions=[{"key": "tier", "operator": "Like"}]
    ),
    "Cilium, as a peer": policy(
        endpointSelector={}, ingress=[{"fromEndpoints": [{"matchLabels": WEB}]}]
    ),
    "Cilium, several specs": {
        "metadata": {"namespace": "shop"},
        "specs": [{"endpointSelector": {"matchLabels": WEB}}],
    },
    "Cilium, clusterwide": policy(None, endpointSelector={"matchLabels": WEB}),
    "Cilium, a peer from elsewhere": policy(
        "db", ingress=[{"fromEndpoints": [{"matchLabels": IN_SHOP}]}]
    ),
    "Calico": calico("app == 'web'"),
    "Calico, double quotes": calico('app=="web" && tier == "front"'),
    "Calico, after its name in a value": calico("tier == 'app' && app == 'web'"),
    "Calico, not": calico("app != 'web'"),
    "Calico, in": calico("app in { 'api', 'web' }"),
    "Calico, not in": calico("app not in {'web'}"),
    "Calico, has": calico("has(app)"),
    "Calico, has not": calico("!has(app)"),
    "Calico, starts with": calico("app starts with 'we'"),
    "Calico, another way": calico("app like 'web'"),
    "Calico, as a source": policy(
        selector="all()", ingress=[{"source": {"selector": "app == 'web'"}}]
    ),
    "Calico, as an exception": policy(
        selector="all()", ingress=[{"source": {"notSelector": "app == 'web'"}}]
    ),
    "several expressions": policy(selector=["has(x)", "app == 'web'"]),
    "Calico, global": policy(None, selector="app == 'web'", namespaceSelector="has(x)"),
    "AdminNetworkPolicy": policy(
        None, subject={"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": WEB}}}
    ),
    "Istio": policy(selector={"matchLabels": WEB}),
    "Istio, a Sidecar": policy(workloadSelector={"labels": WEB}),
    "Linkerd": policy(podSelector={"matchLabels": WEB}, port=80),
    "a NetworkPolicy's peer": policy(
        podSelector={"matchLabels": {"app": "db"}},
        ingress=[{"from": [{"podSelector": {"matchLabels": WEB}}]}],
    ),
    "a NetworkPolicy's peer from elsewhere": policy(
        "db", ingress=[{"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": WEB}}]}]
    ),
}
DOES_NOT = {
    "all pods": ends(),
    "another value": ends(matchLabels={"app": "db"}),
    "another value, by an expression": ends(
        matchExpressions=[{"key": "app", "operator": "In", "values": ["db"]}]
    ),
    "expressions about no label": ends(matchExpressions=[{"operator": "Exists"}, "app"]),
    "another label": ends(matchLabels={"tier": "front"}),
    "the label, and another that it has not": ends(matchLabels={"app": "web", "tier": "back"}),
    "another namespace": policy("db", endpointSelector={"matchLabels": WEB}),
    "Calico, all": calico("all()"),
    "Calico, another value": calico("app == 'db' || app in {'api'}"),
    "Calico, another label": calico("my-app == 'web' && app.kubernetes.io/name == 'web'"),
    "Calico, in a value": calico("tier == 'app'"),
    "Calico, a longer one": calico("has(app2) && has(x/app)"),
    "its own labels": policy(),
    "nothing that is a selector": policy(description="app == 'web'", port=80),
    "a map that is no selector": policy(annotations={"app": "web"}),
    "a selector of something else": policy(selector={"app": "web", "rules": ["web"]}),
    "what it says of itself": {**policy(), "status": {"selector": "app == 'web'"}},
    "Istio, all": policy(mtls={"mode": "STRICT"}),
}


@pytest.mark.parametrize("name", DOES)
def test_it_matters_to(name: str) -> None:
    assert matters(DOES[name], "shop", LABELS, KEYS)


@pytest.mark.parametrize("name", DOES_NOT)
def test_it_does_not_matter_to(name: str) -> None:
    assert not matters(DOES_NOT[name], "shop", LABELS, KEYS)


@pytest.mark.parametrize("name", DOES)
def test_nothing_matters_to_a_pod_that_keeps_its_labels(name: str) -> None:
    assert not matters(DOES[name], "shop", LABELS, ("missing",))
