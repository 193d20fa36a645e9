"""Libraries of a root that is another machine's: nothing is looked up on this one."""

from pathlib import Path

import pytest

from . import foreign
from .architecture import NATIVE
from .say import ClusterError, Unavailable


def root_of(folder: Path) -> Path:
    libraries = folder / "usr/lib/sparc64-linux-gnu"
    libraries.mkdir(parents=True)
    (libraries / "libz.so.1.2").write_text("its own")
    (libraries / "libz.so.1").symlink_to("libz.so.1.2")
    (libraries / "libc.so.6").symlink_to("/usr/lib/sparc64-linux-gnu/libz.so.1.2")
    (folder / "usr/lib/ld-linux-sparc64.so.2").symlink_to("sparc64-linux-gnu/libz.so.1.2")
    return folder


def test_links_lead_to_files_of_the_same_root(tmp_path: Path) -> None:
    found = foreign.libraries(root_of(tmp_path), ("libz.so.1", "libc.so.6"))
    expected = {"lib/sparc64-linux-gnu/libz.so.1", "lib/sparc64-linux-gnu/libc.so.6"}
    assert found.keys() == {*expected, "lib/ld-linux-sparc64.so.2"}
    assert {path.read_text() for path in found.values()} == {"its own"}


def test_a_library_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match=r"libssl\.so\.3 is in none of the packages"):
        foreign.libraries(root_of(tmp_path), ("libssl.so.3",))


@pytest.mark.parametrize(
    ("architecture", "error"), [("sparc", Unavailable), (NATIVE, ClusterError)]
)
def test_only_another_architecture_s_packages_may_be_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, architecture: str, error: type[ClusterError]
) -> None:
    def fails(*_: str) -> str:
        raise ClusterError("not in any mirror")

    monkeypatch.setattr(foreign, "run", fails)
    with pytest.raises(error) as found:
        foreign.extract(architecture, ("nginx",), tmp_path / "root")
    assert found.type is error
