"""In which order is it asked what may stand in the way? What said no last is asked first.

Whoever refuses is asked again and again, and each question that writes, or would, goes through all
of the cluster's admission. So a workload that is refused costs one call for each attempt. Nothing
is left out: once that one says yes, all others are asked as ever, in their order.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from kube.errors import KubeError
from scaler.model import Outcome
from store.model import Workload
from store.reasons import Reason

Ask = Callable[[], Outcome | None]
"""None: yes. Raises KubeError."""
Question = tuple[str, Ask]

TEMPLATE, WEBHOOK, RIGHTS, STATUS = "template", "webhook", "rights", "status"
"""Names of questions that more than one action asks."""


@dataclass
class Questions:
    """Remembers for each workload which question said no, or failed, last."""

    _doubted: dict[Workload, str] = field(default_factory=dict)

    def no(
        self, workload: Workload, asked: Sequence[Question], last: Sequence[Question] = ()
    ) -> Outcome | None:
        """The first no; None: all said yes. `last`: asked at the end in any case. Raises KubeError.

        What fails counts as a no, and is raised.
        """
        doubted = self._doubted.get(workload)
        first = [q for q in (*asked, *last) if q[0] == doubted]
        rest = [q for q in asked if q[0] != doubted]
        for name, ask in (*first, *rest, *last):
            self._doubted[workload] = name
            if found := ask():
                return found
        self._doubted.pop(workload, None)
        return None

    def doubted(self, workload: Workload) -> str | None:
        """Which said no last; None: none did."""
        return self._doubted.get(workload)

    def again(self, workload: Workload, name: str, ask: Ask) -> Sequence[Question]:
        """A question that is only asked where that itself failed last."""
        return ((name, ask),) if self._doubted.get(workload) == name else ()

    def failed(self, workload: Workload, name: str) -> None:
        """What was done then was refused: it is asked first, next time."""
        self._doubted[workload] = name

    @contextmanager
    def doing(self, workload: Workload, name: str) -> Iterator[None]:
        """Do it; where that fails it is asked first, next time."""
        try:
            yield
        except KubeError:
            self.failed(workload, name)
            raise


def said(message: str | None, reason: Reason | None, *, read: bool = False) -> Outcome | None:
    """A no in these words; None: there are none. `read`: it was found by reading alone."""
    if not message:
        return None
    return Outcome(done=False, reason=reason, message=message, read=read)
