"""The rights policy: what the scaler may do to pods, as the chart's admission policy has it.

The policy itself is tried on the real cluster (`tests/installed/test_rights_policy.py`).
"""

from kube.errors import Forbidden
from scaler.execution.rights_policy import WORDS
from tests.simulation.etcd import Json
from tests.simulation.pods import COST
from tests.simulation.writing import merged

_DENIED = "denied request: podtailor's scaler may "


def guard(verb: str, held: Json | None, body: Json, *, dry: bool) -> None:
    """What the policy says of a call about a pod. Raises Forbidden."""
    if held is None:
        return
    before = held["metadata"]
    if verb == "DELETE" and not (dry or _holds(before)):
        raise _denied("delete only pods that it holds")
    if verb != "PATCH":
        return
    after = merged(before, body.get("metadata") or {})
    holds = _holds(before) or (dry and _holds(after))
    said, annotations = after.get("annotations") or {}, before.get("annotations") or {}
    marked = {COST: said[COST]} if holds and COST in said else {}
    if said != {**annotations, **marked}:
        raise Forbidden(403, "Forbidden", f"denied request: {WORDS}")
    labels, given = after.get("labels") or {}, before.get("labels") or {}
    if labels != given and not (holds and labels.items() <= given.items()):
        raise _denied("only remove labels, and only from pods that it holds")
    uids = {r["uid"] for r in _references(after)}
    if any(r["uid"] not in uids for r in _references(before) if r["kind"] != "PodSize"):
        raise _denied("not remove an owner from a pod, except a PodSize")
    known = {r["uid"] for r in _references(before)}
    if any(r["uid"] not in known for r in _references(after) if r["kind"] != "PodSize"):
        raise _denied("give a pod no owner and no controller except a PodSize")
    if not _holds(before) and not _holds(after) and _references(after) != _references(before):
        raise _denied("hold only pods that their controller recreates")


def _denied(message: str) -> Forbidden:
    return Forbidden(403, "Forbidden", _DENIED + message)


def _references(meta: Json) -> list[Json]:
    return list(meta.get("ownerReferences") or ())


def _holds(meta: Json) -> bool:
    return any(r.get("controller") and r["kind"] == "PodSize" for r in _references(meta))
