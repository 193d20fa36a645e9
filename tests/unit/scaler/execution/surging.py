"""A cluster with one pod that must not be missing, and a scaler that hands pods over."""

import dataclasses
from typing import Any

from scaler.execution.actuator import Actuator
from scaler.execution.handover import Handover
from scaler.execution.rights_policy import RightsPolicy
from scaler.execution.webhook_probe import Probe
from tests.fakes import Json
from tests.unit.scaler.world import PODS, World

SERVICES = "/api/v1/namespaces/shop/services"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"
POLICIES = "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies"


class Surging(World):
    """One pod that must not be missing, with the rights policy in place."""

    def __init__(self) -> None:
        super().__init__()
        self.api.policy_in_force = True
        self.annotate(1, mode="auto")
        self.api.settle()
        self.start()

    def start(self, **settings: Any) -> None:
        super().start(**settings)
        probe = Probe(self.api, "podtailor-system", wait=lambda _: None, monotonic=lambda: self.now)
        rights_policy = RightsPolicy(self.api, monotonic=lambda: self.now)
        hands = Handover(self.api, probe, rights_policy, 2.0, lambda: self.now)
        actuator = Actuator(self.api, self.observer.store, probe, hands)
        self.loop = dataclasses.replace(self.loop, actuator=actuator, clock=lambda: self.now)

    @property
    def pods(self) -> dict[str, Json]:
        return {p["metadata"]["name"]: p for p in self.api.list(PODS)}

    def held(self) -> list[str]:
        return [n for n, p in self.pods.items() if controller_of(p) == "PodSize"]

    def listed(self, *names: str) -> None:
        """A Service selects the pods; its slice lists these."""
        self.api.set(f"{SERVICES}/web", {"metadata": {"name": "web"}, "spec": {"selector": LABEL}})
        points = [
            {"targetRef": {"uid": self.pods[n]["metadata"]["uid"]}, "conditions": {"ready": True}}
            for n in names
        ]
        meta = {"name": "web-1", "labels": {"kubernetes.io/service-name": "web"}}
        self.api.set(f"{SLICES}/web-1", {"metadata": meta, "endpoints": points})


LABEL = {"of": "web"}


def controller_of(pod: Json) -> str | None:
    references = pod["metadata"].get("ownerReferences") or ()
    return next((r["kind"] for r in references if r.get("controller")), None)


def until_held(world: Surging) -> str:
    for _ in range(6):
        world.cycle(1, 1.0)
        if held := world.held():
            return held[0]
    raise AssertionError(world.events())
