"""Is the policy that restricts our rights on pods in force? Tried, not read: rights-policy.yaml.

What is tried is what that policy must refuse, as a dry run: to change an annotation of a pod. Only
its own words count; who has no right at all is refused in others.

| the answer                               | then                                              |
| ---------------------------------------- | ------------------------------------------------- |
| refused with the policy's own words      | it is in force, and is not asked again for 2 s    |
| refused in other words                   | we have no right, or somebody else is in the way  |
| granted                                  | it does not stand: nothing is handed over         |
| the pod is gone                          | nothing is known: with the next pod               |

Where it does not stand it is tried again every 10 s. What was begun is finished all the same.
"""

import time
from collections.abc import Callable

from kube import kinds
from kube.errors import Forbidden, KubeError, NotFound
from kube.gateway import Gateway
from store.annotations import PREFIX

WORDS = "podtailor's scaler may not change a pod's annotations"
FRESH = 2.0
AGAIN = 10.0
_NEVER = -1e9


class RightsPolicy:
    """Tried through one API server."""

    def __init__(
        self, gateway: Gateway, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._gateway = gateway
        self._monotonic = monotonic
        self._pod = ("", "")
        self._told: str | None = None
        self._at = _NEVER

    def problem(self) -> str | None:
        """Why it is not known to stand, by the last try; None: it stands, or was never tried."""
        if self._told is not None and self._monotonic() - self._at >= AGAIN:
            self._try(*self._pod)
        return self._told

    def shortcoming(self, namespace: str, pod: str) -> str | None:
        """Why a pod may not be handed over now; None: the policy is in force."""
        standing = self._told is None and self._monotonic() - self._at < FRESH
        return None if standing else self._try(namespace, pod)

    def _try(self, namespace: str, pod: str) -> str | None:
        self._pod, self._at = (namespace, pod), self._monotonic()
        path = kinds.POD.path(namespace, pod)
        body = {"metadata": {"annotations": {f"{PREFIX}rights-policy": "tried"}}}
        try:
            self._gateway.patch(path, body, dryRun="All")
            self._told = "the rights policy for the scaler is not in force"
        except Forbidden as e:
            missing = f"no right to hand pods over: {e.message}"
            self._told = None if WORDS in e.message else missing
        except NotFound:
            self._told, self._at = None, _NEVER
            return "the pod is gone"
        except KubeError as e:
            self._told = f"the rights policy could not be tried: {e.message}"
        return self._told
