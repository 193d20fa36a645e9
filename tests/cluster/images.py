"""The images of a new cluster: pause, busybox, and nginx with a page that costs CPU time."""

import hashlib
import random
import shutil
import subprocess
from pathlib import Path

from . import archive, debian, foreign
from .architecture import NATIVE
from .containerd import PAUSE_IMAGE
from .say import ClusterError

BUSYBOX_IMAGE = "localhost/podtailor-test/busybox:1"
NGINX_IMAGE = "localhost/podtailor-test/nginx:1"

_ACCOUNTS: dict[str, bytes] = {
    "etc/passwd": b"root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "etc/group": b"root:x:0:\nnogroup:x:65534:\n",
}
_PAGE_SIZE = 200_000  # bytes; compressing it takes 10-20 ms of one core

# The inner server compresses each answer again. The outer one always requests compression and
# decompresses for clients that did not, so the page costs the same whatever the client's headers.
_NGINX = b"""\
user root;
worker_processes 2;
pid /tmp/nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
    access_log off;
    types { text/plain txt; }
    client_body_temp_path /tmp/body;
    fastcgi_temp_path /tmp/fastcgi;
    proxy_temp_path /tmp/proxy;
    scgi_temp_path /tmp/scgi;
    uwsgi_temp_path /tmp/uwsgi;
    server {
        listen unix:/tmp/inner.sock;
        root /srv;
        gzip on;
        gzip_comp_level 9;
        gzip_types text/plain;
        gzip_proxied any;
        gzip_http_version 1.0;
    }
    server {
        listen 80;
        location = / { rewrite ^ /page.txt last; }
        location = /healthz { return 204; }
        location / {
            gunzip on;
            proxy_ignore_client_abort on; # nc closes its half as soon as it has asked
            proxy_pass http://unix:/tmp/inner.sock;
            proxy_set_header Accept-Encoding gzip;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
}
"""


_LINKED = (
    *("libc.so.6", "libcrypt.so.1", "libpcre2-8.so.0", "libssl.so.3", "libcrypto.so.3"),
    "libz.so.1",
)
"""What nginx is linked with, where nobody can be asked: its processor is not this machine's."""


def archives(cache: Path, architecture: str = NATIVE) -> list[Path]:
    """Paths of all archives, built if missing; a changed recipe uses a new folder."""
    sources = (__file__, archive.__file__, foreign.__file__)
    recipe = b"".join(Path(source).read_bytes() for source in sources)
    name = f"{hashlib.sha256(recipe).hexdigest()[:16]}-{architecture}"
    folder = cache / "images" / name
    folder.mkdir(parents=True, exist_ok=True)
    makers = {"pause": _pause, "busybox": _busybox, "nginx": _nginx}
    paths = []
    for name, image in makers.items():
        path = folder / f"{name}.tar"
        if not path.exists():
            archive.write(image(cache, architecture), path)
        paths.append(path)
    return paths


def _pause(cache: Path, architecture: str) -> archive.Image:
    """Keeps a pod's namespaces open; it only has to wait."""
    wait = ["/bin/busybox", "sleep", "2147483647"]
    binary = _busybox_binary(cache, architecture)
    return archive.Image(PAUSE_IMAGE, wait, {"bin/busybox": binary}, architecture=architecture)


def _busybox(cache: Path, architecture: str) -> archive.Image:
    runs = _busybox_binary(cache, NATIVE)  # of the same version, and it can be asked
    listed = subprocess.run([runs, "--list"], capture_output=True, text=True, check=True)
    applets = [name for name in listed.stdout.split() if name != "busybox"]
    links = {f"bin/{name}": "busybox" for name in applets}
    binary = _busybox_binary(cache, architecture)
    files: dict[str, bytes | Path] = {"bin/busybox": binary, **_ACCOUNTS}
    return archive.Image(BUSYBOX_IMAGE, ["sh"], files, links, architecture=architecture)


def _busybox_binary(cache: Path, architecture: str) -> Path:
    """Unpacked, not installed: the package would replace the machine's own busybox."""
    root = _unpacked(cache, "busybox-static", architecture)
    return next(path for path in root.glob("**/bin/busybox") if path.is_file())


def _nginx(cache: Path, architecture: str) -> archive.Image:
    root = _unpacked(cache, "nginx", architecture)
    binary, native = root / "usr/sbin/nginx", architecture == NATIVE
    files: dict[str, bytes | Path] = {
        "usr/sbin/nginx": binary,
        "etc/nginx/nginx.conf": _NGINX,
        "srv/page.txt": _page(),
        **(_libraries(binary) if native else foreign.libraries(root, _LINKED)),
        **_ACCOUNTS,
    }
    start = ["/usr/sbin/nginx", "-c", "/etc/nginx/nginx.conf", "-g", "daemon off;"]
    folders = (
        "tmp",
        "var/log/nginx",
        "var/lib/nginx",
    )  # compiled in; opened before the configuration is read
    return archive.Image(NGINX_IMAGE, start, files, folders=folders, architecture=architecture)


def _unpacked(cache: Path, package: str, architecture: str) -> Path:
    if architecture == NATIVE:
        return debian.unpacked(cache, package)
    return foreign.unpacked(cache, package, architecture)


def _libraries(binary: Path) -> dict[str, Path]:
    """The shared libraries that ldd finds here, under the names that the loader expects."""
    ldd = shutil.which("ldd")
    if ldd is None:
        raise ClusterError("ldd (Debian: libc-bin) is not installed")
    answer = subprocess.run([ldd, binary], capture_output=True, text=True, check=True)
    if "not found" in answer.stdout:
        raise ClusterError(f"libraries for nginx are missing on this machine:\n{answer.stdout}")
    words = (word for line in answer.stdout.splitlines() for word in line.split())
    paths = {word for word in words if word.startswith("/")}
    return {path.removeprefix("/"): Path(path).resolve() for path in paths}


def _page() -> bytes:
    """Text that compresses like prose; always the same."""
    chance = random.Random(1)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(3000)]
    lines = (" ".join(chance.choices(words, k=12)) for _ in range(_PAGE_SIZE // 70))
    return "\n".join(lines).encode()
