"""The API server's answers to a resize, in its own words on Kubernetes 1.37.2."""

import msgspec
import pytest

from kube.errors import KubeError, Unreachable, error_of
from scaler.resizing import refusal
from store.reasons import Reason

FORBIDDEN = 'pods "web-1" is forbidden: '


@pytest.mark.parametrize(
    ("status", "message", "reason"),
    [
        (403, FORBIDDEN + "node didn't have enough allocatable resources", "ResizeInfeasible"),
        (403, FORBIDDEN + "exceeded quota: q, requested: limits.cpu=1", "Quota"),
        (403, FORBIDDEN + "maximum cpu usage per Container is 1, but limit is 2", "LimitRange"),
        (403, FORBIDDEN + "minimum memory usage per Pod is 1Gi", "LimitRange"),
        (403, FORBIDDEN + "cpu max limit to request ratio per Container is 2", "LimitRange"),
        (422, "Pod QOS Class may not change as a result of resizing", "QoSClass"),
        (403, FORBIDDEN + "ValidatingAdmissionPolicy 'p' denied request: no", "Refused"),
        (403, 'User "s" cannot patch resource "pods/resize"', "Refused"),
        (422, "resource limits cannot be removed", "Refused"),
        (403, FORBIDDEN + "policy p: QoS is ours to say", "Refused"),
        (400, 'admission webhook "w" denied the request', "Refused"),
        (404, "the server could not find the requested resource", "Unsupported"),
        (405, "the server does not allow this method", "Unsupported"),
        (404, 'pods "web-1" not found', None),
        (409, "the object has been modified", None),
        (410, "too old a resource version", None),
        (429, "too many requests", None),
        (500, "etcdserver: request timed out", None),
    ],
)
def test_a_refusal_has_a_reason_and_keeps_its_words(
    status: int, message: str, reason: str | None
) -> None:
    found = refusal.of(_error(status, message), "web-1")
    assert (found and str(found[0])) == reason
    assert found is None or message in found[1]


def test_the_servers_own_word_for_a_node_that_is_too_small_is_enough() -> None:
    body = b'{"message": "no", "code": 403, "details": {"causes": [{"reason": "NodeCapacity"}]}}'
    found = refusal.of(error_of(403, body), "web-1")
    assert found is not None and found[0] is Reason.RESIZE_INFEASIBLE


def test_no_answer_is_nobodys_refusal() -> None:
    assert refusal.of(Unreachable(0, "Broken", "timed out"), "web-1") is None


def _error(status: int, message: str) -> KubeError:
    return error_of(status, msgspec.json.encode({"message": message, "code": status}))
