"""README.md's commands, as they stand, on the cluster: its quickstart, its FAQ, its uninstalling.

`tests/quickstart/known.py` says which test runs the commands below which heading.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.e2e.workloads import until
from tests.installed.reader import PAGE, below, hold, limits, owner, pods, reason, refused, uids
from tests.installed.release import QUICK, Release, run
from tests.installed.test_leaving import STAYS, objects
from tests.quickstart import page
from tests.quickstart.terminal import Terminal, alike, terminal

DEFINITION = "podsizes.podtailor.io"
WEB = "docs/quickstart.yaml"


@pytest.fixture
def user(namespace: str) -> Iterator[Terminal]:
    """Somebody who reads the page, in a namespace of their own."""
    with terminal(namespace) as made:
        yield made


@pytest.fixture
def web(release: Release, user: Terminal) -> Terminal:
    """The same, once the quickstart's Deployment is enrolled and has a PodSize."""
    user.run(f"kubectl apply -f {WEB}")
    user.run("kubectl rollout status deployment/web --timeout=60s")
    user.run("kubectl annotate deployment/web podtailor.io/mode=auto")
    user.run("kubectl wait podsize/deployment-web --for=create --timeout=30s")
    return user


@pytest.mark.slow
def test_the_quickstart_prints_what_the_page_shows(release: Release, user: Terminal) -> None:
    release.uninstall()
    run("kubectl", "delete", "crd", DEFINITION)
    with ExitStack() as afterwards:
        afterwards.callback(lambda: release.uninstall() if release.there() else None)
        for block, output in page.shown(PAGE, page.QUICKSTART):
            said = user.block(block.commands)
            if output:
                assert alike(said) == alike("\n".join(output.lines)), said
    until(lambda: not pods(user), 60)


@pytest.mark.slow
def test_uninstalling_leaves_no_podsize_and_the_pods_as_they_are(
    release: Release, web: Terminal
) -> None:
    web.block(below("Can I set a size myself?"))
    until(lambda: limits(web) == ["300m"] * 2, 60, lambda: limits(web))
    web.run("kubectl wait podsize/deployment-web --for=condition=Applied --timeout=60s")
    until(lambda: len(pods(web)) == 2, 60)
    before = uids(web)
    web.block(below("Uninstall"))
    stays = {line for line in STAYS if "podtailor.io" not in line}
    until(lambda: objects(release) <= stays, 60, lambda: objects(release) - stays)
    assert uids(web) == before
    assert limits(web) == ["300m"] * 2
    web.run("kubectl delete pod -l app=web")
    until(lambda: limits(web) == ["200m"] * 2, 60, lambda: limits(web))


def test_the_reason_is_in_the_podsize_and_the_events(web: Terminal) -> None:
    reason(web, "WarmingUp")
    podsize, events, log, explained = [web.run(c) for c in below("Why does nothing happen?")]
    assert "WarmingUp" in podsize
    assert "WarmingUp" in events
    assert log
    assert "=> sized" in explained and "WarmingUp" in explained


@pytest.mark.slow
def test_an_upgrade_over_a_field_that_kubectl_changed(release: Release, user: Terminal) -> None:
    heading = "`helm upgrade` fails with a conflict"
    [quoted] = [b.lines[0] for b in page.blocks(PAGE) if b.heading == heading and not b.commands]
    [upgrade] = below(heading)
    plain, level = upgrade.removesuffix(" --force-conflicts"), "PODTAILOR_LOG_LEVEL"
    assert plain != upgrade
    deployments = f"/apis/apps/v1/namespaces/{release.namespace}/deployments"
    with ExitStack() as afterwards:
        afterwards.callback(release.uninstall)  # what follows must not be another Helm's release
        release.kubectl("scale", "deployment/podtailor-webhook", "--replicas=3")
        assert quoted in refused(user, plain)
        user.run(upgrade)
        assert release.get(f"{deployments}/podtailor-webhook")["spec"]["replicas"] == 2
        release.kubectl("scale", "deployment/podtailor-scaler", "--replicas=0")
        user.run(plain)
        assert release.get(f"{deployments}/podtailor-scaler")["spec"]["replicas"] == 1
        release.kubectl("set", "env", "deployment/podtailor-scaler", f"{level}=debug")
        assert "UPGRADE FAILED: conflict" in refused(user, plain)
        user.run(f"{plain} --server-side=false")
        found = release.get(f"{deployments}/podtailor-scaler")["spec"]["template"]["spec"]
        assert {"name": level, "value": "info"} in found["containers"][0]["env"]


@pytest.mark.slow
def test_kubelets_that_are_not_verified(release: Release, user: Terminal) -> None:
    user.block(below("No usage is read (`NoUsage`) on kind or kubeadm"))
    try:
        user.run("kubectl -n podtailor-system rollout status deployment/podtailor-scaler")
        until(lambda: "kubelet_tls=skip" in release.log(), 30, release.log)
        until(release.whole, 30)
    finally:
        release.upgrade(*QUICK)


@pytest.mark.slow
def test_pods_that_were_held_are_freed(release: Release, web: Terminal) -> None:
    release.kubectl("scale", "deployment/podtailor-scaler", "--replicas=0")
    until(lambda: not release.pods("scaler"), 60)
    try:
        held = hold(web)
        until(lambda: len(pods(web)) == 3, 30)
        web.block(below("What happens when podtailor is down?"))
        until(lambda: {owner(p) for p in pods(web)} == {"ReplicaSet"}, 30, lambda: pods(web))
        until(lambda: len(pods(web)) == 2, 60, lambda: (held, pods(web)))
    finally:
        release.kubectl("scale", "deployment/podtailor-scaler", "--replicas=1")


@pytest.mark.slow
def test_a_pause_and_its_end(release: Release, web: Terminal) -> None:
    pause, goes_on = below("How do I stop it at once?")
    web.run(pause)
    try:
        web.block(below("Can I set a size myself?"))
        reason(web, "Paused")
        assert limits(web) == ["200m"] * 2
    finally:
        web.run(goes_on)
    until(lambda: limits(web) == ["300m"] * 2, 60, lambda: limits(web))


@pytest.mark.slow
def test_the_only_pod_is_replaced_where_the_gap_is_accepted(web: Terminal) -> None:
    web.run("kubectl scale deployment/web --replicas=1")
    web.run("kubectl annotate deployment/web podtailor.io/disruption=evict")
    until(lambda: len(pods(web)) == 1, 60)
    web.block(below("Can I set a size myself?"))
    reason(web, "SingleReplica")
    web.block(below("My workload has a single pod"))
    until(lambda: limits(web) == ["300m"], 60, lambda: limits(web))


@pytest.mark.slow
def test_a_size_by_hand(web: Terminal) -> None:
    web.block(below("Can I set a size myself?"))
    reason(web, "Manual")
    until(lambda: limits(web) == ["300m"] * 2, 60, lambda: limits(web))
