"""Kernel, initrd and root disk of the machines, built once from Debian's packages.

Packages are only unpacked and none of their scripts runs, which takes a minute instead of a quarter
of an hour under emulation; what those scripts would have done for a node is done here.
"""

import hashlib
import shutil
import tempfile
from pathlib import Path

from .. import build, debian, foreign
from ..say import say
from . import initrd
from .commands import run
from .kinds import Kind

_PACKAGES = (
    # Essential ones, which this way of unpacking does not add by itself.
    *("base-files", "base-passwd", "bash", "coreutils", "dash", "debianutils", "diffutils"),
    *("findutils", "grep", "gzip", "hostname", "libc-bin", "login", "sed", "tar", "util-linux"),
    # A node.
    *("systemd-sysv", "udev", "kmod", "mount", "procps"),
    *("containerd", "runc", "containernetworking-plugins", "iproute2", "nftables", "conntrack"),
    *("openssh-server", "busybox-static"),
)
_PROGRAMS = {
    "qemu-img": "qemu-utils",
    "mmdebstrap": "mmdebstrap",
    "cpio": "cpio",
    "depmod": "kmod",
    "mkfs.ext4": "e2fsprogs",
    "ssh": "openssh-client",
}
"""Program of this machine -> its package."""
_OVERLAY = Path(__file__).parent / "guest" / "root"
_UNITS = {
    "prepare": "/etc/systemd/system/prepare.service",
    "ssh": "/lib/systemd/system/ssh.service",
}
"""Presets disable all units, so only these start."""
_MASKED = (
    *("systemd-firstboot", "getty-static", "getty@tty1", "modprobe@"),
    *("serial-getty@ttyS0", "serial-getty@ttyAMA0"),
    *("systemd-sysusers", "systemd-pcrphase", "systemd-pcrphase-sysinit", "systemd-update-utmp"),
    *("systemd-update-utmp-runlevel", "ldconfig", "systemd-hwdb-update", "systemd-update-done"),
    *("systemd-journal-catalog-update", "systemd-boot-system-token"),
)
"""Of a first boot, and of consoles: seconds each under emulation."""
_GROUPS = {"render": 105, "kvm": 106, "sgx": 107, "systemd-journal": 108}
_UNUSED = ("var/cache/apt", "var/lib/apt/lists", "boot", "usr/share/doc", "usr/share/man")


def needed(kind: Kind) -> dict[str, str]:
    """Programs of this machine, each with its package."""
    return {kind.emulator: kind.package, **_PROGRAMS}


def built(cache: Path, kind: Kind) -> Path:
    """The folder with `vmlinuz`, `initrd.img`, `root.img` and the key `ssh`, built if missing."""
    folder = cache / "vm" / f"debian-{kind.architecture}-{_recipe()}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = folder.with_suffix(".lock")
    with build.only_one(lock, "another checkout builds the virtual machine: waiting"):
        if folder.is_dir():
            return folder
        debian.install(needed(kind))
        say(f"building the disk of {kind.architecture} machines from Debian's packages (once)")
        with tempfile.TemporaryDirectory(prefix=".building-", dir=folder.parent) as temporary:
            _build(Path(temporary), kind.architecture)
            shutil.rmtree(Path(temporary) / "root")
            made = Path(temporary) / "made"
            made.rename(folder)
    return folder


def _recipe() -> str:
    """A changed recipe makes a new folder."""
    sources = [
        *(Path(one) for one in (__file__, foreign.__file__, initrd.__file__)),
        *sorted(_OVERLAY.rglob("*")),
    ]
    digest = hashlib.sha256()
    for source in sources:
        if source.is_file():
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _build(folder: Path, architecture: str) -> None:
    root, made = folder / "root", folder / "made"
    made.mkdir()
    kernel = f"linux-image-cloud-{architecture}"
    foreign.extract(architecture, (*_PACKAGES, kernel), root)
    version = next((root / "lib/modules").iterdir()).name
    run("depmod", "-b", str(root), version)
    _configure(root)
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(made / "ssh"))
    shutil.copy(made / "ssh.pub", root / "root/.ssh/authorized_keys")
    initrd.write(root, version, made / "initrd.img")
    shutil.copy(root / "boot" / f"vmlinuz-{version}", made / "vmlinuz")
    for path in _UNUSED:
        shutil.rmtree(root / path, ignore_errors=True)
    run("mkfs.ext4", "-q", "-L", "root", "-d", str(root), str(made / "root.img"), "4G")


def _configure(root: Path) -> None:
    """Accounts, ssh, units and mount points."""
    master = root / "usr/share/base-passwd"
    passwd = (master / "passwd.master").read_text()
    passwd += "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n"
    group = (master / "group.master").read_text()
    group += "".join(f"{name}:x:{number}:\n" for name, number in _GROUPS.items())
    names = [line.partition(":")[0] for line in passwd.splitlines()]
    (root / "etc/passwd").write_text(passwd)
    (root / "etc/group").write_text(group)
    shadow = root / "etc/shadow"
    shadow.write_text("".join(f"{name}:*:19000:0:99999:7:::\n" for name in names))
    shadow.chmod(0o600)
    shutil.copytree(_OVERLAY, root, dirs_exist_ok=True)
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{root}/etc/ssh/ssh_host_ed25519_key")
    for applet in ("awk", "vi"):
        if not (root / "usr/bin" / applet).exists():
            (root / "usr/bin" / applet).symlink_to("busybox")
    for point in ("tools", "node"):
        (root / point).mkdir()
    (root / "root/.ssh").mkdir(mode=0o700, parents=True)
    units = root / "etc/systemd/system"
    wanted = units / "multi-user.target.wants"
    wanted.mkdir(exist_ok=True)
    for unit, target in _UNITS.items():
        _link(wanted / f"{unit}.service", target)
    for unit in _MASKED:
        _link(units / f"{unit}.service", "/dev/null")


def _link(path: Path, target: str) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(target)
