"""The chart on the real cluster, with each Helm: installed, tested, upgraded, damaged, uninstalled.

In this order; the last test leaves only the CRD of PodSizes.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.chart.conftest import CHART
from tests.chart.release import (
    CONFIGURATION,
    NAME,
    SCALER,
    WEBHOOK,
    Release,
    done,
    get,
    installed,
    kubectl,
    until,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_PROBE = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "made-by-the-scaler", "namespace": NAME},
    "spec": {
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": "a",
                "image": "a",
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                },
            }
        ],
    },
}


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart as if it were an earlier version."""
    copy = tmp_path_factory.mktemp("older") / "podtailor"
    shutil.copytree(CHART, copy)
    meta = yaml.safe_load((copy / "Chart.yaml").read_text())
    (copy / "Chart.yaml").write_text(yaml.safe_dump({**meta, "version": "0.0.9"}))
    return copy


@pytest.fixture(scope="module", params=["helm4", "helm3"])
def release(request: pytest.FixtureRequest, older: Path) -> Iterator[Release]:
    with installed(request.getfixturevalue(request.param), older) as found:
        yield found


def test_all_pods_are_ready_where_the_restricted_standard_is_enforced(release: Release) -> None:
    deployments = get("deployments", "-n", NAME)["items"]
    ready = {d["metadata"]["name"]: d["status"].get("readyReplicas") for d in deployments}
    assert ready == {f"{NAME}-webhook": 2, f"{NAME}-scaler": 1}


def test_helm_test_passes(release: Release) -> None:
    assert "Succeeded" in release("test", NAME, "--timeout", "90s")


def test_both_entries_of_the_webhook_have_the_same_trust(release: Release) -> None:
    first, second = release.bundles()
    assert first and first == second


def test_upgrade_and_rollback_leave_certificates_and_trust_alone(release: Release) -> None:
    before = (release.bundles(), release.secrets())
    release.upgrade(log={"level": "debug"})
    assert (release.bundles(), release.secrets()) == before
    release("rollback", NAME, "1", "--wait", "--timeout", "120s")
    assert (release.bundles(), release.secrets()) == before


def test_the_scaler_creates_pods_as_a_dry_run_and_in_no_other_way(release: Release) -> None:
    pod = yaml.safe_dump(_PROBE)
    create = ("create", "--as", SCALER, "-f", "-")
    done(kubectl(*create, "--dry-run=server", given=pod))
    refused = kubectl(*create, given=pod)
    assert refused.returncode != 0
    assert "only as a dry run, in its own namespace" in refused.stderr
    elsewhere = yaml.safe_dump({**_PROBE, "metadata": {"name": "a", "namespace": "default"}})
    assert kubectl(*create, "--dry-run=server", given=elsewhere).returncode != 0


@pytest.mark.parametrize(
    ("verb", "what"),
    [
        ("update", "pods"),
        ("deletecollection", "pods"),
        ("create", "pods/attach"),
        ("get", "pods/exec"),
        ("create", "pods/exec"),
        ("get", "nodes/proxy"),
        ("get", "secrets"),
        ("list", "secrets"),
        ("create", "secrets"),
        ("patch", "deployments"),
        ("patch", "mutatingwebhookconfigurations"),
        ("create", "mutatingwebhookconfigurations"),
        ("delete", "podsizes"),
    ],
)
def test_the_scaler_may_not(release: Release, verb: str, what: str) -> None:
    resource, _, part = what.partition("/")  # kubectl would parse a slash as a name
    asked = ("auth", "can-i", verb, resource, f"--subresource={part}")
    answer = kubectl(*asked, "--as", SCALER, "-n", NAME)
    assert answer.stdout.strip() == "no"


def test_the_webhook_can_write_nothing(release: Release) -> None:
    listed = done(kubectl("auth", "can-i", "--list", "--as", WEBHOOK, "-n", NAME, "--no-headers"))
    own = [line for line in listed.splitlines() if "podtailor" in line]
    assert [line.split(" ", 1)[0] for line in own] == ["podsizes.podtailor.io"]
    assert own[0].endswith("[list watch]")


def test_a_wrong_or_emptied_bundle_is_healed(release: Release) -> None:
    before = release.bundles()
    for broken in ("", "LS0tLS1CRUdJTi0tLS0tCg=="):
        path = "/webhooks/0/clientConfig/caBundle"
        patch = json.dumps([{"op": "replace", "path": path, "value": broken}])
        which = ("mutatingwebhookconfiguration", CONFIGURATION)
        answer = kubectl("patch", *which, "--type=json", "-p", patch)
        if answer.returncode == 0:  # the API server itself rejects some garbage
            until(lambda: release.bundles() == before)


def test_a_configuration_that_was_deleted_is_brought_back_by_an_upgrade(release: Release) -> None:
    before = release.bundles()
    done(kubectl("delete", "mutatingwebhookconfiguration", CONFIGURATION))
    release.upgrade()
    until(lambda: release.bundles() == before)


def test_uninstalling_leaves_nothing_but_the_definition(release: Release) -> None:
    release("uninstall", NAME, "--wait")
    mine = ("-l", f"app.kubernetes.io/instance={NAME}", "-o", "name")
    cluster = (
        "clusterroles,clusterrolebindings,mutatingwebhookconfigurations,"
        "validatingadmissionpolicies,validatingadmissionpolicybindings"
    )
    inside = "all,secrets,leases,serviceaccounts,roles,rolebindings,poddisruptionbudgets"
    assert done(kubectl("get", cluster, *mine)) == ""
    until(lambda: done(kubectl("get", inside, "-n", NAME, *mine)) == "")
    assert done(kubectl("get", "leases", "-n", NAME, "-o", "name")) == ""
    assert kubectl("get", "crd", "podsizes.podtailor.io").returncode == 0
