"""What must hold where several share a cluster: nobody hears of others, or is sized by two."""

import re

import msgspec

from tests.simulation import tenants
from tests.simulation.connection import Call
from tests.simulation.etcd import Json
from tests.simulation.invariants.about import Taking, Writing
from tests.simulation.invariants.registry import when_taking, when_writing
from tests.simulation.shapes import NAMESPACE
from tests.simulation.subject import Subject

_OTHERS = {
    NAMESPACE: re.compile(rf"\b({tenants.NAMESPACE}|m[01])\b"),
    tenants.NAMESPACE: re.compile(rf"\b({NAMESPACE}|w\d+|filler|neighbour\d+)\b"),
}
"""By namespace: the names of the other one and of what is in it."""


def of_another(call: Call) -> str | None:
    """What a write in one namespace says of another one."""
    others = _OTHERS.get(call.where.namespace)
    if others is None or call.verb not in ("POST", "PUT"):
        return None
    found = others.search(msgspec.json.encode(call.body).decode())
    return f"{call} says {found[0]}" if found else None


def where_all_goes(subject: Subject, call: Call) -> str | None:
    """A call, dry runs among them, in a namespace that the scaler knows to be on its way out."""
    known = subject.knows("namespaces").get(("", call.where.namespace))
    going = known is not None and "deletionTimestamp" in known["metadata"]
    return str(call) if going and call.verb != "GET" else None


@when_writing("what another controller makes gets no size")
def foreign_is_not_sized(w: Writing) -> str | None:
    foreign = w.new.status.size is not None and w.known is not None and _foreign(w.known)
    return f"{w.new.name}: {w.new.status.message}" if foreign else None


@when_taking("no pod is replaced of what another controller makes")
def foreign_is_left_alone(t: Taking) -> str | None:
    return t.name if _foreign(t.owner) else None


def _foreign(owner: Json) -> bool:
    references = owner["metadata"].get("ownerReferences") or ()
    return any(r.get("controller") for r in references)
