"""Workloads without pods, known to both webhooks, and what each says that a new pod gets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from kube.errors import NotFound
from kube.gateway import Gateway
from store.model import PODSIZE
from tests.bench import bodies
from tests.bench.scale import users, vpa
from tests.bench.scale.ground import each, slowly
from tests.e2e.definition import define
from tests.e2e.workloads import Json, until

_SPACE = "shop"
_RCS = f"/api/v1/namespaces/{_SPACE}/replicationcontrollers"
_VPAS = f"/apis/autoscaling.k8s.io/v1/namespaces/{_SPACE}/verticalpodautoscalers"


@contextmanager
def known(gateway: Gateway, workloads: int) -> Iterator[Gateway]:
    """Controllers without pods, each with a PodSize and a VPA that name a new pod's size."""
    define(gateway)
    vpa.define(gateway)
    users.allow(gateway)
    gateway.post("/api/v1/namespaces", {"metadata": {"name": _SPACE}})
    try:
        sizes = bodies.podsizes(workloads)
        each(workloads, lambda n: gateway.post(_RCS, _controller(n)))
        each(workloads, lambda n: _stated(gateway, PODSIZE.path(_SPACE), sizes[n]))
        each(workloads, lambda n: _stated(gateway, _VPAS, _vpa(n)))
        yield gateway
    finally:
        gateway.delete(f"/api/v1/namespaces/{_SPACE}")
        until(slowly(_absent(gateway, f"/api/v1/namespaces/{_SPACE}")), 300)


def _stated(gateway: Gateway, path: str, made: Json) -> None:
    """Create an object, and what its status says."""
    gateway.post(path, made)
    about = f"{path}/{made['metadata']['name']}/status"
    gateway.patch(about, {"status": made["status"]})


def _absent(gateway: Gateway, path: str) -> Callable[[], bool]:
    def asked() -> bool:
        with suppress(NotFound):
            gateway.get(path)
            return False
        return True

    return asked


def _controller(number: int) -> Json:
    labels = {"app": bodies.name(number)}
    spec = {"containers": [{"name": "nginx", "image": "nginx"}]}
    template = {"metadata": {"labels": labels}, "spec": spec}
    return {
        "metadata": {"name": bodies.name(number)},
        "spec": {"replicas": 0, "selector": labels, "template": template},
    }


def _vpa(number: int) -> Json:
    name = bodies.name(number)
    wanted = {"cpu": "500m", "memory": "64Mi"}
    advice = {f: wanted for f in ("target", "lowerBound", "upperBound", "uncappedTarget")}
    provided = {"type": "RecommendationProvided", "status": "True"}
    return {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {"name": name},
        "spec": {
            "targetRef": {"apiVersion": "v1", "kind": "ReplicationController", "name": name},
            "updatePolicy": {"updateMode": "Initial"},
        },
        "status": {
            "recommendation": {"containerRecommendations": [{"containerName": "nginx", **advice}]},
            "conditions": [{**provided, "lastTransitionTime": "2026-01-01T00:00:00Z"}],
        },
    }
