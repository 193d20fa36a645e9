"""The webhook's stamp on a pod: what the pod came with, and the revision that the webhook read."""

from functools import lru_cache

import msgspec

from kube import objects
from store import annotations
from store.model import Size, Sizes
from store.sizes import size_from_json, size_to_json

_STAMP = msgspec.json.Decoder(dict[str, dict[str, dict[str, str]]])


def write(incoming: Sizes) -> str:
    """The annotation's value: compact JSON, containers sorted by name."""
    return msgspec.json.encode(
        {name: size_to_json(incoming[name]) for name in sorted(incoming)}
    ).decode()


def read(text: str) -> dict[str, Size]:
    """The sizes by container. Raises ValueError for text that is not a stamp.

    Unknown resources are skipped: a newer webhook may have written them.
    """
    try:
        raw = _STAMP.decode(text.encode())
    except msgspec.DecodeError as e:
        raise ValueError(f"not a basis stamp: {e}") from e
    return {name: size_from_json(size) for name, size in raw.items()}


_DIGITS = 18  # a longer number was not written by us: never parsed


def stamped_basis(pod: objects.Pod) -> Sizes | None:
    """What the pod came with, from the webhook's stamp; None where there is no readable one."""
    text = pod.metadata.annotation(annotations.BASIS)
    return None if text is None else _stamp(text)


def stamped_revision(pod: objects.Pod) -> int | None:
    """The revision that the webhook read; None where the pod did not pass the webhook."""
    text = pod.metadata.annotation(annotations.SIZE_REVISION) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


@lru_cache(maxsize=4096)  # the pods of a workload have equal stamps, and this is called each cycle
def _stamp(text: str) -> Sizes | None:
    try:
        return read(text)
    except ValueError:
        return None
