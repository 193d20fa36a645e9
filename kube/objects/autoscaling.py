"""API groups autoscaling/v2 and autoscaling.k8s.io/v1: who else scales a workload."""

from __future__ import annotations

from kube.objects.meta import Meta, Object


class Target(Object, frozen=True):
    """The object that an autoscaler scales."""

    kind: str
    name: str
    api_version: str = ""


class ScaledResource(Object, frozen=True):
    name: str
    container: str = ""


class Metric(Object, frozen=True):
    type: str = ""
    resource: ScaledResource | None = None
    container_resource: ScaledResource | None = None


class HorizontalSpec(Object, frozen=True):
    scale_target_ref: Target
    metrics: list[Metric] | None = None


class HorizontalAutoscaler(Object, frozen=True):
    metadata: Meta
    spec: HorizontalSpec


class UpdatePolicy(Object, frozen=True):
    update_mode: str | None = None


class VerticalSpec(Object, frozen=True):
    target_ref: Target | None = None
    update_policy: UpdatePolicy | None = None


class VerticalAutoscaler(Object, frozen=True):
    metadata: Meta
    spec: VerticalSpec = VerticalSpec()
