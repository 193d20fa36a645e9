"""What runs each command of README.md: `tests/unit/test_readme.py` finds one that nothing runs."""

from collections.abc import Mapping

TESTS = "tests/installed/test_readme.py"

RUN: Mapping[str, str] = {
    "Quickstart": "test_the_quickstart_prints_what_the_page_shows",
    "Uninstall": "test_uninstalling_leaves_no_podsize_and_the_pods_as_they_are",
    "Why does nothing happen?": "test_the_reason_is_in_the_podsize_and_the_events",
    "`helm upgrade` fails with a conflict": "test_an_upgrade_over_a_field_that_kubectl_changed",
    "No usage is read (`NoUsage`) on kind or kubeadm": "test_kubelets_that_are_not_verified",
    "What happens when podtailor is down?": "test_pods_that_were_held_are_freed",
    "How do I stop it at once?": "test_a_pause_and_its_end",
    "My workload has a single pod": "test_the_only_pod_is_replaced_where_the_gap_is_accepted",
    "Can I set a size myself?": "test_a_size_by_hand",
}
"""Heading to the test in TESTS that runs every command below it, as it stands, on the cluster."""

ELSEWHERE: Mapping[str, str] = {
    "make image": "make test does, before what needs the image",
    "sudo k3s ctr images import podtailor-arm64.tar": (
        "not here: there is no k3s; the same call to containerd is tests/cluster/containerd.py's"
    ),
    "kind load image-archive ~/.cache/podtailor/image/podtailor-amd64.tar": (
        "not here: it needs Docker; tests/cluster/load-image imports the same archive"
    ),
    "k3d image import ~/.cache/podtailor/image/podtailor-amd64.tar": (
        "not here: it needs Docker; tests/cluster/load-image imports the same archive"
    ),
    "kubectl -n podtailor-system port-forward deployment/podtailor-scaler 8080": (
        "tests/installed/test_page.py does, at another port"
    ),
    "make page": ".ci/run does, as a part of make test",
    "make show": "by hand, with a browser",
    "make demo": "what it runs is run by tests/installed/test_demo.py",
    "make demo-unlike": "by hand: it needs a quarter of an hour, and an emulated board",
    "make test": ".ci/run does",
    "make down": ".ci/run does",
    "make image-all": "by hand, before a release; it tries each image itself",
    "make bench": "by hand: it measures what `Figures` says",
    "CLUSTER=current make demo": "by hand, on another cluster",
    "python -m tests.quickstart": "by hand, where what is shown has changed",
    "python -m scaler explain": "tests/e2e/test_explain.py, and in the pod by the plugin",
    "python -m scaler export": "tests/e2e/test_explain.py",
    "kubectl podtailor status NAMESPACE": "tests/installed/test_demo.py, by its path",
    "kubectl podtailor explain": f"the same file, by its path, in {TESTS}",
    "kubectl podtailor history": "tests/unit/test_kubectl_plugin.py",
    "kubectl scale": f"the cause of what {TESTS} repairs",
    "kubectl set env": "another cause of the same",
}
"""Other commands, also those in a sentence: what runs them, or why no test does."""
