"""The parts of the build that can be tested without building an image."""

import io
import tarfile
from pathlib import Path

import pytest

from image import debian, install, names, trim

LOCK = """\
# comment
cffi==2.1.1 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via cryptography
click==8.5.1 \\
    --hash=sha256:cc
msgspec==0.22.0 \\
    --hash=sha256:dd
"""


def test_a_distribution_leaves_the_lock_file_with_its_hashes_and_nothing_else() -> None:
    left = install.without(LOCK, "cffi")
    assert "cffi" not in left and "sha256:aa" not in left and "via cryptography" not in left
    assert "click==8.5.1" in left and "sha256:cc" in left and "msgspec" in left


def test_the_last_distribution_of_the_lock_file_can_be_left_out_too() -> None:
    assert install.without(LOCK, "msgspec").endswith("sha256:cc\n")


def test_a_library_is_left_out_only_where_nothing_else_needs_it() -> None:
    lock = (names.ROOT / "requirements.txt").read_text()
    wanted = (names.ROOT / "requirements.in").read_text()
    for package in install.ONLY_FOR_UNUSED:
        assert package.replace("_", "-") in lock
        assert package.replace("_", "-") not in wanted


def test_generated_modules_are_not_compiled_and_others_are() -> None:
    skipped = install.NOT_COMPILED.fullmatch
    assert skipped("/podtailor/deps/kubernetes/client/models/v1_pod.py")
    assert skipped("/podtailor/deps/kubernetes/client/api/core_v1_api.py")
    assert not skipped("/podtailor/deps/kubernetes/client/api_client.py")
    assert not skipped("/podtailor/code/webhook/app.py")


def test_the_tag_is_the_charts_default() -> None:
    values = (names.ROOT / "charts/podtailor/values.yaml").read_text()
    assert f"repository: {names.REPOSITORY}\n" in values
    assert names.name() == f"{names.REPOSITORY}:{names.version()}"


def test_the_first_mirror_of_each_label_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = "Debian m://one\nDebian m://two\nDebian-Security m://safe\nOther m://x\n"
    monkeypatch.setattr(debian, "run", lambda *words, **more: listed)
    assert debian.sources("trixie") == [
        "deb m://one trixie main",
        "deb m://one trixie-updates main",
        "deb m://safe trixie-security main",
    ]


def test_a_base_keeps_python_and_licences_and_no_shell(tmp_path: Path) -> None:
    whole, small = tmp_path / "whole.tar", tmp_path / "small.tar"
    inside = {
        "./usr/bin/python3.13": b"python",
        "./usr/bin/dpkg": b"dpkg",
        "./bin/sh": b"shell",
        "./usr/lib/python3.13/os.py": b"",
        "./usr/lib/x86_64-linux-gnu/libc.so.6": b"",
        "./usr/lib/ld-linux-aarch64.so.1": b"",
        "./lib64/ld-linux-x86-64.so.2": b"",
        "./usr/lib/x86_64-linux-gnu/gconv/EUC.so": b"",
        "./usr/share/doc/libc6/copyright": b"free",
        "./usr/share/doc/libc6/NEWS.gz": b"",
        "./usr/share/ca-certificates/mozilla/b.crt": b"B\n",
        "./usr/share/ca-certificates/mozilla/a.crt": b"A\n",
        "./var/lib/dpkg/status.d/libc6": b"",
        "./var/lib/dpkg/status.d/dpkg": b"",
    }
    with tarfile.open(whole, "w") as archive:
        for name, content in inside.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), 12345
            archive.addfile(member, io.BytesIO(content))
    trim.trim(whole, small)
    with tarfile.open(small) as archive:
        kept = {member.name: member for member in archive}
        bundle = archive.extractfile("etc/ssl/certs/ca-certificates.crt")
        assert bundle is not None and bundle.read() == b"A\nB\n"
    assert {"usr/bin/python3.13", "usr/bin/python", "etc/passwd", "tmp"} <= set(kept)
    assert {"usr/lib/ld-linux-aarch64.so.1", "lib64/ld-linux-x86-64.so.2"} <= set(kept)
    assert "usr/share/doc/libc6/copyright" in kept and "var/lib/dpkg/status.d/libc6" in kept
    gone = ("sh", "dpkg", "EUC.so", "NEWS.gz")
    assert not [name for name in kept if name.rsplit("/", 1)[-1] in gone]
    assert {member.mtime for member in kept.values()} == {0}
