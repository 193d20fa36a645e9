"""The official client without what it would import beside, in processes of their own."""

import subprocess
import sys

import pytest

from kube import official


def printed(program: str) -> str:
    """What a new interpreter prints."""
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_programs_do_not_hold_the_rest_of_the_client() -> None:
    program = "import kube.gateway, kube.quantity, sys; print(*sys.modules, sep='\\n')"
    held = {name.partition(".")[0] for name in printed(program).splitlines()}
    assert "kube" in held and "urllib3" in held
    assert not held & {"kubernetes", "pydantic", "oauthlib", "requests", "yaml"}


def test_afterwards_the_client_is_whole() -> None:
    assert printed(
        "import kube.gateway, kubernetes.client.rest, kubernetes.utils.quantity\n"
        "print(kubernetes.client.CoreV1Api.__name__, kubernetes.client.rest.__name__,"
        " kubernetes.config.load_kube_config.__name__, kubernetes.utils.quantity.__name__)"
    ).split() == [
        "CoreV1Api",
        "kubernetes.client.rest",
        "load_kube_config",
        "kubernetes.utils.quantity",
    ]


def test_what_was_imported_before_is_left_as_it_is() -> None:
    before = "import sys, kubernetes\nhad = [*sys.modules.values()]\nimport kube.gateway\n"
    assert printed(before + "print(all(m in sys.modules.values() for m in had))") == "True"


def test_no_kubeconfig_is_an_error_of_one_kind() -> None:
    with pytest.raises(official.ConfigException, match="kube-config"):
        official.load_kube_config(config_file="/no such file")
