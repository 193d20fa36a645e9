"""Is the policy that restricts our rights on pods in force? Tried, not read: rights-policy.yaml.

What is tried is what that policy must refuse, as a dry run: to change an annotation of a pod. Only
its own words count; who has no right at all is refused in others.

| the answer                               | then                                              |
| ---------------------------------------- | ------------------------------------------------- |
| refused with the policy's own words      | it is in force, and is not asked again for 2 s    |
| refused in other words                   | we have no right, or somebody else is in the way  |
| granted                                  | it does not stand: nothing is handed over         |
| the pod is gone                          | nothing is known: with the next pod               |
| the server fails, or somebody's write    | nothing is known: the hand-over has failed, and   |
| came first                               | is tried again as any other that fails            |

Where it does not stand, or others are in the way, the next hand-over after 20 s, then after five
minutes each, tries it again; at once where the cluster's policies or webhooks have changed. A
workload whose evictions fail for the server's own error asks for nothing else meanwhile. What was
begun is finished all the same.

Rights and policies may differ by namespace, and answers quote objects: each namespace has its own.
"""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from kube import kinds
from kube.errors import Forbidden, KubeError, NotFound
from kube.gateway import Gateway
from scaler.execution import preflight, refusal
from store.annotations import PREFIX

WORDS = "podtailor's scaler may not change a pod's annotations"
FRESH = 2.0
AGAIN = 20.0
LONGEST = 300.0


@dataclass
class _Tried:
    """The last try in one namespace. `message` None: it stands, or nothing is known."""

    at: float
    message: str | None = None
    theirs: bool = False
    pause: float = AGAIN
    rules: Hashable = ()


class RightsPolicy:
    """Tried through one API server."""

    def __init__(
        self, gateway: Gateway, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._gateway = gateway
        self._monotonic = monotonic
        self._tried: dict[str, _Tried] = {}
        self.rules: Callable[[str], Hashable] = lambda namespace: ()
        """The edition of all that may refuse in a namespace (scaler/rules.py)."""

    def problem(self, namespace: str, *, retry: bool = True) -> str | None:
        """Why it is not known to stand; None: it does, was not tried, or is to be tried again.

        Asks nobody: it is tried by the next hand-over, in that workload's own waits. `retry` False:
        not before the cluster's policies or webhooks have changed.
        """
        last = self._tried.get(namespace)
        if last is None or last.message is None or last.rules != self.rules(namespace):
            return None
        waits = not retry or self._monotonic() - last.at < last.pause
        return last.message if waits else None

    def refused(self, namespace: str) -> bool:
        """Whether somebody else's words are why."""
        last = self._tried.get(namespace)
        return last is not None and last.message is not None and last.theirs

    def shortcoming(self, namespace: str, pod: str) -> str | None:
        """Why a pod may not be handed over now; None: the policy is in force. Raises KubeError."""
        last = self._tried.get(namespace)
        fresh = last is not None and self._monotonic() - last.at < FRESH
        return None if fresh and last and last.message is None else self._try(namespace, pod)

    def _try(self, namespace: str, pod: str) -> str | None:
        last = self._tried.get(namespace)
        tried = _Tried(self._monotonic(), rules=self.rules(namespace))
        path = kinds.POD.path(namespace, pod)
        body = {"metadata": {"annotations": {f"{PREFIX}rights-policy": "tried"}}}
        try:
            self._gateway.patch(path, body, dryRun="All")
            tried.message = "the rights policy for the scaler is not in force"
        except Forbidden as e:
            if WORDS not in e.message:
                tried.message, tried.theirs = f"no right to hand pods over: {e.message}", True
        except NotFound:
            self._tried.pop(namespace, None)
            return "the pod is gone"
        except KubeError as e:
            words = refusal.words(e) or preflight.held_up(self._gateway, path, e)
            if words is None and not refusal.unasked(e):
                raise
            tried.message = f"the rights policy could not be tried: {words or e.message}"
            tried.theirs = words is not None
        if last is not None and last.message is not None and last.rules == tried.rules:
            tried.pause = LONGEST
        self._tried[namespace] = tried
        return tried.message
