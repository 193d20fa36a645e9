"""Applies a JSON patch (RFC 6902) as strictly as the API server does; adds no parents."""

import copy
from typing import Any

Object = dict[str, Any]


def apply(document: Object, operations: list[Object]) -> Object:
    """The patched copy. Raises KeyError or TypeError where the patch does not fit."""
    patched = copy.deepcopy(document)
    for operation in operations:
        *parents, last = [_unescape(part) for part in operation["path"].split("/")[1:]]
        at: Any = patched
        for part in parents:
            at = at[int(part)] if isinstance(at, list) else at[part]
        if isinstance(at, list) and (operation["op"], last) == ("add", "-"):
            at.append(copy.deepcopy(operation["value"]))
            continue
        if not isinstance(at, dict):
            raise TypeError(f"{operation['path']}: no object there")
        if operation["op"] != "add" and last not in at:
            raise KeyError(operation["path"])
        if operation["op"] == "remove":
            del at[last]
        elif operation["op"] in ("add", "replace"):
            at[last] = copy.deepcopy(operation["value"])
        else:
            raise ValueError(operation["op"])
    return patched


def _unescape(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
