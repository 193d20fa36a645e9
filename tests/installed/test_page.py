"""The page of the installed release: a port-forward away, and by tokens where that is asked for."""

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.e2e.workloads import Shop, until
from tests.installed.asking import Asker
from tests.installed.release import QUICK, Release, run

VIEWER = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: viewer}
rules: [{apiGroups: [podtailor.io], resources: [podsizes], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [podtailor.io], resources: [podsizes], verbs: [get]}]
"""


@contextmanager
def forwarded(release: Release) -> Iterator[str]:
    """The address of the page, as a user has it."""
    words = ["kubectl", "-n", release.namespace, "port-forward"]
    words += [f"deployment/{release.fullname}-scaler", ":8080"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as forward:
        assert forward.stdout is not None
        port = forward.stdout.readline().split(" -> ")[0].rpartition(":")[2]
        try:
            yield f"http://localhost:{port}"
        finally:
            forward.terminate()


def asked(url: str, token: str = "", **more: Any) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers, **more)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as e:
        with e:
            return e.code, e.read()


def names(url: str, token: str = "") -> set[tuple[str, str]]:
    """Namespace and name of each row that is shown."""
    status, body = asked(url + "/api/overview", token)
    assert status == 200, body
    return {(row[0], row[2]) for row in json.loads(body)["rows"]}


def test_the_page_is_a_port_forward_away_and_off_the_service(
    shop: Shop, asker: Asker, release: Release
) -> None:
    with forwarded(release) as url:
        until(lambda: (shop.namespace, "web") in names(url), 20)
        assert asked(url)[1].startswith(b"<!doctype html>")
        assert b'id="doubled"' in asked(url + "/reasons")[1], "the text is in the image"
        path = f"/api/workload/{shop.namespace}/ReplicationController/web"
        found = json.loads(asked(url + path)[1])
        assert (found["reason"], found["note"]) == ("Manual", None)
        assert {c["reason"] for c in found["changes"]} == {"Manual"}
        assert asked(url, data=b"x", method="POST")[0] == 405
        assert asked(url + "/livez")[0] == 200
    service = release.get(release.path("services", f"{release.fullname}-scaler"))
    by_service = f"http://{service['spec']['clusterIP']}:8080"
    assert asked(by_service)[0] == asked(by_service + "/api/overview")[0] == 421
    assert asked(by_service + "/metrics")[0] == 200


def test_with_tokens_a_viewer_sees_what_rbac_lets_them_see(
    shop: Shop, asker: Asker, release: Release
) -> None:
    tokens = {who: account(shop, who) for who in ("anna", "reader", "nobody", "left")}
    run("kubectl", "-n", shop.namespace, "apply", "-f", "-", stdin=VIEWER)
    for who, role in (("anna", "viewer"), ("reader", "reader")):
        bound = [f"--role={role}", f"--serviceaccount={shop.namespace}:{who}"]
        run("kubectl", "-n", shop.namespace, "create", "rolebinding", role, *bound)
    run("kubectl", "-n", shop.namespace, "delete", "serviceaccount", "left")
    release.upgrade(*QUICK, "scaler.page.auth=kubernetes")
    try:
        until(release.whole, 60)
        with forwarded(release) as url:
            until(lambda: names(url, tokens["anna"]) == {(shop.namespace, "web")}, 30)
            assert names(url, tokens["nobody"]) == set()
            path = f"{url}/api/workload/{shop.namespace}/ReplicationController/web"
            assert asked(path, tokens["anna"])[0] == 200
            assert asked(path, tokens["reader"])[0] == 200 and not names(url, tokens["reader"])
            assert asked(path, tokens["nobody"])[0] == 403
            for every in (path, f"{url}/api/overview", f"{url}/api/preview"):
                assert {asked(every, t)[0] for t in ("", "made-up", tokens["left"])} == {401}
            elsewhere = f"{url}/api/workload/no-such-namespace/Deployment/web"
            assert asked(elsewhere, tokens["anna"])[0] == 403, "not even that there is none"
            assert asked(url)[0] == 200, "what shows nothing of the cluster is for everybody"
        assert not [t for t in tokens.values() if t in release.log()]
    finally:
        release.upgrade(*QUICK)


def account(shop: Shop, name: str) -> str:
    """A ServiceAccount's token."""
    run("kubectl", "-n", shop.namespace, "create", "serviceaccount", name)
    return run("kubectl", "-n", shop.namespace, "create", "token", name).strip()


@pytest.mark.parametrize("path", ["/", "/api/overview"])
def test_the_pods_own_address_answers(release: Release, path: str) -> None:
    (pod,) = release.pods("scaler")
    address = json.loads(release.kubectl("get", "pod", pod.metadata.name, "-o", "json"))
    assert asked(f"http://{address['status']['podIP']}:8080{path}")[0] == 200
