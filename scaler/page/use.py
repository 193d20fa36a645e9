"""What the containers of a workload use against what they asked for. Pure.

| shown                    | is                                                                   |
| ------------------------ | -------------------------------------------------------------------- |
| use of a resource        | of the container, in whichever pod, that is nearest to its limit (to |
|                          | its request, where it has no limit): the one that decides            |
| waste                    | what all its pods have asked for and do not use                      |
| nothing                  | no pod has a minute of usage                                         |
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from kube import objects
from scaler.cluster.view import View
from scaler.sizing.evidence import MinuteOf
from scaler.usage.window import Minute
from store import amounts
from store.model import Size


class Use(Struct, frozen=True):
    """One container of one pod: its newest whole minute, and the size that it has."""

    pod: objects.Pod
    container: str
    size: Size
    minute: Minute

    def used(self, resource: str) -> int:
        """Millicores, mean of the minute; bytes of the working set."""
        return round(self.minute.mean) if resource == "cpu" else self.minute.memory

    def share(self, resource: str) -> float:
        """Used / limit (request, where there is no limit); -1 where neither is set."""
        base = amounts.base_of(self.size, resource)
        return self.used(resource) / base.value if base and base.value else -1.0


def uses(view: View, minute_of: MinuteOf) -> list[Use]:
    """Of each container of each pod that is not terminating, as far as usage is known."""
    try:
        states = view.not_terminating
    except ValueError:  # a quantity that cannot be read, which the status says
        return []
    found = (
        (state.pod, name, size, minute_of(state.pod, name))
        for state in states
        for name, size in state.actual.items()
    )
    return [Use(pod, name, size, m) for pod, name, size, m in found if isinstance(m, Minute)]


def fullest(found: Iterable[Use], resource: str) -> Use | None:
    """The one that is nearest to its limit."""
    return max(found, key=lambda u: (u.share(resource), u.used(resource)), default=None)


def waste(found: Sequence[Use], resource: str) -> int | None:
    """Requested and not used, over all pods; None where no usage is known or nothing requested."""
    asked = [(u, request) for u in found if (request := u.size.pair(resource)[0])]
    if not asked:
        return None
    return sum(max(0, request - u.used(resource)) for u, request in asked)
