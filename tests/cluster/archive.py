"""Writes a docker-archive of one layer: an image without a registry, a daemon or a builder."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .architecture import NATIVE


@dataclass(frozen=True)
class Image:
    """An image: path without leading slash -> bytes, a file to copy, or a link's target."""

    name: str
    command: list[str]
    files: Mapping[str, bytes | Path]
    links: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ("tmp",)  # world-writable
    architecture: str = NATIVE


def write(image: Image, path: Path) -> None:
    """Write the archive atomically; the same content gives the same image."""
    layer = _layer(image)
    digest = hashlib.sha256(layer).hexdigest()
    config = {
        "architecture": image.architecture,
        "os": "linux",
        "config": {
            "Cmd": image.command,
            "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    raw = json.dumps(config).encode()
    config_name = f"{hashlib.sha256(raw).hexdigest()}.json"
    manifest = [{"Config": config_name, "RepoTags": [image.name], "Layers": ["layer.tar"]}]
    temporary = path.with_name(path.name + ".new")
    with tarfile.open(temporary, "w") as archive:
        _add(archive, config_name, raw)
        _add(archive, "layer.tar", layer)
        _add(archive, "manifest.json", json.dumps(manifest).encode())
    temporary.replace(path)


def architecture_of(path: Path) -> str | None:
    """Of the first image of a docker-archive; None: it is of another form."""
    with tarfile.open(path) as archive:
        if "manifest.json" not in archive.getnames():
            return None
        name = json.loads(_content(archive, "manifest.json"))[0]["Config"]
        return str(json.loads(_content(archive, name))["architecture"])


def _content(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    return file.read() if file else b""


def _layer(image: Image) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as layer:
        for name in image.folders:
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
            layer.addfile(folder)
        for name, content in sorted(image.files.items()):
            if isinstance(content, Path):
                mode = 0o755 if content.stat().st_mode & 0o100 else 0o644
                _add(layer, name, content.read_bytes(), mode)
            else:
                _add(layer, name, content)
        for name, target in sorted(image.links.items()):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            layer.addfile(link)
    return buffer.getvalue()


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), mode
    archive.addfile(member, io.BytesIO(content))
