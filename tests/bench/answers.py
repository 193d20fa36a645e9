"""From the times of answers behind a load that doubles to figures and a picture. Pure."""

import math
from collections.abc import Sequence

from tests.bench.picture import Curves
from tests.bench.results import Figure, Measured, rounded
from tests.load.paced import TIMEOUT, Taken

SECONDS = 30.0
"""Of each step."""
MOST = 1 / 3
_EVERY = 5
"""Seconds of which a point of the picture is the mean."""


def measured(
    rates: Sequence[float], taken: dict[str, list[Taken]], seen: dict[str, object]
) -> Measured:
    """The figures. The first step is within the limit, so it has none to reach."""
    of = {name: [slowest(step) for step in steps] for name, steps in taken.items()}
    lost = {name: sum(step.count(None) for step in steps) for name, steps in taken.items()}
    figures = []
    for number, rate in enumerate(rates):
        ours, beside = of["with"][number], of["without"][number]
        most = round(MOST * beside, 3) if number else None
        figures += [
            Figure(f"{rate:.0f} requests a second: p99 with the agent", round(ours, 3), "s", most),
            Figure(f"{rate:.0f} requests a second: p99 without", round(beside, 3), "s"),
        ]
    pairs = list(zip(of["with"], of["without"], strict=True))[1:]
    worst = max(ours / beside for ours, beside in pairs)
    figures += [
        Figure("with the agent over without, the worst step", round(worst, 3), "", round(MOST, 3)),
        Figure("not answered within 5 s, with the agent", lost["with"], ""),
        Figure("not answered within 5 s, without", lost["without"], ""),
    ]
    how = {
        "workload": "two Deployments of 1, 50m/100m, nginx; at the same time",
        "load": f"evenly spaced, twice as many every {SECONDS:.0f} s, due whatever was answered",
        "statistic": "p99 of all requests due in a step, from then on; unanswered: 5 s",
        "settings": "the chart's: five samples, three bursts in ten minutes",
    }
    samples = {
        **seen,
        "p99": {name: rounded(values) for name, values in of.items()},
        "answers per second": {name: curve(rates, steps) for name, steps in taken.items()},
    }
    return Measured(figures, how, samples)


def drawn(rates: Sequence[float], taken: dict[str, list[Taken]]) -> Curves:
    """The picture."""
    title = f"Load that doubles every {SECONDS:.0f} s, from {rates[0]:.0f} requests a second"
    names = {"with": "with the node agent", "without": "without"}
    curves = {names[server]: curve(rates, steps) for server, steps in taken.items()}
    return Curves(title, "seconds; answers per second", 0, curves, _EVERY)


def curve(rates: Sequence[float], steps: Sequence[Taken]) -> list[float]:
    """Answers per second, as means of _EVERY seconds, by when they came."""
    counted = [0] * round(len(steps) * SECONDS / _EVERY)
    for number, (rate, taken) in enumerate(zip(rates, steps, strict=True)):
        for n, seconds in enumerate(taken):
            at = number * SECONDS + n / rate + (seconds or 0.0)
            if seconds is not None and at < len(counted) * _EVERY:
                counted[int(at / _EVERY)] += 1
    return [count / _EVERY for count in counted]


def slowest(taken: Taken) -> float:
    """The time within which 99 % were answered, in seconds."""
    times = sorted(TIMEOUT if one is None else one for one in taken)
    return times[math.ceil(0.99 * len(times)) - 1]
