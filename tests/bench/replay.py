"""Every policy and VPA's own estimator and updater rules on the same traces and the same clock.

Throttled: core-seconds that were wanted and not given. Wasted: core-seconds that were requested and
not used. All figures come from the sizes, by the same code for everybody. No cluster is needed.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from scaler.annotations.options import ContainerPolicy
from scaler.policies import table
from scaler.replay import course, picture
from scaler.replay.course import Question, Sized
from scaler.replay.figures import figures
from scaler.replay.report import Replayed, summed
from scaler.replay.trace import Trace, parse
from store.model import Resources, Size
from tests.bench import generated, vpa
from tests.bench.results import Figure, Measured

TRACES = Path(__file__).parent / "traces"
DOCS = Path(__file__).parents[2] / "docs"
VPA, TRACK = "vpa 1.8.1", "track"
MI = 1024**2
SIZE = Size(Resources(100, 64 * MI), Resources(200, 128 * MI))
SPEED = 1e6
"""Container-minutes in a minute of CPU time, at least."""


def measure() -> Measured:
    """All of it: about two minutes, once VPA's program is built."""
    vpa.built()
    pictures(DOCS)
    real, made = every(recorded()), every([*generated.traces()])
    out = [*_against(real, "real traces"), *_against(made, "generated")]
    out += _quick()
    speed, minutes = _speed()
    out.append(Figure("replay of track: CPU time for a million minutes", speed, "s", 60.0))
    samples = {
        "real": {name: _rows(found) for name, found in real.items()},
        "generated": {name: _rows(found) for name, found in made.items()},
    }
    how = {
        "start": "request 100m, limit 200m, 64Mi, 128Mi; a minute a step; restarts cost nothing",
        "vpa": f"its module {vpa.PART.version}: recommender model, estimator, updater's rules",
        "minutes": minutes,
    }
    return Measured(out, how, samples)


def recorded() -> list[Trace]:
    """The measured series."""
    return [t for p in sorted(TRACES.glob("*.csv")) for t in parse(p.stem, p.read_text())]


def every(traces: Sequence[Trace]) -> Mapping[str, list[Replayed]]:
    """All traces under each policy and under VPA, by its name."""
    out = {name: [_replayed(t, name, _ours(t, name)) for t in traces] for name in table.POLICIES}
    theirs = vpa.replay(traces, SIZE)
    out[VPA] = [_replayed(t, VPA, theirs[t.name]) for t in traces]
    return out


def _ours(trace: Trace, policy: str, size: Size = SIZE) -> list[Sized]:
    return course.replay(trace, Question(size, ContainerPolicy(policy)))


def _replayed(trace: Trace, name: str, sizes: list[Sized]) -> Replayed:
    return Replayed(trace, name, sizes, figures(trace, sizes))


def _against(found: Mapping[str, list[Replayed]], which: str) -> list[Figure]:
    """The sums of each, those of `track` against what VPA's allow."""
    of_vpa = summed(found[VPA])
    allowed = {
        "throttled": 0.5 * of_vpa.throttled,
        "wasted": of_vpa.wasted,
        "restarts": 2.0 * of_vpa.restarts,
        "OOM kills": float(of_vpa.ooms),
    }
    out = []
    for name, every_one in found.items():
        sums = summed(every_one)
        values = {
            "throttled": (sums.throttled, "core-s"),
            "wasted": (sums.wasted, "core-s"),
            "restarts": (float(sums.restarts), ""),
            "OOM kills": (float(sums.ooms), ""),
        }
        for what, (value, unit) in values.items():
            most = round(allowed[what]) if name == TRACK else None
            out.append(Figure(f"{which}, {name}: {what}", round(value), unit, most))
    return out


def _quick() -> list[Figure]:
    """How soon a step up is answered."""
    at = 8 * generated.DAY
    step = _ours(generated.step(100, 1000), TRACK)
    first = next(s.minute for s in step if s.minute > at) - at
    tenfold = Size(Resources(100), Resources(100))
    sizes = _ours(generated.step(50, 1000), TRACK, tenfold)
    climb = [s for s in sizes if s.minute > at]
    done = next(s for s in climb if (s.size.limits.cpu or 0) >= 1000)
    changes = float(climb.index(done) + 1)
    return [
        Figure("step 100m to 1000m after 8 days: first new size", float(first), "min", 2.0),
        Figure("need of 10 times the limit: changes", changes, "", 4.0),
        Figure("need of 10 times the limit: until it fits", float(done.minute - at), "min", 10.0),
    ]


def _speed() -> tuple[float, int]:
    traces = recorded()
    began, minutes = time.process_time(), sum(len(t.cpu) for t in traces)
    for trace in traces:
        _ours(trace, TRACK)
    return round((time.process_time() - began) * 1e6 / minutes, 1), minutes


def _rows(found: Sequence[Replayed]) -> list[dict[str, object]]:
    return [{"trace": one.trace.name, **one.figures.as_json()} for one in found]


def pictures(folder: Path) -> None:
    """One for each policy, of the trace with a quiet day and a step up near its end."""
    trace = next(t for t in recorded() if t.name.endswith("ac20cd"))
    for name in table.POLICIES:
        one = _replayed(trace, name, _ours(trace, name))
        (folder / f"policy-{name}.svg").write_text(picture.drawn([one]))
