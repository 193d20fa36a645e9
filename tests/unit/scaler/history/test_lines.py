"""Lines of an export, as other programs read them."""

import csv
import io

from scaler.history import lines
from scaler.history.row import Row
from store.model import Workload
from tests.unit.scaler.history.entries import change, row, workload

AT = 1_795_000_560.0


def test_a_row_of_usage_has_a_field_for_each_column_and_units_in_their_names() -> None:
    made = lines.usage_row(workload(), "nginx", row(AT + 60))
    assert dict(zip(lines.USAGE, made, strict=True)) == {
        "time": "2026-11-18T11:16:00Z",
        "seconds": 60,
        "namespace": "shop",
        "kind": "Deployment",
        "workload": "web",
        "container": "nginx",
        "cpu_mean_millicores": 100.0,
        "cpu_max_millicores": 110.0,
        "throttled_share": 0.25,
        "memory_bytes": 10 * 2**20,
        "working_set_bytes": 20 * 2**20,
        "cpu_request_millicores": 250,
        "cpu_limit_millicores": 500,
        "memory_request_bytes": 2**26,
        "memory_limit_bytes": 2**27,
    }


def test_what_is_not_known_is_empty_in_csv_and_left_out_of_line_protocol() -> None:
    bare = Row(1_795_000_560, 900, 1.5, 2.0)
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(lines.usage_row(workload(), "nginx", bare))
    assert text.getvalue().endswith(",nginx,1.5,2.0,,,,,,,")
    got = lines.usage_line(workload(), "nginx", bare)
    assert got == (
        "podtailor_usage,namespace=shop,kind=Deployment,workload=web,container=nginx "
        "seconds=900i,cpu_mean_millicores=1.5,cpu_max_millicores=2.0 1795000560000000000"
    )


def test_a_change_is_a_row_and_a_point() -> None:
    made = change("2026-11-18T11:16:00Z", 3)
    assert lines.change_row(workload(), made) == [
        *("2026-11-18T11:16:00Z", "shop", "Deployment", "web", "nginx"),
        *("cpu", "500m", "1", "Doubled", 3),
    ]
    assert lines.change_line(workload(), made) == (
        "podtailor_change,namespace=shop,kind=Deployment,workload=web,container=nginx,"
        'resource=cpu,reason=Doubled from="500m",to="1",revision=3i 1795000560000000000'
    )


def test_special_characters_of_tags_are_escaped() -> None:
    odd = Workload("v1", "Kind", "a b", "c,d=e\\f")
    got = lines.usage_line(odd, "nginx", Row(0, 60, 1.0, 1.0))
    assert got.startswith("podtailor_usage,namespace=a\\ b,kind=Kind,workload=c\\,d\\=e\\\\f,")
