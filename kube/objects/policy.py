"""API groups policy/v1 and admissionregistration.k8s.io/v1: what may refuse, and its edition."""

from __future__ import annotations

from kube.objects.meta import Meta, Object


class BudgetStatus(Object, frozen=True):
    disruptions_allowed: int = 0


class Budget(Object, frozen=True):
    """A PodDisruptionBudget."""

    metadata: Meta
    status: BudgetStatus = BudgetStatus()


class Rule(Object, frozen=True):
    """A policy or webhook configuration of the cluster: read is only which edition it is."""

    metadata: Meta
