"""The image for this machine: its contents, its permissions, and that builds are reproducible."""

import json
import subprocess

import pytest

from image import names, smoke
from image.buildah import Storage
from tests.image.conftest import Built

pytestmark = pytest.mark.image

_MOST = 170_000_000  # bytes unpacked


def test_every_module_is_imported_in_the_image_and_both_programs_print_their_help(
    image: Built,
) -> None:
    assert smoke.tried(image.root, names.native()).startswith("Python 3.")


def test_the_image_is_small(image: Built) -> None:
    assert smoke.size_of(image.root) <= _MOST


def test_the_image_runs_as_a_numeric_user_who_is_not_root(image: Built) -> None:
    assert image.config["config"]["User"] == "65532:65532"
    command = ("-c", "import os; print(os.getuid(), os.access('/podtailor', os.W_OK))")
    assert smoke.python(image.root, names.native(), *command) == "65532 False"


def test_the_image_holds_no_shell_and_no_package_manager(image: Built) -> None:
    if image.config["config"].get("Shell") or not (image.root / "var/lib/dpkg/status.d").exists():
        pytest.skip("on Docker's slim base, which has both")
    commands = {path.name for path in (image.root / "usr/bin").iterdir()}
    assert {name for name in commands if not name.startswith("python")} == set()


def test_scanners_find_the_packages_of_the_base_and_of_python(image: Built) -> None:
    assert (image.root / "podtailor/deps/flask-3.1.3.dist-info/METADATA").exists()
    licences = list(image.root.glob("podtailor/deps/*.dist-info/METADATA"))
    assert len(licences) > 20


def test_the_image_holds_no_library_that_is_not_imported(image: Built) -> None:
    deps = image.root / "podtailor/deps"
    assert not (deps / "aiohttp").exists() and not (deps / "kubernetes/aio").exists()
    assert not (deps / "bin").exists()


def test_every_module_that_is_imported_was_compiled_before(image: Built) -> None:
    """Otherwise each start compiles 800 modules: the file system is read-only."""
    code = (
        "import webhook.app, scaler.__main__, sys, os;"
        "mods = [m for m in list(sys.modules.values()) if getattr(m, '__cached__', None)];"
        "missing = [m.__name__ for m in mods if not os.path.exists(m.__cached__)];"
        "print(missing)"
    )
    assert smoke.python(image.root, names.native(), "-c", code) == "[]"


def test_labels_of_the_image_name_title_version_and_license(image: Built) -> None:
    labels = image.config["config"]["Labels"]
    prefix = "org.opencontainers.image."
    assert labels[prefix + "title"] == "podtailor"
    assert labels[prefix + "version"] == names.version()
    assert labels[prefix + "licenses"] == "Apache-2.0"


def test_the_image_holds_no_path_of_the_machine_that_built_it(image: Built) -> None:
    config = json.dumps(image.config)
    assert "PIP_" not in config and "proxy" not in config.lower()
    done = subprocess.run(
        ["grep", "-rlE", "--binary-files=text", str(names.ROOT), str(image.root / "podtailor")],
        capture_output=True,
        text=True,
    )
    assert done.stdout == ""


@pytest.mark.slow
def test_the_same_input_gives_the_same_image(storage: Storage) -> None:
    tag = "localhost/podtailor-twice:1"
    first = storage.build(names.native(), tag, cached=False)
    second = storage.build(names.native(), tag, cached=False)
    storage("rmi", tag)
    assert first == second
