"""Usage on a cluster like kind or kubeadm's, with kubelet certificates that cannot be verified.

A separate cluster, of a copy of the checkout: kubelets have self-signed certificates, and
metrics-server is added later. The assertions are in elsewhere/usage_sources.py.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_cluster import Copy

_CHECKOUT = Path(__file__).resolve().parents[2]
_PARTS = ("kube", "store", "link", "scaler", "webhook", "charts", "tests")
_BUILD = 1500.0  # seconds for building metrics-server if it is not cached yet
_STORY = "tests/e2e/elsewhere/usage_sources.py"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(_BUILD + 900),
    pytest.mark.skipif(os.geteuid() != 0, reason="starting a cluster needs root"),
]


class Whole(Copy):
    """A copy that can also run the programs and the tests."""

    def __init__(self, checkout: Path) -> None:
        super().__init__(checkout)
        self.checkout = checkout
        rest = shutil.ignore_patterns("__pycache__")
        for part in _PARTS:
            source = _CHECKOUT / part
            shutil.copytree(source, checkout / part, ignore=rest, dirs_exist_ok=True)
        shutil.copy(_CHECKOUT / "pyproject.toml", checkout)

    def test(self, name: str) -> None:
        """One test of the sequence, inside the cluster."""
        pytest_there = [str(self.checkout / ".venv/bin/python"), "-m", "pytest", "-q", "-s"]
        where = [f"--rootdir={self.checkout}", "-p", "no:cacheprovider"]
        story = f"{self.checkout / _STORY}::{name}"
        print(self.call("run", *pytest_there, *where, story, timeout=400, cwd=self.checkout))


@pytest.fixture(scope="module")
def unverified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    copy = Whole(tmp_path_factory.mktemp("unverified") / "checkout")
    copy.call("up", "--self-signed-kubelets")
    yield copy
    copy.call("down")


def test_without_a_metrics_server_the_reason_names_the_setting(unverified: Whole) -> None:
    unverified.test("test_a_workload_without_usage_names_the_setting_that_is_missing")


def test_with_a_metrics_server_usage_needs_no_setting(unverified: Whole) -> None:
    unverified.call("up", "--metrics-server", timeout=_BUILD)
    unverified.test("test_a_pod_at_its_limit_is_doubled_on_the_same_minute")
