"""What any new pod of a workload needs to be let in at all, whatever its size.

The API server refuses each pod that names one of these objects once that is gone; the pods that
run do not notice. So they are asked for before a pod goes. Without the right to read one nothing
is known of it, and the log says so.

| named by the pod            | and gone: no pod like it is let in                   |
| --------------------------- | ---------------------------------------------------- |
| its ServiceAccount          | "error looking up service account"                   |
| its PriorityClass           | "no PriorityClass with name … was found"             |
| its RuntimeClass            | "pod rejected: RuntimeClass … not found"             |

What its kubelet needs (ConfigMaps, Secrets, images, volumes) shows only at the new pod.
"""

import logging

from kube import kinds, objects
from kube.errors import Forbidden, NotFound
from kube.gateway import Gateway

logger = logging.getLogger(__name__)


def missing(gateway: Gateway, pod: objects.Pod) -> str | None:
    """Which of them is gone; None: none is, as far as that may be read. Raises KubeError."""
    meta, spec = pod.metadata, pod.spec
    for kind, namespace, name in (
        (kinds.SERVICE_ACCOUNT, meta.namespace, spec.service_account_name),
        (kinds.PRIORITY_CLASS, "", spec.priority_class_name),
        (kinds.RUNTIME_CLASS, "", spec.runtime_class_name),
    ):
        if name and _gone(gateway, kind.path(namespace, name)):
            return f"{meta.name} could not come back: its {kind.name} {name} is gone"
    return None


def _gone(gateway: Gateway, path: str) -> bool:
    try:
        gateway.get(path)
    except NotFound:
        return True
    except Forbidden as e:
        logger.info("not asked whether it is there", extra={"path": path, "error": e.message})
    return False
