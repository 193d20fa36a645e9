"""A machine that cannot install what is missing, as against one where something broke."""

from pathlib import Path

import pytest

from . import __main__, cluster, debian
from .say import ClusterError, Unavailable


def test_what_cannot_be_installed_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(debian, "SEARCHED", str(tmp_path))
    with pytest.raises(Unavailable, match=r"qemu-img \(Debian: qemu-utils\)"):
        debian.install({"qemu-img": "qemu-utils"})


@pytest.mark.parametrize(("error", "status"), [(Unavailable, 77), (ClusterError, 1)])
def test_the_exit_status_tells_the_two_apart(
    monkeypatch: pytest.MonkeyPatch, error: type[ClusterError], status: int
) -> None:
    def fails(*_: object) -> None:
        raise error("no qemu")

    monkeypatch.setattr(__main__, "_carry_out", fails)
    monkeypatch.setattr(cluster, "require_root", lambda: None)
    assert __main__.main(["up", "--node", "v2"]) == status
