"""What users ask for in annotations: which workloads are enrolled, and how to treat them. Pure.

The workload's own annotations win over the pod template's, one by one. An annotation that names a
container wins over one that does not.

| annotations                                       | outcome                                 |
| ------------------------------------------------- | --------------------------------------- |
| no `mode` on workload, template or namespace      | None: not enrolled                      |
| `mode.<container>` alone                          | None: not enrolled                      |
| `mode` on the namespace only                      | the default for its workloads           |
| `mode: off`, wherever it is read from             | OFF; other mistakes are not reported    |
| `paused: "true"` on any of the three              | paused; "false" elsewhere does not undo |
| a malformed value, a name that does not exist     | BadAnnotation, all mistakes together    |
| a value of a later release                        | BadAnnotation: not in this release      |
| `burst: on` without `strategy: resize`            | BadAnnotation: nothing restarts for it  |
| `per-node: on` where `policy.perNode` is false    | BadAnnotation: the webhook may not      |
|                                                   | read nodes then                         |
| a value that another annotation overrides         | ignored, even where malformed           |
| the webhook's stamps, copied from a pod           | ignored                                 |
| other `podtailor.io/` ones on the namespace       | ignored: only mode and paused are read  |
"""

from collections.abc import Mapping
from functools import lru_cache

from scaler.annotations.options import (
    BadAnnotation,
    Bounds,
    ContainerPolicy,
    Disruption,
    Mode,
    PolicyNames,
    Settings,
    SingleReplica,
    Strategy,
    Switch,
)
from scaler.annotations.reader import Reader, mistaken
from store import annotations

_STAMPS = {
    annotations.SIZE_REVISION,
    annotations.BASIS,
    annotations.PROBE_LABEL,
    annotations.PROBE_FOR,
}
_NO_BURST = (
    f'{annotations.PREFIX}burst: "on" resizes running pods: it needs '
    f"{annotations.PREFIX}strategy: resize"
)
_NO_NODES = f'{annotations.PREFIX}per-node: "on" needs policy.perNode, which is false'
_AT_NAMESPACE = ("mode", "paused")

_Texts = Mapping[str, str]


def enrolment(
    workload: Mapping[str, str] | None,
    template: Mapping[str, str] | None,
    namespace: Mapping[str, str] | None,
    policies: PolicyNames,
) -> Settings | BadAnnotation | None:
    """What the annotations of the three ask for. None: not enrolled.

    `policies`: the values that `policy` may have, and the cluster's defaults.
    """
    own = {**_prefixed(template), **_prefixed(workload)}
    from_namespace = {k: v for k, v in _prefixed(namespace).items() if k in _AT_NAMESPACE}
    mode = own.get("mode", from_namespace.get("mode"))
    if mode is None:
        return None
    if mode == Mode.OFF:
        paused = "true" in (own.get("paused"), from_namespace.get("paused"))
        return Settings(Mode.OFF, ContainerPolicy(policies.default, Mode.OFF), paused=paused)
    return _settings(frozenset(own.items()), frozenset(from_namespace.items()), policies)


@lru_cache(maxsize=1024)
def _settings(
    texts: frozenset[tuple[str, str]],
    of_namespace: frozenset[tuple[str, str]],
    policies: PolicyNames,
) -> Settings | BadAnnotation:
    # Workloads have few different sets of annotations, and each cycle reads all of them.
    own, from_namespace = dict(sorted(texts)), dict(of_namespace)
    outer, reader = Reader(from_namespace), Reader(own)
    inherited = Mode.AUTO if "mode" in own else outer.choice("mode", Mode.AUTO)
    paused = [outer.flag("paused"), reader.flag("paused")]
    default = _policy(reader, "", ContainerPolicy(policies.default, inherited), policies)
    per_node = reader.choice("per-node", Switch.OFF) is Switch.ON
    settings = Settings(
        mode=default.mode,
        strategy=reader.choice("strategy", policies.strategy),
        disruption=reader.choice("disruption", Disruption.SURGE),
        single_replica=reader.choice("single-replica", SingleReplica.WAIT),
        paused=any(paused),
        per_node=per_node,
        default=default,
        containers={c: _policy(reader, f".{c}", default, policies) for c in _containers(own)},
    )
    names = [mistake for name in sorted(own) if (mistake := mistaken(name))]
    bursting = any(p.burst for p in (settings.default, *settings.containers.values()))
    if bursting and settings.strategy is not Strategy.RESIZE:
        reader.mistakes.append(_NO_BURST)
    if per_node and not policies.per_node:
        reader.mistakes.append(_NO_NODES)
    mistakes = [*names, *reader.mistakes, *(f"on the namespace, {m}" for m in outer.mistakes)]
    if mistakes:
        return BadAnnotation("; ".join(dict.fromkeys(mistakes)))
    return settings


def _policy(
    reader: Reader, suffix: str, default: ContainerPolicy, policies: PolicyNames
) -> ContainerPolicy:
    switch = Switch.ON if default.burst else Switch.OFF
    return ContainerPolicy(
        mode=reader.choice("mode" + suffix, default.mode),
        policy=reader.word("policy" + suffix, default.policy, policies.here, policies.later),
        resources=reader.resources("resources" + suffix, default.resources),
        limits=reader.choice("limits" + suffix, default.limits),
        direction=reader.choice("direction" + suffix, default.direction),
        bounds=_bounds(reader, suffix, default.bounds),
        named=bool(suffix),
        burst=reader.choice("burst" + suffix, switch) is Switch.ON,
        restarts=reader.restarts("restart-on-resize" + suffix, default.restarts),
    )


def _bounds(reader: Reader, suffix: str, default: Bounds) -> Bounds:
    bounds = Bounds(
        cpu_min=reader.amount("cpu-min" + suffix, default.cpu_min),
        cpu_max=reader.amount("cpu-max" + suffix, default.cpu_max),
        memory_min=reader.amount("memory-min" + suffix, default.memory_min),
        memory_max=reader.amount("memory-max" + suffix, default.memory_max),
    )
    reader.order("cpu-min" + suffix, "cpu-max" + suffix, (bounds.cpu_min, bounds.cpu_max))
    reader.order(
        "memory-min" + suffix, "memory-max" + suffix, (bounds.memory_min, bounds.memory_max)
    )
    return bounds


def _containers(own: _Texts) -> list[str]:
    """The containers that are named in annotations that exist."""
    return sorted({name.partition(".")[2] for name in own if "." in name and not mistaken(name)})


def _prefixed(given: _Texts | None) -> dict[str, str]:
    """podtailor's annotations by short name, without the stamps that the webhook puts on pods."""
    prefix = annotations.PREFIX
    return {
        name.removeprefix(prefix): value
        for name, value in (given or {}).items()
        if name.startswith(prefix) and name not in _STAMPS
    }
