"""What every object has: its metadata, its owners; and the base of all structs here."""

from __future__ import annotations

import msgspec

from kube.quantity import Quantity

Quantities = dict[str, Quantity]
Key = tuple[str, str]
"""Namespace and name."""


class Object(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, gc=False):
    pass


class OwnerReference(Object, frozen=True):
    kind: str
    name: str
    uid: str
    api_version: str = "v1"
    controller: bool | None = None
    block_owner_deletion: bool | None = None


class ManagedFields(Object, frozen=True):
    """Who wrote to an object last by one way; which fields is not read."""

    manager: str = ""
    subresource: str = ""
    time: str | None = None


class Meta(Object, frozen=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: list[OwnerReference] | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    managed_fields: list[ManagedFields] | None = None

    def annotation(self, name: str) -> str | None:
        """The annotation's value, or None where it is not set."""
        return (self.annotations or {}).get(name)

    def controller(self) -> OwnerReference | None:
        """The owner reference of the object's controller, if any."""
        for reference in self.owner_references or ():
            if reference.controller:
                return reference
        return None


class Condition(Object, frozen=True):
    type: str
    status: str
    reason: str = ""
    message: str = ""
    last_transition_time: str | None = None
    observed_generation: int = 0
