"""Workloads for the page to show, in every phase, with a past; served as the scaler serves them.

Views, plans and usage are what a cycle would hand over; the past is a list.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from kube import objects, timestamps
from scaler.cluster.view import View
from scaler.explain.shown import Explainer
from scaler.history.gone import Gone
from scaler.history.row import Row
from scaler.memory import Memory
from scaler.model import Decision, Plan, Standing, Wait
from scaler.page.answers import Answers
from scaler.page.app import create_app
from scaler.page.doors import Door, OpenDoor
from scaler.page.past import NoPast, Past
from scaler.page.previews import Previews
from scaler.page.seen import Seen
from scaler.permissions import Permissions
from scaler.reporting.health_server import serve
from scaler.reporting.journal import Journal
from scaler.settings import Settings
from scaler.sizing.evidence import MinuteOf
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.storage import Windows
from scaler.usage.window import Reading
from store.model import Phase, Status, Workload
from store.reasons import Reason
from store.records import Change, Condition, PodCount, Restarts
from tests.unit.scaler import builders

NOW = builders.NOW
SCRIPT = "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
"""In a message as it would come from somebody's annotation."""
STATES: Sequence[tuple[Phase, Reason, str]] = (
    (Phase.SETTLED, Reason.IN_BOUNDS, "nginx used 210m of 500m for 60 s"),
    (Phase.SETTLED, Reason.DOUBLED, "nginx: cpu 500m to 1"),
    (Phase.SETTLED, Reason.IN_BOUNDS, "nginx used 120m of 500m for 60 s"),
    (Phase.APPLYING, Reason.PENDING_REPLACEMENT, "web-1 stays until its replacement is Ready"),
    (Phase.SETTLED, Reason.AT_MAXIMUM, "nginx used 1990m of 2 for 60 s: cpu-max is 2"),
    (Phase.BLOCKED, Reason.DISRUPTION_BUDGET, "web-1: its budget allows no disruption"),
    (Phase.SETTLED, Reason.HALVED, "nginx: cpu 1 to 500m"),
    (Phase.SETTLED, Reason.WARMING_UP, "nginx: the container has just started"),
)
USED = (0.21, 0.6, 0.12, 0.97, 0.99, 0.95, 0.2, 0.05)
"""Of the limit, by state."""


def minute(at: int, used: float, request: int, limit: int, seconds: int = 60) -> Row:
    """One row of the past."""
    memory = 70 * builders.MI, 64 * builders.MI, 128 * builders.MI
    return Row(at, seconds, used, used * 1.1, None, None, memory[0], request, limit, *memory[1:])


@dataclass
class Stored(NoPast):
    """A past that is given."""

    rows: Mapping[Workload, Sequence[Row]] = field(default_factory=dict)
    last: Mapping[Workload, Gone] = field(default_factory=dict)
    changed: Mapping[Workload, Sequence[Change]] = field(default_factory=dict)

    def minutes(
        self, workload: Workload, container: str, since: float, until: float
    ) -> Sequence[Row]:
        return [r for r in self.rows.get(workload, ()) if since <= r.at < until]

    def changes(self, workload: Workload, since: float, until: float) -> Sequence[Change]:
        return self.changed.get(workload, ())

    def containers(self) -> Sequence[tuple[Workload, str]]:
        return [(one, "nginx") for one in self.rows]

    def gone(self) -> Mapping[Workload, Gone]:
        return self.last


def workload(number: int) -> Workload:
    return Workload("apps/v1", "Deployment", f"team-{number % 12}", f"web-{number:04}")


def view(number: int, message: str | None = None) -> View:
    """A Deployment of two pods, in the state of its number."""
    phase, reason, says = STATES[number % len(STATES)]
    one, sized = workload(number), builders.DOUBLED if reason is Reason.DOUBLED else builders.size()
    made = [builders.pod(f"{one.name}-{i}", {"nginx": sized}) for i in range(2)]
    status = replace(
        Status(observed_generation=1, pods=PodCount(2, 1 if phase is Phase.APPLYING else 2)),
        phase=phase,
        reason=reason,
        message=message or says,
        changes=_changes(reason),
        restarts=Restarts(timestamps.hour(NOW), number % 3),
        conditions=_blocked(phase),
    )
    podsize = replace(builders.podsize(status), workload=one)
    pods = tuple(_in_namespace(p, one.namespace) for p in made)
    return View(one, builders.owner(), builders.AUTO, podsize, pods)


def observed(number: int) -> View:
    """One that is only observed."""
    one = view(number)
    pods = (
        _in_namespace(builders.pod(f"{one.workload.name}-{i}"), one.workload.namespace)
        for i in "01"
    )
    return replace(one, settings=builders.asked(mode="observe"), pods=(*pods,))


def _in_namespace(pod: objects.Pod, namespace: str) -> objects.Pod:
    return replace(pod, metadata=replace(pod.metadata, namespace=namespace))


def _changes(reason: Reason) -> tuple[Change, ...]:
    if reason is not Reason.DOUBLED:
        return ()
    at = timestamps.text(NOW - 1500)
    return (Change(at, 1, "nginx", "cpu", "500m", "1", Reason.DOUBLED),)


def _blocked(phase: Phase) -> tuple[Condition, ...]:
    if phase is not Phase.BLOCKED:
        return ()
    since = timestamps.text(NOW - 5400)
    return (Condition("Applied", "False", "DisruptionBudget", "", since),)


def plan(one: View) -> Plan:
    """What the last cycle made of it."""
    status = one.status
    assert status.phase and status.reason
    decision = Decision("nginx", "cpu", None, status.reason, status.message)
    summary = Standing(status.phase, status.reason, status.message)
    return Plan(one.workload, summary, Wait(), (decision,))


def windows(views: Sequence[View]) -> Windows:
    """Two minutes of readings of every pod."""
    made = Windows()
    for seconds in range(-120, 1, 15):
        at, samples = NOW + seconds, []
        for number, one in enumerate(views):
            for pod in one.pods:
                limit = (one.states[0].actual["nginx"].limits.cpu or 0) / 1000
                used = USED[number % len(USED)] * limit
                memory = int((40 + number % 80) * builders.MI)
                reading = Reading(at, at, used * (at - NOW + 3600), memory, NOW - 3600)
                meta = pod.metadata
                samples.append(Sample(meta.namespace, meta.name, "nginx", reading))
        made.take_in(samples, at)
    return made


def past() -> Stored:
    """Six hours of the second workload, whose limit was doubled 25 minutes ago."""
    rows = []
    for ago in range(360, 2, -1):
        at, doubled = int(NOW) - 60 * ago, 60 * ago <= 1500
        used = (180 + ago * 7 % 90) if ago > 40 else 590 if doubled else 497
        size = (500, 1000) if doubled else (250, 500)
        rows.append(minute(at, float(used), *size))
    return Stored({workload(1): rows}, changed={workload(1): _changes(Reason.DOUBLED)})


def _explain(used: Windows) -> Callable[[View, Seen], object]:
    def minute_of(now: float) -> MinuteOf:
        return partial(used.minute, now=now)

    return Explainer(Settings(), Memory(), Permissions(), minute_of).of


@contextmanager
def served(
    views: Sequence[View], kept: Past | None = None, door: Door | None = None
) -> Iterator[str]:
    """The address of a scaler that shows them."""
    seen = Seen(tuple(views), tuple(map(plan, views)), NOW)
    used = windows(views)
    answers = Answers(lambda: seen, used, Journal(), lambda: NOW, kept or NoPast(), _explain(used))
    previews = Previews(lambda: seen, lambda: NOW, kept or NoPast())
    app = create_app(answers, previews, door or OpenDoor())
    server = serve(CollectorRegistry(), {"/livez": lambda: None}, "127.0.0.1", 0, app)
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
