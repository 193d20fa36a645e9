"""Why does the API server refuse to resize a pod in place? Pure.

| the answer                                                      | reason             |
| --------------------------------------------------------------- | ------------------ |
| 403, cause `NodeCapacity`: more than the pod's node has at all  | `ResizeInfeasible` |
| 403, `exceeded quota`                                           | `Quota`            |
| 403, in the words of the admission plugin for LimitRanges       | `LimitRange`       |
| 422, the pod's QoS class would change                           | `QoSClass`         |
| 404 not of the pod, or 405: the server has no resize (before    | `Unsupported`      |
| Kubernetes 1.33)                                                |                    |
| any other 4xx but 404, 409, 410 and 429: a policy, a webhook, a | `Refused`          |
| right that is missing, or what this Kubernetes does not resize  |                    |
| anything else                                                   | nobody's: it passes |
"""

import re

from kube.errors import Forbidden, KubeError, NotFound
from store.reasons import Reason

_CAPACITY = "NodeCapacity"
_RANGE = re.compile(r"(maximum|minimum) \S+ usage per|limit to request ratio")
_OLD = "this Kubernetes has no resize in place, which is new in 1.33"


def of(error: KubeError, pod: str) -> tuple[Reason, str] | None:
    """The reason, and the words; None: nobody refuses it."""
    if _unknown(error, pod):
        return Reason.UNSUPPORTED, f"{_OLD}: {error.message}"
    if isinstance(error, NotFound) or error.status in (409, 410, 429):
        return None
    if not 400 <= error.status < 500:
        return None
    return _kind(error), f"{pod} may not be resized in place: {error.message}"


def _unknown(error: KubeError, pod: str) -> bool:
    if error.status == 405:
        return True
    return isinstance(error, NotFound) and f'"{pod}"' not in error.message


def _kind(error: KubeError) -> Reason:
    words = error.message
    if isinstance(error, Forbidden):
        if _CAPACITY in error.causes or "enough allocatable" in words:
            return Reason.RESIZE_INFEASIBLE
        if "exceeded quota" in words:
            return Reason.QUOTA
        if _RANGE.search(words):
            return Reason.LIMIT_RANGE
    if "QOS Class may not change" in words:
        return Reason.QOS_CLASS
    return Reason.REFUSED
