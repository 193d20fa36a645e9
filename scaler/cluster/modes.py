"""What a container's mode allows. Pure.

| container's mode | policy decides | stored size is changed    | running pods are replaced |
| ---------------- | -------------- | ------------------------- | ------------------------- |
| `auto`           | yes            | yes                       | yes                       |
| `initial`        | yes            | yes                       | no: only new pods get it  |
| `observe`        | yes            | no: only `status.wish`    | no                        |
| `off`            | no             | the container leaves it   | no                        |

The policy covers the containers of the template, native sidecars (init containers that restart
always) among them. It covers other init containers and injected containers only if an annotation
names them. Which resources it decides on: sizing/governing.py.
"""

from kube import objects
from kube.memo import once
from kube.pods import counted
from scaler.annotations.options import Mode, Settings
from scaler.cluster.view import View

_ACTING = (Mode.AUTO, Mode.INITIAL)


def decided_on(view: View, settings: Settings, container: str) -> bool:
    """Whether the policy covers the container."""
    options = settings.container(container)
    return options.mode is not Mode.OFF and (options.named or container in of_template(view))


def acts(settings: Settings, container: str) -> bool:
    """Whether decisions on the container may change the stored size."""
    return settings.container(container).mode in _ACTING


def only_observes(view: View, settings: Settings) -> bool:
    """Whether the workload is only observed: nothing of it may change."""
    names = [*of_template(view), *settings.containers]
    modes = {settings.container(n).mode for n in names} | {settings.mode}
    return Mode.OBSERVE in modes and modes.isdisjoint(_ACTING)


def passive(view: View, settings: Settings) -> list[str]:
    """Containers for whose size running pods are never replaced."""
    names = dict.fromkeys(name for s in view.states for name in s.actual)
    return [n for n in names if settings.container(n).mode is not Mode.AUTO]


@once
def of_template(view: View) -> frozenset[str]:
    """The containers of the template that a policy covers, by name."""
    return frozenset(counted(objects.Pod(objects.Meta(), view.template)))
