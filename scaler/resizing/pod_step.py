"""Is a pod resized in place, and what follows from its kubelet's answer? Pure.

The first of CHECKS that answers decides; docs/checks.md has them as a table. Nothing is remembered:
what was asked for, when, and what came of it follow from the pod (cluster/resizes.py).

A pod that is to be replaced is not replaced here: whether that may be, and how, is decided by the
same checks as without `strategy: resize` (replacement/next_pod.py).
"""

from scaler.checks import Checks
from scaler.cluster import oom_kills
from scaler.health import crash_loops
from scaler.resizing import burst_guard
from scaler.resizing.kubelet_answers import deferred, failing, in_progress, infeasible, unanswered
from scaler.resizing.resize_case import ResizeCase, Step, Way, removes
from store import amounts
from store.qos import qos_class
from store.reasons import Reason

MARGIN = 1.1
"""How much more than the last minute's peak a memory limit must be that is lowered in place."""


def step(case: ResizeCase) -> Step:
    """What is to be done about the pod."""
    found = _stays(case, CHECKS.first(case))
    if found.way in (Way.REPLACE, Way.BLOCKED) and _another_is_asked_for(case):
        return Step(Way.WITHDRAW, f"{case.name} keeps what it has: {found.why}")
    return burst_guard.guarded(found) if case.terms.burst and loops(case) is None else found


def _another_is_asked_for(case: ResizeCase) -> bool:
    """Whether its kubelet still has a size of ours that is not the stored one: what it could not
    do yet it would do some time. Not where a resize is refused, would restart the back-off, or
    would have to remove something."""
    unasked = case.pending and not case.asked_for
    if removes(case.state.asked, case.state.actual):
        return False
    return unasked and case.terms.refused(case.state) is None and loops(case) is None


def _stays(case: ResizeCase, found: Step) -> Step:
    """A pod stays that has a size for its kind of node to get: a new one in its place might be made
    for another, and would have to be resized as well."""
    if found.way is not Way.REPLACE or not case.state.only_resized:
        return found
    # One that does not run yet is asked for it as soon as it does.
    running = not_running(case) is None
    reason = found.reason or (Reason.RESIZE_INFEASIBLE if running else None)
    return Step(Way.BLOCKED, f"{found.why}; it stays, as no new pod knows its node", reason)


def not_asked_for(case: ResizeCase) -> Step | None:
    """It has the stored size, or is not to get it, but another one was asked for and its kubelet
    has not carried that out: ask for what it has. Leave it, `ResizeInfeasible`, where a resize
    cannot take that back, as a request or limit would be removed."""
    if case.due or not case.pending or case.asked_for:
        return None
    if message := removes(case.state.asked, case.state.actual):
        why = f"what was asked of {case.name}'s kubelet cannot be taken back: {message}"
        return Step(Way.BLOCKED, why, Reason.RESIZE_INFEASIBLE)
    return Step(Way.WITHDRAW, f"{case.name} keeps what it has")


def has_it(case: ResizeCase) -> Step | None:
    """It has the stored size, or is not to get it."""
    return None if case.due else Step(Way.LEAVE)


def loops(case: ResizeCase) -> Step | None:
    """It crash-loops, or is down for want of memory: replace it, as a resize would start the
    kubelet's back-off again."""
    if case.state.only_resized:
        return None  # a new pod would not have this size either
    looping = crash_loops.looping(case.state.pod, case.terms.now)
    if looping is None and oom_kills.down(case.state):
        looping = "is down for want of memory"
    return Step(Way.REPLACE, f"{case.name} {looping}") if looping else None


def refused(case: ResizeCase) -> Step | None:
    """It may not be resized: by a setting, or the API server has refused it a moment ago: replace
    it, with the refusal's reason."""
    found = case.terms.refused(case.state)
    return Step(Way.REPLACE, found.message, found.reason) if found else None


def resized_by_others(case: ResizeCase) -> Step | None:
    """Somebody else has resized it since the size was stored: leave it, `Rewritten`, until another
    size is stored."""
    last = case.last
    if last is None or last.ours or last.at <= case.terms.written:
        return None
    why = f"somebody else has resized {case.name} since the size was stored"
    return Step(Way.BLOCKED, why, Reason.REWRITTEN)


def not_running(case: ResizeCase) -> Step | None:
    """It does not run yet: it is left to the checks for pods that are not Ready."""
    statuses = case.state.pod.status.container_statuses or ()
    running = any(s.state.running for s in statuses)
    return None if running else Step(Way.REPLACE, f"{case.name} does not run")


def another_class(case: ResizeCase) -> Step | None:
    """A resize cannot remove a request or limit, nor change the QoS class: replace it."""
    before, after = case.state.actual, case.state.target
    # What was asked for stays in the pod's spec, done or not.
    if message := removes(before, after) or removes(case.state.asked, after):
        return Step(Way.REPLACE, f"no resize in place: {message}")
    was, would = (qos_class(s.values()) for s in (before, after))
    if was == would:
        return None
    return Step(Way.REPLACE, f"no resize in place: {case.name} is {was}, and would be {would}")


def restarts(case: ResizeCase) -> Step | None:
    """Its `resizePolicy` restarts the container for such a change: replace it, which is gentler."""
    for c in (*case.state.pod.spec.containers, *(case.state.pod.spec.init_containers or ())):
        for policy in c.resize_policy or ():
            again = policy.restart_policy == "RestartContainer"
            if again and policy.resource_name in case.changed(c.name):
                why = f"no resize in place: {c.name}'s resizePolicy restarts it"
                return Step(Way.REPLACE, f"{why} for {policy.resource_name}")
    return None


def below_use(case: ResizeCase) -> Step | None:
    """Its memory limit would be less than the last minute's peak and a tenth: leave it,
    `ResizeInfeasible`."""
    for name, limit in case.lowered():
        need = case.terms.need(case.state.pod, name)
        if need is None or limit >= MARGIN * need:
            continue
        text = amounts.RESOURCES["memory"].text
        why = f"{name} of {case.name} used up to {text(need)} in a minute"
        why += f": its memory limit is not lowered to {text(limit)}"
        return Step(Way.BLOCKED, why, Reason.RESIZE_INFEASIBLE)
    return None


def resize(case: ResizeCase) -> Step:
    """No check objects: resize it in place."""
    return Step(Way.RESIZE, f"resizing {case.name} in place")


CHECKS = Checks(
    "Is a pod resized in place",
    (
        not_asked_for,
        has_it,
        loops,
        infeasible,
        failing,
        deferred,
        in_progress,
        unanswered,
        refused,
        resized_by_others,
        not_running,
        another_class,
        restarts,
        below_use,
    ),
    resize,
)
