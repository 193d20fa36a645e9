"""Lists and watches: order, versions, what a watch tells of an end, and versions too old."""

from itertools import islice

import msgspec

from kube.errors import KubeError
from kube.wire import event_of
from tests.simulation.conformance.registry import Seen, case
from tests.simulation.conformance.target import Target


def _events(t: Target, version: str, count: int) -> Seen:
    """The first events after a version, bookmarks aside: type, name, what is in it."""
    lines = t.watching.stream(
        t.path("configmaps"),
        silence=20.0,
        watch="true",
        resourceVersion=version,
        timeoutSeconds="5",
    )
    seen: Seen = []
    for line in islice(lines, 3 * count):
        kind, meta, raw = event_of(line)
        if kind != "BOOKMARK" and meta.name != "kube-root-ca.crt":
            seen.append([kind, meta.name, msgspec.json.decode(raw).get("data")])
        if len(seen) == count:
            break
    lines.close()
    return seen


@case
def a_watch_tells_everything_since_a_version_in_order(t: Target) -> Seen:
    _, first = t.create("configmaps", "a", {"data": {"x": "1"}})
    t.create("configmaps", "b", {"data": {"x": "2"}})
    t.call("PATCH", t.path("configmaps", "a"), {"data": {"x": "3"}})
    t.call("DELETE", t.path("configmaps", "b"))
    return _events(t, first["metadata"]["resourceVersion"], 3)


@case
def an_end_bears_a_version_of_its_own(t: Target) -> Seen:
    _, made = t.create("configmaps", "a", {})
    before = made["metadata"]["resourceVersion"]
    t.call("DELETE", t.path("configmaps", "a"))
    lines = t.watching.stream(
        t.path("configmaps"), silence=20.0, watch="true", resourceVersion=before, timeoutSeconds="5"
    )
    events = (event_of(line) for line in lines)
    kind, meta, _ = next(e for e in events if e[1].name == "a")
    lines.close()
    return [kind, int(meta.resource_version) > int(before)]


def a_version_that_is_too_old_has_expired(t: Target) -> Seen:
    """Needs a server that has forgotten the cluster's first version: young ones have not."""
    t.create("configmaps", "a", {})
    try:
        _events(t, "1", 1)
    except KubeError as e:
        return [e.status, type(e).__name__]
    return ["served"]


@case
def a_list_has_a_version_and_its_objects_by_name(t: Target) -> Seen:
    for name in ("b", "a", "c"):
        t.create("configmaps", name, {})
    code, listed = t.call("GET", t.path("configmaps"))
    names = [i["metadata"]["name"] for i in listed["items"]]
    return [code, [n for n in names if n != "kube-root-ca.crt"], bool(listed["metadata"])]
