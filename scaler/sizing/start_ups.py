"""The starts of a workload's containers, followed cycle by cycle: policies/start_up.py. Pure.

| a container of a pod that is not terminating            | its start                           |
| ------------------------------------------------------- | ----------------------------------- |
| runs, and there is more to see of it                    | is followed by its minutes          |
| was started again, does not run, or its pod is no       | is over                             |
| longer the workload's: gone, held, or terminating       |                                     |
| has neither a request nor a limit, or no policy decides | is not followed                     |
| on its CPU                                              |                                     |

What is learnt is in the PodSize's status, and that is what counts: a new process goes on with it.
The starts that are being followed are in memory alone, so a restart may see one less.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from kube import pods
from kube.memo import computed_once
from scaler.annotations.options import Settings
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.policies import start_up
from scaler.policies.start_up import Learnt, Run
from scaler.sizing import governing
from scaler.sizing.evidence import MinuteOf
from store import amounts
from store.records import StartUp

Key = tuple[str, str]
"""A pod's UID, and a container."""


class Starts(Struct, frozen=True, dict=True):
    """What this process knows of a workload's starts. `view`: as of which they are complete."""

    runs: Mapping[Key, Run] = field(default_factory=dict)
    learnt: Mapping[str, Learnt] = field(default_factory=dict)
    view: View | None = None

    @computed_once
    def records(self) -> tuple[StartUp, ...]:
        """What the status should say."""
        made = (start_up.record(name, learnt) for name, learnt in sorted(self.learnt.items()))
        return tuple(one for one in made if one is not None)

    @computed_once
    def settled(self) -> bool:
        """Whether there is no more to see of any of them."""
        return not any(run.open for run in self.runs.values())


def begun(view: View) -> Starts:
    """What a new process knows of them."""
    stored = view.status.start_ups
    return Starts(learnt={one.name: start_up.recalled(one) for one in stored})


def seen(before: Starts, view: View, minute_of: MinuteOf) -> Starts:
    """After one more cycle."""
    settings = view.settings
    if view is before.view and before.settled:
        return before
    if not isinstance(settings, Settings):
        return before
    learnt, runs = dict(before.learnt), dict[Key, Run]()
    left = dict(before.runs)
    for key, state, run in _running(view, settings):
        known = left.pop(key, None)
        if known is not None and known.started != run.started:
            _add(learnt, key[1], known, over=True)
            known = None
        run = known or run
        if run.open:
            run = start_up.followed(run, minute_of(state.pod, key[1]))
            _add(learnt, key[1], run, over=False)
        runs[key] = run
    for (_, name), run in left.items():
        _add(learnt, name, run, over=True)
    return Starts(runs, learnt, view)


def _add(learnt: dict[str, Learnt], name: str, run: Run, *, over: bool) -> None:
    found = start_up.after(learnt.get(name), run, over=over)
    if found is not None:
        learnt[name] = found
    else:
        learnt.pop(name, None)


def _running(view: View, settings: Settings) -> Iterator[tuple[Key, PodState, Run]]:
    """The running containers on whose CPU a policy decides, each as if it were seen first."""
    for state in view.not_terminating:
        for name, size in state.actual.items():
            base, began = amounts.base_of(size, "cpu"), pods.started(state.pod, name)
            if base is None or began is None:
                continue
            if governing.governs(view, settings, name, "cpu"):
                yield (state.uid, name), state, Run(began, float(base.value))
