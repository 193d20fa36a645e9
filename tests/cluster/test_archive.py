"""An image's architecture is read from its archive."""

import tarfile
from pathlib import Path

import pytest

from . import archive
from .architecture import NATIVE


@pytest.mark.parametrize("architecture", ["arm64", NATIVE])
def test_an_archive_says_its_architecture(tmp_path: Path, architecture: str) -> None:
    path = tmp_path / "image.tar"
    image = archive.Image("localhost/one:1", ["/one"], {"one": b"1"}, architecture=architecture)
    archive.write(image, path)
    assert archive.architecture_of(path) == architecture


def test_of_an_archive_of_another_form_it_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    with tarfile.open(path, "w") as empty:
        empty.addfile(tarfile.TarInfo("index.json"))
    assert archive.architecture_of(path) is None
