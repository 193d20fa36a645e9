"""Who decides on a resource of a container, and how far we may go with it. Pure.

| container's mode | the policy decides | the store is changed | running pods are taken |
| ---------------- | ------------------ | -------------------- | ---------------------- |
| `auto`           | yes                | yes                  | yes                    |
| `initial`        | yes                | yes                  | no: only new pods      |
| `observe`        | yes                | no: only the wish    | no                     |
| `off`            | no                 | it leaves the size   | no                     |

The policy looks at the containers of the template; at init containers and at those that others
inject only where an annotation names them. Which resources it decides on: sizing/governing.py.
"""

from scaler.annotations.options import Mode, Settings
from scaler.cluster.view import View

_ACTING = (Mode.AUTO, Mode.INITIAL)


def decided_on(view: View, settings: Settings, container: str) -> bool:
    """Whether a policy decides on the container at all."""
    options = settings.container(container)
    return options.mode is not Mode.OFF and (options.named or container in _of_template(view))


def acts(settings: Settings, container: str) -> bool:
    """Whether what is decided on the container may change the store."""
    return settings.container(container).mode in _ACTING


def only_observes(view: View, settings: Settings) -> bool:
    """Whether nothing of the workload may change."""
    names = [c.name for c in view.template.containers] + list(settings.containers)
    modes = {settings.container(n).mode for n in names} | {settings.mode}
    return Mode.OBSERVE in modes and modes.isdisjoint(_ACTING)


def passive(view: View, settings: Settings) -> list[str]:
    """Containers whose running pods are never brought to their size."""
    names = dict.fromkeys(name for s in view.states for name in s.actual)
    return [n for n in names if settings.container(n).mode is not Mode.AUTO]


def _of_template(view: View) -> frozenset[str]:
    return frozenset(c.name for c in view.template.containers)
