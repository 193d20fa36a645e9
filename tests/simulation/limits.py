"""LimitRanger and quota as the documentation has them: defaults, refusals, sums in use."""

from collections.abc import Mapping

from kube.errors import Forbidden, Invalid
from tests.simulation.etcd import Json, Key
from tests.simulation.quantities import RESOURCES, amount, of_container, total

_COUNTED = ("requests.cpu", "requests.memory", "limits.cpu", "limits.memory", "pods")


def defaulted(pod: Json) -> Json:
    """A request that is not set is the limit: done whenever the server decodes a pod."""
    return _each_container(
        pod, lambda c: _filled(_decoded(c), "requests", dict(_amounts(c, "limits")))
    )


def ranged(pod: Json, ranges: Mapping[Key, Json]) -> Json:
    """What each LimitRange of the namespace fills in."""
    for item in _items(ranges, pod["metadata"]["namespace"], "Container"):
        default, request = item.get("default") or {}, item.get("defaultRequest") or {}
        pod = _each_container(
            pod,
            lambda c, d=default, r=request: _filled(_filled(c, "limits", d), "requests", r),
        )
    return pod


def validate(pod: Json) -> None:
    """A request above its limit is refused. Raises Invalid."""
    for c in pod["spec"]["containers"]:
        for resource in RESOURCES:
            request, limit = _pair(c, resource)
            if request is not None and limit is not None and request > limit:
                message = f"must be less than or equal to {resource} limit"
                raise Invalid(
                    422, "Invalid", f"Pod {pod['metadata']['name']!r} is invalid: {message}"
                )


def check_ranges(pod: Json, ranges: Mapping[Key, Json]) -> None:
    """Raises Forbidden where a LimitRange refuses the pod."""
    namespace = pod["metadata"]["namespace"]
    for item in _items(ranges, namespace, "Container"):
        for c in pod["spec"]["containers"]:
            for resource in RESOURCES:
                _bounded(item, resource, _pair(c, resource), pod)
    for item in _items(ranges, namespace, "Pod"):
        for resource in RESOURCES:
            pair = (total(pod, "requests", resource), total(pod, "limits", resource))
            _bounded(item, resource, (pair[0] or None, pair[1] or None), pod)


def check_quotas(pod: Json, quotas: Mapping[Key, Json], pods: Mapping[Key, Json]) -> None:
    """Raises Forbidden where the namespace has not enough left beside these pods."""
    namespace = pod["metadata"]["namespace"]
    for quota in [q for k, q in quotas.items() if k[0] == namespace]:
        hard = {n: v for n, v in (quota["spec"].get("hard") or {}).items() if n in _COUNTED}
        used = in_use(pods, namespace)
        for name, text in hard.items():
            most = amount(name.rpartition(".")[2], text)
            if _missing(pod, name):
                raise Forbidden(403, "Forbidden", f"failed quota: must specify {name}")
            if used[name] + _of_pod(pod, name) > most:
                message = f"exceeded quota: {quota['metadata']['name']}, {name}"
                raise Forbidden(403, "Forbidden", message)


def in_use(pods: Mapping[Key, Json], namespace: str) -> dict[str, int]:
    """What the namespace's pods that are not finished add up to."""
    counted = [
        p
        for (where, _), p in pods.items()
        if where == namespace and p["status"].get("phase") not in ("Succeeded", "Failed")
    ]
    return {name: sum(_of_pod(p, name) for p in counted) for name in _COUNTED}


def _of_pod(pod: Json, name: str) -> int:
    part, _, resource = name.partition(".")
    return total(pod, part, resource) if resource else 1


def _missing(pod: Json, name: str) -> bool:
    part, _, resource = name.partition(".")
    containers = pod["spec"]["containers"]
    return bool(resource) and any(not of_container(c, part, resource) for c in containers)


def _items(ranges: Mapping[Key, Json], namespace: str, kind: str) -> list[Json]:
    here = [r for key, r in sorted(ranges.items()) if key[0] == namespace]
    return [i for r in here for i in r["spec"]["limits"] if i["type"] == kind]


def _bounded(item: Json, resource: str, pair: tuple[int | None, int | None], pod: Json) -> None:
    request, limit = pair
    least = (item.get("min") or {}).get(resource)
    most = (item.get("max") or {}).get(resource)
    ratio = (item.get("maxLimitRequestRatio") or {}).get(resource)
    message = None
    if least is not None:
        bound = amount(resource, least)
        if request is None or request < bound or (limit is not None and limit < bound):
            message = f"minimum {resource} usage per {item['type']} is {least}"
    if most is not None:
        bound = amount(resource, most)
        if limit is None or limit > bound or (request is not None and request > bound):
            message = f"maximum {resource} usage per {item['type']} is {most}"
    if ratio is not None and (not request or not limit or limit / request > float(ratio)):
        message = f"{resource} max limit to request ratio per {item['type']} is {ratio}"
    if message:
        name = pod["metadata"]["name"]
        raise Forbidden(403, "Forbidden", f'pods "{name}" is forbidden: {message}')


def _pair(container: Json, resource: str) -> tuple[int | None, int | None]:
    return (
        of_container(container, "requests", resource),
        of_container(container, "limits", resource),
    )


def _amounts(container: Json, part: str) -> Json:
    return (container.get("resources") or {}).get(part) or {}


def _decoded(container: Json) -> Json:
    """An empty part counts as absent."""
    resources = container.get("resources") or {}
    if all(resources.values()):
        return container
    return {**container, "resources": {part: given for part, given in resources.items() if given}}


def _filled(container: Json, part: str, defaults: Json) -> Json:
    held = _amounts(container, part)
    missing = {name: value for name, value in defaults.items() if name not in held}
    if not missing:
        return container
    resources = {**(container.get("resources") or {}), part: {**held, **missing}}
    return {**container, "resources": resources}


def _each_container(pod: Json, change: object) -> Json:
    assert callable(change)
    containers = [change(c) for c in pod["spec"]["containers"]]
    return {**pod, "spec": {**pod["spec"], "containers": containers}}
