"""Runs in the Dockerfile's builder stage: installs the locked wheels and compiles the modules.

It never runs code for the target architecture, so any machine can build for any architecture. The
output is reproducible: no times, no names of temporary folders, no scripts of the builder. If the
build machine has a package mirror or a CA of its own, they are passed as secrets and stay out of
the image.
"""

import importlib.util
import os
import py_compile
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

DEPS = Path("/podtailor/deps")
CODE = Path("/podtailor/code")
COMPILED = "/podtailor/compiled"
SECRETS = Path("/run/secrets")
CACHE = Path("/pip")  # kept from build to build, if the builder mounts it there
WHEELS = Path("/wheels")  # for wheels that the index lacks: built elsewhere, mounted by image-all

# The client's asynchronous half, which we never import, and everything that only it needs.
UNUSED = ("kubernetes/aio",)
ONLY_FOR_UNUSED = (
    "aiohappyeyeballs",
    "aiohttp",
    "aiohttp_retry",
    "aiosignal",
    "frozenlist",
    "multidict",
    "propcache",
    "yarl",
)
# Its 2,000 generated modules are loaded one by one on demand, most of them never.
NOT_COMPILED = re.compile(
    r".*/(kubernetes/client/(api|models)/(?!__init__)|(test|idlelib|ensurepip)/).*"
)

MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "arm/v7": "armv7l"}
OLDEST_GLIBC, NEWEST_GLIBC = 17, 36  # 2.x; the newest that all our bases have


def install(out: Path, architecture: str) -> None:
    """Install the requirements into `out`, as if it were the target's root directory."""
    deps = out / DEPS.relative_to("/")
    local = sorted(WHEELS.glob("*.whl"))
    requirements = Path("/build/requirements.txt")
    text = requirements.read_text()
    for wheel in local:
        text = without(text, wheel.name.split("-")[0])
    needed = Path("/build/needed.txt")
    needed.write_text(text)
    pip(deps, architecture, "--require-hashes", "-r", str(needed))
    if local:
        pip(deps, architecture, "--no-index", *map(str, local))
    shutil.rmtree(deps / "bin", ignore_errors=True)  # these scripts name the builder's Python
    for part in UNUSED:
        shutil.rmtree(deps / part)
    for package in ONLY_FOR_UNUSED:
        shutil.rmtree(deps / package)
        for information in deps.glob(f"{package}-*.dist-info"):
            shutil.rmtree(information)


def without(requirements: str, distribution: str) -> str:
    """The lock file without one distribution and its hashes."""
    pattern = re.compile(rf"^{re.escape(distribution)}==.*?(?=^\S|\Z)", re.M | re.S | re.I)
    return pattern.sub("", requirements)


def pip(deps: Path, architecture: str, *what: str) -> None:
    """One `pip install --target` for the machine `architecture`, never for this one."""
    machine = MACHINES[architecture]
    major, minor = sys.version_info[:2]
    glibcs = range(NEWEST_GLIBC, OLDEST_GLIBC - 1, -1)
    platforms = [f"manylinux_2_{glibc}_{machine}" for glibc in glibcs]
    platforms += [f"manylinux2014_{machine}", f"linux_{machine}"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
    command += ["--disable-pip-version-check", "--root-user-action=ignore", "--target", str(deps)]
    command += ["--only-binary=:all:", "--implementation=cp", f"--python-version={major}.{minor}"]
    command += [f"--abi={abi}" for abi in (f"cp{major}{minor}", "abi3", "none")]
    command += [f"--platform={platform}" for platform in platforms]
    environment = dict(os.environ)
    if CACHE.exists():
        environment["PIP_CACHE_DIR"] = str(CACHE)
    if (SECRETS / "pip").exists():
        environment["PIP_CONFIG_FILE"] = str(SECRETS / "pip")
    if (SECRETS / "ca").exists():
        environment["PIP_CERT"] = str(SECRETS / "ca")
    subprocess.run([*command, *what], check=True, env=environment)


def compile_modules(out: Path, folders: list[Path]) -> None:
    """Compile what is at FOLDER (or will be, from `out`), into the image's bytecode prefix.

    A prefix, because the root file system is read-only and the standard library belongs to the
    base. Bytecode is checked by hash: a base with another Python ignores it and compiles by itself.
    """
    sys.pycache_prefix = COMPILED
    checked = py_compile.PycInvalidationMode.CHECKED_HASH
    for folder in folders:
        for source, final in sources(out, folder):
            target = out / importlib.util.cache_from_source(final).lstrip("/")
            py_compile.compile(
                str(source), str(target), dfile=final, quiet=2, invalidation_mode=checked
            )


def sources(out: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    """Each module's path here, and its path in the image."""
    here = out / folder.relative_to("/")
    top = here if here.is_dir() else folder
    for source in sorted(top.rglob("*.py")):
        final = str(folder / source.relative_to(top))
        if not NOT_COMPILED.fullmatch(final):
            yield source, final


def settle(out: Path) -> None:
    """Give all files the same time and permissions: layers record both, and checkouts differ."""
    for path in [*out.rglob("*"), out]:
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (0, 0))


def main() -> None:
    """`dependencies`: wheels and the standard library; `code`: our own packages."""
    architecture = os.environ["TARGETARCH"]
    if variant := os.environ.get("TARGETVARIANT") if architecture == "arm" else "":
        architecture += f"/{variant}"
    if sys.argv[1] == "dependencies":
        out = Path("/layers/dependencies")
        install(out, architecture)
        compile_modules(out, [DEPS, Path(os.__file__).parent])
    else:
        out = Path("/layers/code")
        compile_modules(out, [CODE])
    settle(out)


if __name__ == "__main__":
    main()
