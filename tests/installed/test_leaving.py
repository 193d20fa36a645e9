"""Runs the commands of docs/leaving.md: uninstalling, returning to manifests, backup, restore."""

import re
import subprocess
from pathlib import Path

import pytest

from store.model import Workload
from tests.e2e.test_sizes_reach_pods import settled, status_of, uids
from tests.e2e.workloads import Shop, manifest, sizes, steadily, until
from tests.installed.conftest import BY_HAND, HAND, PLAIN
from tests.installed.release import QUICK, Release, run

PAGE = Path(__file__).parents[2] / "docs/leaving.md"
CPU_BY_HAND = {"name": "app", "requests": {"cpu": "150m"}, "limits": {"cpu": "300m"}}


def page(heading: str, folder: Path, namespace: str = "shop") -> None:
    """Run the first block of commands below a heading of the page, exactly as printed."""
    section = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    [block, *_] = re.findall(r"```bash\n(.*?)```", section, re.DOTALL)
    command = block.replace("-n shop ", f"-n {namespace} ")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, f"{command}{done.stdout}{done.stderr}"


def sized(shop: Shop, *containers: object) -> Workload:
    workload = shop.create(manifest("Deployment"))
    shop.by_hand(workload, *containers)  # type: ignore[arg-type]
    until(lambda: has_cpu(shop), 60, lambda: status_of(shop, workload))
    return workload


def has_cpu(shop: Shop) -> bool:
    pods = shop.pods()
    return len(pods) == 2 and all(p.ready and sizes(p).limits.cpu == 300 for p in pods)


def test_opting_out_before_uninstalling_leaves_pods_as_their_manifest_has_them(
    release: Release, shop: Shop, tmp_path: Path
) -> None:
    sized(shop, BY_HAND)
    page("Returning to the manifests first", tmp_path, shop.namespace)
    until(lambda: [sizes(p) for p in shop.pods()] == [PLAIN] * 2, 30)


def vanishing(release: Release) -> list[str]:
    """The terminating namespaces of earlier tests, into which nothing can be restored."""
    found = release.get("/api/v1/namespaces")["items"]
    return [n["metadata"]["name"] for n in found if n["status"]["phase"] == "Terminating"]


def test_a_copy_of_the_store_brings_sizes_back_that_only_its_status_knew(
    release: Release, shop: Shop, tmp_path: Path
) -> None:
    workload = sized(shop, CPU_BY_HAND)
    shop.by_hand(workload)  # what the policy decides stays, and is only in the status
    until(lambda: bool((p := shop.podsize(workload)) and p.status.observed_generation == 3), 20)
    before = shop.podsize(workload)
    assert before and before.status.size and not before.by_hand
    until(lambda: not vanishing(release), 60, lambda: vanishing(release))
    page("Backing up the store", tmp_path)
    assert "ownerReferences" not in (tmp_path / "podsizes.yaml").read_text()
    release.kubectl("scale", "deployment/podtailor-scaler", "--replicas=0")
    until(lambda: not release.pods("scaler"), 30)
    run("kubectl", "-n", shop.namespace, "delete", "podsizes", "--all")
    page("Restoring the store", tmp_path)
    after = shop.podsize(workload)
    assert after and after.status.size == before.status.size
    until(lambda: bool((p := shop.podsize(workload)) and p.owned), 40)
    shop.patch(workload, {"spec": {"replicas": 3}})
    until(lambda: [sizes(p).limits.cpu for p in shop.pods()] == [300] * 3, 30)


def objects(release: Release) -> set[str]:
    """Everything with our name, or in our namespace, except what comes and goes by itself."""
    kinds = run("kubectl", "api-resources", "--verbs=list", "-o", "name").split()
    skipped = {"events", "events.events.k8s.io", "podsizes.podtailor.io", "componentstatuses"}
    of = ",".join(k for k in kinds if k not in skipped)
    each = r'{.kind}/{.metadata.namespace}/{.metadata.name}{"\n"}'
    shown = "jsonpath={range .items[*]}" + each + "{end}"
    listed = run("kubectl", "get", of, "--all-namespaces", "-o", shown)
    return {
        line
        for line in listed.split()
        if "podtailor" in line.rsplit("/", 1)[1] or line.split("/")[1] == release.namespace
    }


STAYS = {
    "APIService//v1alpha1.podtailor.io",  # the API server's own, for the CRD
    "CustomResourceDefinition//podsizes.podtailor.io",
    "Namespace//podtailor-system",
    "ConfigMap/podtailor-system/kube-root-ca.crt",
    "ServiceAccount/podtailor-system/default",
}


@pytest.mark.slow
def test_uninstalling_leaves_the_definition_and_pods_as_they_are(
    release: Release, shop: Shop, tmp_path: Path
) -> None:
    workload = sized(shop, BY_HAND)
    before, pods = objects(release), uids(shop.pods())
    page("What uninstalling does", tmp_path)
    until(lambda: objects(release) <= STAYS, 60, lambda: objects(release) - STAYS)
    print(f"{len(before)} objects before, {len(objects(release))} after: {sorted(STAYS)}")
    steadily(lambda: uids(shop.pods()) == pods and has_cpu(shop), 2)
    kept = shop.podsize(workload)
    assert kept and kept.status.size
    run("kubectl", "-n", shop.namespace, "delete", "pod", shop.pods()[0].metadata.name)
    until(lambda: {sizes(p) for p in shop.pods() if p.ready} == {HAND, PLAIN}, 30)
    release.install(*QUICK)
    [plain] = [p.metadata.name for p in shop.pods() if sizes(p) == PLAIN]
    run("kubectl", "-n", shop.namespace, "delete", "pod", plain)
    until(lambda: settled(shop, workload, HAND, 2), 30, lambda: status_of(shop, workload))
