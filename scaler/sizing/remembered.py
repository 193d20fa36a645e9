"""The long windows of a workload's containers, one more minute each. Pure.

| the container's pods, those that are not terminating  | its window                           |
| ----------------------------------------------------- | ------------------------------------ |
| all have a minute, but for those that just started    | has the one that used most; memory:  |
|                                                       | the largest of all                   |
| all that have one are in their start-up               | has their memory, and no CPU         |
| one has none, though it is not young                  | stays: the unknown may be the most   |
| none has one, or there are none (the only one is held | stays                                |
| while it is replaced; nobody wants any)               |                                      |
| an annotation is malformed, so that nothing is decided| stays                                |
| its policy asks for no window                         | has none                             |

A restart takes them up from the history (scaler/recording.py). Without it they begin again, and
nothing gets smaller before they know enough: `Horizon.learning`.
"""

from collections.abc import Mapping

from scaler.annotations.options import Settings
from scaler.cluster import class_view, modes
from scaler.cluster.view import View
from scaler.policies import table
from scaler.sizing import evidence, governing, relabelled
from scaler.sizing.evidence import Watched
from scaler.usage import long_window
from scaler.usage.long_window import LongWindow, Used
from scaler.usage.window import Minute

LongWindows = Mapping[str, LongWindow]
"""By the name of the container."""


def fed(before: LongWindows, view: View, watched: Watched) -> LongWindows:
    """The windows after one more cycle; of each kind of node its own, where sizes are by that."""
    if view.nodes is None:
        return _fed(before, view, watched)
    listed = {c.name for c in view.size.classes} if view.size else set()
    out = {k: w for k, w in before.items() if class_view.unkeyed(k)[1] in (None, *listed)}
    its = relabelled.settled(watched, view.nodes)
    for name in class_view.classes(view):
        if class_view.has_pods(view, name):
            old = class_view.kept(before, name)
            new = _fed(old, class_view.of(view, name), its)
            out.update({class_view.keyed(c, name): window for c, window in new.items()})
    return out


def _fed(before: LongWindows, view: View, watched: Watched) -> LongWindows:
    settings = view.settings
    if not isinstance(settings, Settings):
        return before
    if not _any(settings):
        return {}
    out: dict[str, LongWindow] = {}
    there = {n: None for s in view.not_terminating for n in s.actual}
    for name in {**there, **dict.fromkeys(_kept(before, view))}:
        if not governing.policy_of(settings, name).remembers:
            continue
        if not modes.decided_on(view, settings, name):
            continue
        window = before.get(name)
        if long_window.due(window, watched.now):
            window = _grown(window, name, view, watched)
        if window is not None:
            out[name] = window
    return out


def _kept(before: LongWindows, view: View) -> list[str]:
    """The containers of the template of which something is known, whether a pod is there or not."""
    named = [*view.template.containers, *(view.template.init_containers or ())]
    return [c.name for c in named if c.name in before]


def _any(settings: Settings) -> bool:
    every = (settings.default, *settings.containers.values())
    return any(table.POLICIES[one.policy].remembers for one in every)


def _grown(window: LongWindow | None, name: str, view: View, watched: Watched) -> LongWindow | None:
    there = [s for s in view.not_terminating if name in s.actual]
    raw = [evidence.pod_minute(s.pod, name, watched) for s in there]
    if view.status.start_ups:
        left = (evidence.left_out(view, s, name) for s in there)
        pods = [
            evidence.pod_minute(s.pod, name, watched, w) for s, w in zip(there, left, strict=True)
        ]
    else:
        pods = raw
    held = [p.minute for p in raw if isinstance(p.minute, Minute)]
    known = [p.minute for p in pods if isinstance(p.minute, Minute)]
    if not held or any(not p.young for p in pods if not isinstance(p.minute, Minute)):
        return window
    needs = [m.needed_peak for m in held if m.needed_peak is not None]
    memory, needed = max(m.memory for m in held), max(needs, default=None)
    if not known:
        return window and long_window.held(window, memory, needed)
    used = Used(max(m.mean for m in known), memory, needed)
    return long_window.added(window, used, watched.now, watched.horizon.window)
