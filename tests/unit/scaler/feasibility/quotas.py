"""ResourceQuotas and LimitRanges, built from the few values that a case is about."""

from typing import Any

import msgspec

from kube import objects


def quota(name: str = "q", scopes: Any = None, selector: Any = None, **hard: str) -> Any:
    """`requests__cpu="1"` is `requests.cpu: "1"`."""
    spec: dict[str, Any] = {"hard": {n.replace("__", "."): v for n, v in hard.items()}}
    spec |= {"scopes": scopes} if scopes else {}
    spec |= {"scopeSelector": {"matchExpressions": selector}} if selector else {}
    return msgspec.convert({"metadata": {"name": name}, "spec": spec}, objects.ResourceQuota)


def per_container(**item: Any) -> objects.LimitRange:
    return limits({"type": "Container", **item})


def limits(*items: dict[str, Any], name: str = "limits") -> objects.LimitRange:
    """As the API server stores it: JSON with camel-case keys."""
    return msgspec.convert(
        {"metadata": {"name": name}, "spec": {"limits": items}}, objects.LimitRange
    )
