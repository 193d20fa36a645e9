"""Who asks for sizes and cannot get them, as nothing creates its pods again. Pure.

An annotation on such an object would otherwise do nothing and say nothing.

| annotated with `podtailor.io/mode`, other than `off` | it says                              |
| ---------------------------------------------------- | ------------------------------------ |
| a Job, or its template; unless a CronJob made it     | it runs once                         |
| a CronJob, its Jobs' or their pods' template         | its Jobs run once                    |
| a pod without any owner                              | nothing creates it again             |
| a static pod (its owner is its node)                 | only its kubelet can change it       |
| any of them that is over, or is being deleted, with  | nothing: it is too late              |
| its namespace or without                             |                                      |
| by its namespace only                                | nothing: that is meant for workloads |
"""

from collections.abc import Iterator

from msgspec import Struct

from kube import objects
from scaler.annotations.options import Mode
from scaler.cluster.snapshot import Snapshot
from store.annotations import PREFIX

_MODE = PREFIX + "mode"
_BATCH = "batch/v1"
_OVER = ("Succeeded", "Failed")
_DONE = ("Complete", "Failed")


class NotRecreatable(Struct, frozen=True):
    """One object, and why nothing is done about it."""

    kind: str
    api_version: str
    meta: objects.Meta
    why: str


def found(snapshot: Snapshot) -> Iterator[NotRecreatable]:
    """All that the table names."""
    gone = {n.metadata.name for n in snapshot.namespaces.values() if n.metadata.deletion_timestamp}
    every = (*_cron_jobs(snapshot), *_jobs(snapshot), *_pods(snapshot))
    return (one for one in every if one.meta.namespace not in gone)


def _cron_jobs(snapshot: Snapshot) -> Iterator[NotRecreatable]:
    why = "its Jobs run to their end and are not created again: their pods keep their sizes"
    for cron in snapshot.cron_jobs.values():
        template = cron.spec.job_template
        if _asks(cron.metadata, template.metadata, template.spec.template.metadata):
            yield NotRecreatable("CronJob", _BATCH, cron.metadata, why)


def _jobs(snapshot: Snapshot) -> Iterator[NotRecreatable]:
    why = "a Job runs to its end and is not created again: its pods keep their sizes"
    for job in snapshot.jobs.values():
        over = any(c.type in _DONE and c.status == "True" for c in job.status.conditions or ())
        controller = job.metadata.controller()
        made = controller is not None and controller.kind == "CronJob"
        if not over and not made and _asks(job.metadata, job.spec.template.metadata):
            yield NotRecreatable("Job", _BATCH, job.metadata, why)


def _pods(snapshot: Snapshot) -> Iterator[NotRecreatable]:
    for pod in snapshot.pods.values():
        meta = pod.metadata
        why = _alone(meta)  # first, as it is seldom so
        if why and pod.status.phase not in _OVER and _asks(meta):
            yield NotRecreatable("Pod", "v1", meta, why)


def _asks(meta: objects.Meta, *templates: objects.Meta) -> bool:
    """Whether it asks for sizes: the object's own annotation wins."""
    modes = (m.annotation(_MODE) for m in (meta, *templates))
    mode = next((m for m in modes if m is not None), None)
    return mode not in (None, Mode.OFF) and not meta.deletion_timestamp


def _alone(meta: objects.Meta) -> str | None:
    """Why a pod would not come back; None: somebody owns it."""
    if not meta.owner_references:
        return "nothing creates this pod again: it has no controller, and keeps its size"
    if any(r.kind == "Node" for r in meta.owner_references):
        return "a static pod is made by its kubelet from a file, and keeps its size"
    return None
