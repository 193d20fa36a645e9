"""Which of a workload's new containers a resize in place is to restart: for the webhook. Pure.

The webhook sees a pod and its PodSize, never the workload's annotations: so they are stored.

| the container                                           | stored                         |
| ------------------------------------------------------- | ------------------------------ |
| `podtailor.io/restart-on-resize` names resources, mode  | those                          |
| `auto` or `initial`                                     |                                |
| mode `observe` or `off`                                 | nothing                        |
| not in the template, and no annotation names it         | nothing: it is another's       |
| in a dry run                                            | what was stored before         |
"""

from scaler.cluster import modes
from scaler.planning.apply_case import ApplyCase
from store.records import RestartOnResize

MOST = 64
"""Containers that are stored, as many as the CRD lets a size have."""


def asked(case: ApplyCase) -> tuple[RestartOnResize, ...]:
    """By the container's name, in its order."""
    if case.context.limits.dry_run:
        return case.podsize.status.restart_on_resize
    view, settings = case.view, case.settings
    every = (settings.default, *settings.containers.values())
    if not any(one.restarts for one in every):
        return ()
    names = sorted({*modes.of_template(view), *settings.containers})
    found = (
        RestartOnResize(name, tuple(sorted(settings.container(name).restarts)))
        for name in names
        if settings.container(name).restarts and modes.acts(settings, name)
    )
    return tuple(found)[:MOST]
