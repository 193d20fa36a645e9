"""What would have changed in a workload that is only observed, had it been sized all along. Pure.

Each of its containers goes through the replay (scaler/replay/) with its own past and settings:

| figure             | is                                                                        |
| ------------------ | ------------------------------------------------------------------------- |
| `changes`          | moments at which some container would have got another size               |
| `restarts`         | those times the pods there are now; none with `strategy: resize`          |
| request, limit     | of one pod: the manifest's, and what it would have in the end             |
| throttled, OOMs    | over the whole time, of the busiest pod, as it is and as it would be      |

What a container wanted beyond its limit is in no history: it is taken for its limit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from kube import objects
from kube.pods import counted
from kube.timestamps import text
from scaler.annotations.options import ContainerPolicy, Mode, Settings, Strategy
from scaler.cluster.pod_sizes import sizes_of
from scaler.cluster.view import View
from scaler.history.row import Row
from scaler.policies.policy import Horizon, Patience
from scaler.replay.course import Question, Sized, replay
from scaler.replay.figures import Figures, figures
from scaler.replay.trace import MINUTE, Trace, of_stretches
from store.model import Size, Sizes

RowsOf = Callable[[str], Sequence[Row]]
"""The past of a container, oldest first, by its name."""


class Live(Struct, frozen=True):
    """The settings of the live program."""

    patience: Patience = Patience()
    horizon: Horizon = Horizon()


class ContainerOutcome(Struct, frozen=True):
    """One container; `minutes`: of which its usage is known. `sizes`: the manifest's first."""

    name: str
    policy: str
    minutes: int
    trace: Trace
    sizes: Sequence[Sized]
    as_it_is: Figures
    sized: Figures

    @property
    def before(self) -> Size:
        """The manifest's."""
        return self.sizes[0].size

    @property
    def after(self) -> Size:
        """What it would have now."""
        return self.sizes[-1].size


class Outcome(Struct, frozen=True):
    """One workload; `without`: the containers of which no usage is known."""

    namespace: str
    kind: str
    name: str
    pods: int
    strategy: Strategy
    containers: Sequence[ContainerOutcome]
    without: Sequence[str] = ()

    @property
    def changes(self) -> Sequence[str]:
        """The moments of all changes, in RFC 3339."""
        moments = {c.trace.start + MINUTE * s.minute for c in self.containers for s in c.sizes[1:]}
        return [text(at) for at in sorted(moments)]

    @property
    def restarts(self) -> int:
        """Pods that would have been replaced."""
        return 0 if self.strategy is Strategy.RESIZE else self.pods * len(self.changes)

    def requested(self, resource: str) -> tuple[int, int]:
        """Of all pods together, as it is and as it would be; millicores or bytes."""
        pairs = [(c.before.requests[resource], c.after.requests[resource]) for c in self.containers]
        known = [(a or 0, b or 0) for a, b in pairs]
        return self.pods * sum(a for a, _ in known), self.pods * sum(b for _, b in known)


def observed(view: View) -> bool:
    """Whether some container of it is only observed."""
    settings = view.settings
    if not isinstance(settings, Settings):
        return False
    own = (c.mode for c in settings.containers.values())
    return Mode.OBSERVE in (settings.mode, *own)


def names(view: View) -> list[str]:
    """Its containers that are observed. Raises ValueError where a quantity cannot be read."""
    settings = view.settings
    if not isinstance(settings, Settings):
        return []
    modes = {name: (settings.mode, settings.container(name).mode) for name in _manifest(view)}
    return [n for n, both in modes.items() if Mode.OBSERVE in both and both[1] is not Mode.OFF]


def outcome(view: View, rows_of: RowsOf, live: Live) -> Outcome:
    """By the table above. Raises ValueError where a quantity of it cannot be read."""
    settings = view.settings
    assert isinstance(settings, Settings)
    found, without = [], []
    sizes = _manifest(view)
    for name in names(view):
        if rows := rows_of(name):
            found.append(_outcome(name, settings.container(name), sizes[name], rows, live))
        else:
            without.append(name)
    of = view.workload
    pods = len(view.not_terminating)
    return Outcome(of.namespace, of.kind, of.name, pods, settings.strategy, found, without)


def as_json(found: Outcome) -> Mapping[str, object]:
    """For a machine: requests and limits as Kubernetes writes them, figures as numbers."""
    cpu, memory = found.requested("cpu"), found.requested("memory")
    return {
        "namespace": found.namespace,
        "kind": found.kind,
        "name": found.name,
        "pods": found.pods,
        "strategy": str(found.strategy),
        "changes": found.changes,
        "restarts": found.restarts,
        "cpuRequested": {"asItIs": cpu[0], "sized": cpu[1]},
        "memoryRequested": {"asItIs": memory[0], "sized": memory[1]},
        "containers": [_container_json(c) for c in found.containers],
        "withoutUsage": list(found.without),
    }


def _container_json(found: ContainerOutcome) -> Mapping[str, object]:
    start = found.trace.start
    return {
        "name": found.name,
        "policy": found.policy,
        "minutes": found.minutes,
        "from": text(start),
        "to": text(start + MINUTE * len(found.trace.cpu)),
        "asItIs": found.as_it_is.as_json(),
        "sized": found.sized.as_json(),
        "sizes": [_sized_json(start, s) for s in found.sizes],
    }


def _sized_json(start: float, sized: Sized) -> Mapping[str, object]:
    requests, limits = sized.size.requests, sized.size.limits
    return {
        "at": text(start + MINUTE * sized.minute),
        "reason": sized.reason and str(sized.reason),
        "requests": {"cpu": requests.cpu, "memory": requests.memory},
        "limits": {"cpu": limits.cpu, "memory": limits.memory},
    }


def _manifest(view: View) -> Sizes:
    """What its pods come with, admission's defaults included; without pods, the template's."""
    if view.not_terminating:
        first = view.not_terminating[0]
        return {name: first.original[name] for name in counted(first.pod)}
    template = objects.Pod(objects.Meta(), view.template)
    sizes = sizes_of(template)
    return {name: sizes[name] for name in counted(template)}


def _outcome(
    name: str, options: ContainerPolicy, size: Size, rows: Sequence[Row], live: Live
) -> ContainerOutcome:
    trace = of_stretches(name, [*_stretches(rows, "cpu_mean")], [*_stretches(rows, "memory")])
    asked = Question(size, replace(options, mode=Mode.AUTO), live.patience, live.horizon)
    sizes = replay(trace, asked)
    sizes = [Sized(0, size), *(replace(s, size=_whole(s.size, size)) for s in sizes[1:])]
    known = sum(minute is not None for minute in trace.cpu)
    before = figures(trace, sizes[:1])
    return ContainerOutcome(
        name, options.policy, known, trace, sizes, before, figures(trace, sizes)
    )


def _whole(size: Size, manifest: Size) -> Size:
    """With the manifest's memory, where nothing was known of it (the replay leaves it out)."""
    if size.requests.memory is None and size.limits.memory is None:
        requests = replace(size.requests, memory=manifest.requests.memory)
        return Size(requests, replace(size.limits, memory=manifest.limits.memory))
    return size


def _stretches(rows: Sequence[Row], field: str) -> Iterator[tuple[float, float, float | None]]:
    for row in rows:
        value = getattr(row, field)
        yield float(row.at), float(row.at + row.seconds), None if value is None else float(value)
