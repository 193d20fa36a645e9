"""API group batch/v1: what runs once. Only who asks for what is read of it."""

from __future__ import annotations

from kube.objects.meta import Condition, Meta, Object


class Annotated(Object, frozen=True):
    metadata: Meta = Meta()


class JobSpec(Object, frozen=True):
    template: Annotated = Annotated()


class JobStatus(Object, frozen=True):
    conditions: list[Condition] | None = None


class Job(Object, frozen=True):
    metadata: Meta
    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


class JobTemplate(Object, frozen=True):
    metadata: Meta = Meta()
    spec: JobSpec = JobSpec()


class CronJobSpec(Object, frozen=True):
    job_template: JobTemplate = JobTemplate()


class CronJob(Object, frozen=True):
    metadata: Meta
    spec: CronJobSpec = CronJobSpec()
