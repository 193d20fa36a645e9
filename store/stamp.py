"""The basis stamp: what a pod came with, written by the webhook and read by the scaler."""

from collections.abc import Mapping

import msgspec

from store.model import Size
from store.sizes import size_from_json, size_to_json


def write(incoming: Mapping[str, Size]) -> str:
    """The annotation's value: compact JSON, containers in order of their names."""
    return msgspec.json.encode(
        {name: size_to_json(incoming[name]) for name in sorted(incoming)}
    ).decode()


def read(text: str) -> dict[str, Size]:
    """The sizes by container. Raises ValueError on what cannot be read as such.

    Resources that we do not know are passed over: a newer webhook may have written them.
    """
    try:
        raw = msgspec.json.decode(text.encode(), type=dict[str, dict[str, dict[str, str]]])
    except msgspec.DecodeError as e:
        raise ValueError(f"not a basis stamp: {e}") from e
    return {name: size_from_json(size) for name, size in raw.items()}
