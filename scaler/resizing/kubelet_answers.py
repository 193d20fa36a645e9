"""What follows from a kubelet's answer to a resize: checks of pod_step.py. Pure."""

from msgspec.structs import replace

from scaler.cluster.resizes import Answer, Resize
from scaler.resizing.resize_case import ResizeCase, Step, Way
from store.reasons import Reason


def infeasible(case: ResizeCase) -> Step | None:
    """Its kubelet says that it can never be: replace it, `ResizeInfeasible`."""
    return _replaced(case, Answer.INFEASIBLE, Reason.RESIZE_INFEASIBLE, at_once=True)


def failing(case: ResizeCase) -> Step | None:
    """Its kubelet fails to carry it out: wait, and replace it after the deadline,
    `ResizeInfeasible`. Where it lowers a memory limit (below what is used), the size is rolled
    back instead."""
    return _kept(case, _replaced(case, Answer.ERROR, Reason.RESIZE_INFEASIBLE))


def deferred(case: ResizeCase) -> Step | None:
    """Its node has no room now: wait, and replace it after the deadline, `ResizeDeferred`."""
    return _replaced(case, Answer.DEFERRED, Reason.RESIZE_DEFERRED)


def in_progress(case: ResizeCase) -> Step | None:
    """Its kubelet is carrying it out: wait, and replace it after the deadline, `ResizeDeferred`; or
    roll the size back, where it lowers a memory limit."""
    return _kept(case, _replaced(case, Answer.IN_PROGRESS, Reason.RESIZE_DEFERRED))


def unanswered(case: ResizeCase) -> Step | None:
    """Its kubelet has not answered: wait, and replace it after the deadline, `ResizeDeferred`; not
    where its node is not Ready, which is no matter of the size."""
    if _answered(case, Answer.SILENT) is None:
        return None
    if case.terms.silent(case.state.pod):
        node = case.state.pod.spec.node_name
        return Step(Way.BLOCKED, f"{case.name}: node {node} is not Ready", Reason.NOT_READY)
    return _replaced(case, Answer.SILENT, Reason.RESIZE_DEFERRED)


def _answered(case: ResizeCase, answer: Answer) -> Resize | None:
    last = case.last if case.asked_for else None
    return last if last is not None and last.answer is answer else None


def _replaced(
    case: ResizeCase, answer: Answer, reason: Reason, *, at_once: bool = False
) -> Step | None:
    last = _answered(case, answer)
    if last is None:
        return None
    said = f"{case.name} is not resized on node {case.state.pod.spec.node_name}"
    said += f": {last.message or answer.value}"  # the kubelet's own words
    if at_once or case.late:
        return Step(Way.REPLACE, said, reason)
    refuses = answer in (Answer.DEFERRED, Answer.ERROR)
    return Step(Way.WAIT, said, reason if refuses else None)


def _kept(case: ResizeCase, step: Step | None) -> Step | None:
    """A pod whose memory cannot be lowered stays: a replacement with less might not live."""
    if step is None or step.way is Way.WAIT or not case.lowered():
        return step
    return replace(step, way=Way.ROLL_BACK)
