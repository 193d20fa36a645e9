"""Lines of an export: CSV, or InfluxDB's line protocol. Pure.

| in the history      | CSV              | line protocol                                        |
| ------------------- | ---------------- | ---------------------------------------------------- |
| a minute or quarter | a row of `USAGE` | measurement `podtailor_usage`; its start as the time |
| a change            | of `CHANGE`      | measurement `podtailor_change`                       |
| what is not known   | an empty field   | a field that is left out                             |

Times in CSV are RFC 3339 in UTC, in the line protocol nanoseconds since the epoch.
"""

from collections.abc import Mapping

from kube import timestamps
from scaler.history.row import Row
from store.model import Workload
from store.records import Change

USAGE = (
    *("time", "seconds", "namespace", "kind", "workload", "container"),
    *("cpu_mean_millicores", "cpu_max_millicores", "throttled_share"),
    *("memory_bytes", "working_set_bytes"),
    *("cpu_request_millicores", "cpu_limit_millicores"),
    *("memory_request_bytes", "memory_limit_bytes"),
)
CHANGE = (
    *("time", "namespace", "kind", "workload", "container"),
    *("resource", "from", "to", "reason", "revision"),
)
Value = str | int | float | None


def usage_row(workload: Workload, container: str, row: Row) -> list[Value]:
    """The fields of `USAGE`."""
    names = workload.namespace, workload.kind, workload.name, container
    return [timestamps.text(row.at), row.seconds, *names, *_figures(row)]


def change_row(workload: Workload, change: Change) -> list[Value]:
    """The fields of `CHANGE`."""
    names = workload.namespace, workload.kind, workload.name, change.container
    what = change.resource, change.before, change.after, str(change.reason), change.revision
    return [change.at, *names, *what]


def usage_line(workload: Workload, container: str, row: Row) -> str:
    """One point of line protocol."""
    values = dict(zip(USAGE[6:], _figures(row), strict=True))
    return _line(
        "podtailor_usage", _tags(workload, container), {"seconds": row.seconds, **values}, row.at
    )


def change_line(workload: Workload, change: Change) -> str:
    """One point of line protocol."""
    tags = {
        **_tags(workload, change.container),
        "resource": change.resource,
        "reason": str(change.reason),
    }
    fields = {"from": change.before, "to": change.after, "revision": change.revision}
    return _line("podtailor_change", tags, fields, int(timestamps.seconds(change.at) or 0))


def _figures(row: Row) -> list[Value]:
    return [
        *(row.cpu_mean, row.cpu_max, row.throttled, row.memory, row.working_set),
        *(row.cpu_request, row.cpu_limit, row.memory_request, row.memory_limit),
    ]


def _tags(workload: Workload, container: str) -> dict[str, str]:
    return {
        "namespace": workload.namespace,
        "kind": workload.kind,
        "workload": workload.name,
        "container": container,
    }


def _line(name: str, tags: Mapping[str, str], fields: Mapping[str, Value], at: int) -> str:
    of = "".join(f",{key}={_escaped(value)}" for key, value in tags.items())
    values = ",".join(
        f"{key}={_field(value)}" for key, value in fields.items() if value is not None
    )
    return f"{name}{of} {values} {at}000000000"


def _escaped(tag: str) -> str:
    for special in ("\\", ",", "=", " "):
        tag = tag.replace(special, f"\\{special}")
    return tag


def _field(value: Value) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return f"{value}i" if isinstance(value, int) else f"{value}"
