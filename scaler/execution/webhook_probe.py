"""Is the webhook seen to answer with the revision that was just written?

A pod that is created only as a dry run, in our own namespace, goes the whole way: API server,
Service, TLS, webhook, cache. What it brings back is the revision that a real pod would be given
now. So a broken webhook is found before the first pod is taken, with no right to create pods.
"""

import time
from collections.abc import Callable

import msgspec

from kube import kinds
from kube.errors import KubeError
from kube.gateway import Gateway
from kube.objects import Pod
from scaler.execution.probe_pod import House, manifest
from scaler.execution.questions import said
from scaler.model import Evict, HandOver, Outcome, Resize
from store.model import Workload
from store.reasons import Reason
from store.stamp import stamped_revision

_AGAIN = (0.01, 0.03, 0.1, 0.86)
"""Seconds between two looks: one in all, for a webhook to hear of a write of a moment ago."""
FRESH = 2.0
"""Seconds for which what it has answered is not asked again."""


class Probe:
    """Asks through the real API server."""

    def __init__(
        self,
        gateway: Gateway,
        namespace: str,
        *,
        house: Callable[[], House] = House,
        wait: Callable[[float], object] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`namespace`: the release's, where alone the webhook answers probes. `house`: what it
        asks of pods."""
        self.diagnosis: Callable[[], str | None] = lambda: None
        """What is in the way where the webhook is not asked; None: not known."""
        self._gateway = gateway
        self._namespace = namespace
        self._house = house
        self._wait = wait
        self._monotonic = monotonic
        self._answered: dict[Workload, tuple[int, float]] = {}
        """The revision that each workload's last probe came back with, and when."""
        self._decode = msgspec.json.Decoder(Pod).decode

    def no(self, action: Evict | HandOver | Resize, *, patient: bool) -> Outcome | None:
        """The same as an answer, `WebhookUnverified`: nothing is done to the pod."""
        found = self.shortcoming(action.workload, action.size.revision, patient=patient)
        return said(found, Reason.WEBHOOK_UNVERIFIED)

    def shortcoming(self, workload: Workload, revision: int, *, patient: bool = True) -> str | None:
        """Why the webhook is not seen to give `revision` to the workload's pods; None: it does.

        Another revision is asked for again for a second, where we are `patient`: the write may be
        a moment old.
        """
        last = self._answered.get(workload)
        if last and last[0] == revision and 0 <= self._monotonic() - last[1] < FRESH:
            return None
        path = kinds.POD.path(self._namespace)
        body = manifest(workload, self._namespace, self._house())
        seen = None
        for pause in (*(_AGAIN if patient else ()), 0.0):
            try:
                seen = stamped_revision(self._decode(self._gateway.post(path, body, dryRun="All")))
            except KubeError as e:
                return f"the probe was refused: {e.message}"
            if seen is None:
                why = self.diagnosis() or "not reached, or its entry is missing"
                return f"pods are created without the webhook: {why}"
            if seen == revision:
                self._answered[workload] = revision, self._monotonic()
                return None
            self._wait(pause)
        return f"the webhook still answers with revision {seen} instead of {revision}"
