"""What goes from the Debian packages into a base: Python, its libraries, licences, certificates.

A list of what stays, not of what is removed: nothing slips in with a new version of a package.
There is no shell and no package manager; scanners find the packages in var/lib/dpkg/status.d.
"""

import io
import re
import tarfile
from pathlib import Path

_STAYS = re.compile(
    r"""
    (bin|sbin|lib|lib64) | (usr/)?lib64/.* | (usr/)?lib/ld-linux.* | (usr/)?lib/\w+-linux-gnu\w*/.*
    | etc/(os-release|debian_version|protocols|services|ssl/openssl\.cnf|mime\.types|python3.*)
    | usr/bin/python3[.\d]*
    | usr/lib/(os-release|ssl/.*|python3.*)
    | usr/share/(common-licenses/.*|doc/[^/]+/copyright|python-wheels/pip-.*)
    | var/lib/dpkg/status\.d/.*
    """,
    re.VERBOSE,
)
_GOES = re.compile(
    r".*-linux-gnu\w*/(gconv|engines-3|ossl-modules)/.*|.*/config-3[^/]*-linux-gnu\w*/.*"
    r"|var/lib/dpkg/status\.d/(debconf|dpkg|mawk|openssl|openssl-provider-legacy|tar|tzdata)"
)
_AUTHORITY = re.compile(r"usr/share/ca-certificates/mozilla/.*\.crt")
_PIP = re.compile(r"usr/share/python-wheels/pip-.*\.whl")

_FILES = {
    "etc/passwd": b"root:x:0:0:root:/:/bin/false\nnonroot:x:65532:65532:nonroot:/:/bin/false\n",
    "etc/group": b"root:x:0:\nnonroot:x:65532:\n",
    "etc/nsswitch.conf": b"hosts: files dns\n",
}
_FOLDERS = {"tmp": 0o1777, "root": 0o700, "run": 0o755, "etc": 0o755, "dev": 0o755, "proc": 0o555}


def trim(source: Path, target: Path) -> None:
    """Write the base's root file system; the same packages give the same bytes."""
    authorities: dict[str, bytes] = {}
    extra = dict(_FILES)
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for folder, mode in _FOLDERS.items():
            _folder(new, folder, mode)
        for member in sorted(old, key=lambda one: one.name):
            member.name = member.name.removeprefix("./")
            if _AUTHORITY.fullmatch(member.name):
                authorities[member.name] = _content(old, member)
            elif not member.isdir() and _stays(member.name):
                _copy(old, member, new)
            if _PIP.fullmatch(member.name):
                extra["usr/lib/python3/dist-packages/pip.pth"] = f"/{member.name}\n".encode()
        bundle = b"".join(content for _, content in sorted(authorities.items()))
        extra["etc/ssl/certs/ca-certificates.crt"] = bundle
        for name, content in sorted(extra.items()):
            _file(new, name, content)
        _link(new, "usr/bin/python", "python3")


def _stays(name: str) -> bool:
    return _STAYS.fullmatch(name) is not None and _GOES.fullmatch(name) is None


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file else b""


def _copy(old: tarfile.TarFile, member: tarfile.TarInfo, new: tarfile.TarFile) -> None:
    member.mtime, member.uname, member.gname, member.pax_headers = 0, "", "", {}
    new.addfile(member, old.extractfile(member) if member.isfile() else None)


def _folder(archive: tarfile.TarFile, name: str, mode: int) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.mode = tarfile.DIRTYPE, mode
    archive.addfile(member)


def _file(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def _link(archive: tarfile.TarFile, name: str, target: str) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    archive.addfile(member)
