"""The table and the JSON of a replay."""

from scaler.replay.course import Sized
from scaler.replay.figures import Figures
from scaler.replay.report import Replayed, as_json, summed, table
from scaler.replay.trace import Trace
from store.model import Resources, Size
from store.reasons import Reason

SIZES = [
    Sized(0, Size(Resources(100), Resources(200))),
    Sized(2, Size(Resources(300), Resources(600)), Reason.TRACKED),
]


def one(name: str, policy: str, restarts: int = 1) -> Replayed:
    figures = Figures(restarts, 1234.5, 10.0, 0, 0.0, 150.0)
    return Replayed(Trace(name, 60.0, (1.0, 2.0, 3.0)), policy, SIZES, figures)


def test_policies_stand_side_by_side_with_their_sums() -> None:
    lines = table([one("a", "x"), one("a", "y"), one("b", "x", 2), one("b", "y")]).splitlines()
    assert lines[0].split()[:3] == ["trace", "policy", "restarts"]
    assert lines[2].split() == ["a", "x", "1", "1,234", "10", "0", "150m"]
    assert lines[-2].split() == ["sum", "x", "3", "2,469", "20", "0", "150m"]
    assert len({len(line) for line in lines if line.endswith("m")}) == 1


def test_one_trace_has_no_sum() -> None:
    assert "sum" not in table([one("a", "x"), one("a", "y")])
    assert summed([one("a", "x")]).restarts == 1


def test_json_says_since_when_each_size_is_in_force() -> None:
    [got] = as_json([one("a", "x")])
    assert (got["trace"], got["policy"], got["minutes"], got["restarts"]) == ("a", "x", 3, 1)
    assert got["sizes"] == [
        {
            "at": 60.0,
            "minute": 0,
            "reason": None,
            "requests": {"cpu": "100m"},
            "limits": {"cpu": "200m"},
        },
        {
            "at": 180.0,
            "minute": 2,
            "reason": "Tracked",
            "requests": {"cpu": "300m"},
            "limits": {"cpu": "600m"},
        },
    ]
