"""Kubernetes quantities to whole millicores and bytes, and back.

The arithmetic is the client library's `parse_quantity`. This module is stricter: it accepts exactly
the API server's grammar (the client also reads `1K`, `1e3Ki` and `nan`), rejects negative amounts,
and rounds fractions *up*, as the API server does for requests and limits.

| text        | cpu (millicores) | memory (bytes) |
| ----------- | ---------------- | -------------- |
| `500m`      | 500              | 1              |
| `1`, 1, 1.0 | 1000             | 1              |
| `1e3`       | 1000000          | 1000           |
| `64Mi`      | 67108864000      | 67108864       |
| `100u`      | 1                | 1              |
| `nan`, `-1`, `1K`, `` | ValueError | ValueError |
"""

import re
from decimal import ROUND_CEILING, Context, Decimal, localcontext
from functools import lru_cache

from kube.official import parse_quantity

Quantity = str | int | float

_GRAMMAR = re.compile(
    r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?", re.ASCII
)
_LONGEST = 64  # characters; at this precision no product of that many digits is rounded
_EXACT = Context(prec=2 * _LONGEST)
_LARGEST = Decimal(2**63 - 1)
_BINARY = (("Gi", 1024**3), ("Mi", 1024**2), ("Ki", 1024))


def cpu(quantity: Quantity) -> int:
    """Millicores, rounded up. Raises ValueError for what is not a quantity of at least 0."""
    return _whole(quantity, 1000)


def memory(quantity: Quantity) -> int:
    """Bytes, rounded up. Raises ValueError for what is not a quantity of at least 0."""
    return _whole(quantity, 1)


def nanocores_used(quantity: Quantity) -> int:
    """A measured amount, finer than `cpu`, and not cached: hardly any two are equal."""
    return _exact(str(quantity), 10**9)


def memory_used(quantity: Quantity) -> int:
    """A measured amount in bytes, not cached either."""
    return _exact(str(quantity), 1)


def format_cpu(millicores: int) -> str:
    """The canonical text: whole cores without suffix, else millicores (`500m`, `2`)."""
    return f"{millicores}m" if millicores % 1000 else str(millicores // 1000)


def format_memory(size: int) -> str:
    """The canonical text with the largest binary suffix that leaves no fraction (`64Mi`)."""
    for suffix, factor in _BINARY:
        if size and size % factor == 0:
            return f"{size // factor}{suffix}"
    return str(size)


def _whole(quantity: Quantity, factor: int) -> int:
    if isinstance(quantity, bool) or not isinstance(quantity, str | int | float):
        raise ValueError(f"not a quantity: {quantity!r}")
    return _amount(str(quantity), factor)


@lru_cache(maxsize=4096)  # a cluster has few distinct values, and each pod parses all of its own
def _amount(text: str, factor: int) -> int:
    return _exact(text, factor)


def _exact(text: str, factor: int) -> int:
    if len(text) > _LONGEST or not _GRAMMAR.fullmatch(text):
        raise ValueError(f"not a quantity: {text[:_LONGEST]!r}")
    try:
        with localcontext(_EXACT):
            number = Decimal(parse_quantity(text)) * factor
    except (ArithmeticError, ValueError) as e:
        raise ValueError(f"not a quantity: {text!r}") from e
    if number < 0:
        raise ValueError(f"not a quantity of at least 0: {text!r}")
    if number > _LARGEST:
        raise ValueError(f"larger than any quantity: {text!r}")
    return int(number.to_integral_value(rounding=ROUND_CEILING))
