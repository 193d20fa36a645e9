"""A PodSize's history and conditions from and to JSON.

A change whose reason we do not know was written by another release: it is skipped.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from store.reasons import Reason
from store.records import Change, Condition
from store.sizes import Json, member


class ChangeJson(Json, frozen=True):
    at: str
    revision: int
    container: str
    resource: str
    reason: str
    before: str | None = msgspec.field(default=None, name="from")
    after: str | None = msgspec.field(default=None, name="to")
    node_class: str | None = msgspec.field(default=None, name="class")


def change_from_json(raw: ChangeJson) -> Change | None:
    reason = member(Reason, raw.reason)
    if reason is None:
        return None
    what = raw.at, raw.revision, raw.container, raw.resource, raw.before, raw.after
    return Change(*what, reason, raw.node_class)


def change_to_json(c: Change) -> dict[str, object]:
    fields = {"at": c.at, "revision": c.revision, "container": c.container, "resource": c.resource}
    out = {**fields, "from": c.before, "to": c.after, "reason": c.reason}
    return out if c.node_class is None else {**out, "class": c.node_class}


_CONDITION: dict[str, str] = {
    "type": "type",
    "status": "status",
    "reason": "reason",
    "message": "message",
    "last_transition_time": "lastTransitionTime",
}


def condition_from_json(raw: Mapping[str, Any]) -> Condition:
    return Condition(**{ours: str(raw.get(theirs, "")) for ours, theirs in _CONDITION.items()})


def condition_to_json(c: Condition) -> dict[str, str]:
    values = {theirs: getattr(c, ours) for ours, theirs in _CONDITION.items()}
    return {name: value for name, value in values.items() if value}
