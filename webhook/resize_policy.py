"""Which containers of a new pod a resize in place is to restart: `resizePolicy`, where asked for.

Kubernetes takes the field at a pod's creation only. What it says of the manifest's own is never
changed, and nothing is set that would have the pod refused.

| container                                                | gets                              |
| -------------------------------------------------------- | --------------------------------- |
| named in `status.restartOnResize`                        | `RestartContainer` for each of    |
|                                                          | the resources there               |
| the same, and it has a policy for that resource already  | what it came with                 |
| the same, in a pod that is not restarted always, or of a | nothing: the API server would     |
| restart policy of its own that is not `Always`           | refuse the pod                    |
| an init container that is no native sidecar              | nothing, for the same reason      |
| any other                                                | nothing                           |
"""

from collections.abc import Iterator, Sequence

from store.amounts import RESOURCES
from store.records import RestartOnResize
from webhook.review import Container, Operation, Pod

_ALWAYS = "Always"
_RESTART = "RestartContainer"


def operations(pod: Pod, asked: Sequence[RestartOnResize]) -> Iterator[Operation]:
    """The operations that add what is asked for and is not there."""
    if not asked or pod.spec.restart_policy not in (None, _ALWAYS):
        return
    resources = {one.name: one.resources for one in asked}
    for path, container in _restartable(pod):
        held = container.resize_policy
        known = {p.resource_name for p in held or ()}
        new = [
            {"resourceName": r, "restartPolicy": _RESTART}
            for r in RESOURCES
            if r in resources.get(container.name, ()) and r not in known
        ]
        if new and held is None:
            yield Operation("add", path, new)
            continue
        for policy in new:
            yield Operation("add", f"{path}/-", policy)


def _restartable(pod: Pod) -> Iterator[tuple[str, Container]]:
    for part, containers, policies in (
        ("containers", pod.spec.containers, (None, _ALWAYS)),
        ("initContainers", pod.spec.init_containers, (_ALWAYS,)),
    ):
        for i, container in enumerate(containers or ()):
            if container.restart_policy in policies:
                yield f"/spec/{part}/{i}/resizePolicy", container
