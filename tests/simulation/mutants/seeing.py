"""Defects of what is known: watches, the store, and whether the webhook works."""

from typing import Any

import msgspec
from msgspec.structs import replace

import kube.watched_objects
from scaler.execution.actuator import Actuator
from scaler.execution.webhook_probe import Probe
from scaler.model import Outcome, Wait, Write
from scaler.status import change_log, update
from store.model import Status
from tests.simulation.connection import WatchConnection
from tests.simulation.mutants.registry import Patch, mutant


@mutant
def watch_event_lost(patch: Patch) -> None:
    """One watch event of seven never arrives."""
    count = [0]

    def lose(self: WatchConnection, plural: str, line: bytes) -> bytes | None:
        count[0] += 1
        return None if count[0] % 7 == 0 else line

    patch(WatchConnection, "pass_on", lose)


@mutant
def cache_goes_back_in_time(patch: Patch) -> None:
    """Every update replaces what is held, however old it is."""
    patch(kube.watched_objects, "older", lambda a, b: False)


@mutant
def blind_status_write(patch: Patch) -> None:
    """The status is written unconditionally, not only over the version that was read."""

    def write(self: Actuator, workload: Any, status: Status, version: str) -> Outcome:
        current = self.gateway.get(_podsize(workload))
        return usual(self, workload, status, _version_of(current))

    usual = Actuator._write
    patch(Actuator, "_write", write)


@mutant
def status_never_rests(patch: Patch) -> None:
    """The status is written each cycle, even without a change."""
    usual = update.written

    def always(*args: Any) -> Any:
        action = usual(*args)
        view, podsize, *_ = args
        fresh = replace(podsize.status, message=f"{podsize.status.message[:40]}.")
        if not isinstance(action, Wait):
            return action
        return Write(view.workload, fresh, podsize.resource_version)

    patch(update, "written", always)


@mutant
def no_probe(patch: Patch) -> None:
    """Whether the webhook works is never checked."""
    patch(Probe, "shortcoming", lambda self, workload, revision: None)


@mutant
def probe_takes_any_revision(patch: Patch) -> None:
    """A webhook that answers with an old revision counts as working."""
    usual = Probe.shortcoming
    patch(Probe, "shortcoming", lambda self, workload, revision: usual(self, workload, 0))


@mutant
def webhook_blamed(patch: Patch) -> None:
    """Found in the product: with a clock that is behind, older pods seem to be newer."""
    patch(change_log, "_made", lambda view: ())


def _podsize(workload: Any) -> str:
    name = f"{workload.kind.lower()}-{workload.name}"
    return f"/apis/podtailor.io/v1alpha1/namespaces/{workload.namespace}/podsizes/{name}"


def _version_of(raw: bytes) -> str:
    return str(msgspec.json.decode(raw)["metadata"]["resourceVersion"])
