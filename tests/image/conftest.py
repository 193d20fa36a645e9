"""The image for this machine, built once for all tests, and unpacked."""

import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from image import __main__ as building
from image import debian, docker, names
from image.buildah import Storage


@dataclass(frozen=True)
class Built:
    """The archive that `make image` has built."""

    archive: Path
    config: Any
    root: Path


@pytest.fixture(scope="session")
def folder() -> Path:
    found = names.cache(os.environ)
    found.mkdir(parents=True, exist_ok=True)
    return found


@pytest.fixture(scope="session")
def storage(folder: Path) -> Iterator[Storage]:
    if docker.is_there():
        pytest.skip("there is a Docker engine here: buildah is not used")
    debian.ensure(debian.PROGRAMS)
    with tempfile.TemporaryDirectory() as secrets:
        yield Storage(folder, Path(secrets))


@pytest.fixture(scope="session")
def image(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    with tempfile.TemporaryDirectory() as secrets:
        archive = building.build(names.native(), folder, Path(secrets), cached=True)
    root = tmp_path_factory.mktemp("image") / "root"
    with tarfile.open(archive) as whole:
        manifest = json.load(_member(whole, "manifest.json"))
        config = json.load(_member(whole, manifest[0]["Config"]))
        for layer in manifest[0]["Layers"]:
            with tarfile.open(fileobj=_member(whole, layer)) as files:
                files.extractall(root, filter="tar")
    return Built(archive, config, root)


def _member(archive: tarfile.TarFile, name: str) -> Any:
    file = archive.extractfile(name)
    assert file is not None
    return file
