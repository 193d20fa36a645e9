"""What is used of the official client, without the rest of it.

Importing any module of `kubernetes` runs its packages' `__init__`, and with them its API classes,
pydantic and an OAuth client: 19 MB in each process, for 1 MB that is used. Here those packages are
empty while the modules that are used are imported. Nothing of it stays where Python looks for
modules: `import kubernetes` is afterwards what it always was, with classes of its own.
"""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

_PACKAGES = ("kubernetes", "kubernetes.client", "kubernetes.config", "kubernetes.utils")


@contextmanager
def _alone() -> Iterator[None]:
    """Modules of the client are imported without their packages' `__init__`.

    Raises ImportError where there is no client, as importing it does.
    """
    found = importlib.util.find_spec("kubernetes")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("No module named 'kubernetes'", name="kubernetes")
    root = Path(found.submodule_search_locations[0])
    before = _taken_out()
    for name in _PACKAGES:
        package = sys.modules[name] = ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
    try:
        yield
    finally:
        _taken_out()
        sys.modules.update(before)


def _taken_out() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] == "kubernetes"]
    return {name: sys.modules.pop(name) for name in names}


with _alone():
    from kubernetes.client.configuration import Configuration

    sys.modules["kubernetes.client"].Configuration = Configuration  # type: ignore[attr-defined]
    from kubernetes.client.rest import RESTClientObject
    from kubernetes.config.config_exception import ConfigException
    from kubernetes.config.incluster_config import InClusterConfigLoader, load_incluster_config
    from kubernetes.utils.quantity import parse_quantity

__all__ = [
    "ConfigException",
    "Configuration",
    "InClusterConfigLoader",
    "RESTClientObject",
    "load_incluster_config",
    "load_kube_config",
    "parse_quantity",
]


def load_kube_config(**how: Any) -> None:
    """The client's own, and with it all of the client: in the cluster nobody needs it.

    Raises ConfigException.
    """
    from kubernetes import config

    try:
        config.load_kube_config(**how)
    except config.ConfigException as e:
        raise ConfigException(str(e)) from e
