"""Equal parts of pods are one object; what differs stays as it came."""

import msgspec
import pytest

from kube import sharing
from kube.objects import Namespace, Pod
from kube.sharing import decoder


def raw(name: str, image: str = "nginx", ready: str = "True", **labels: str) -> bytes:
    owner = {"kind": "ReplicaSet", "name": "web", "uid": "1", "apiVersion": "apps/v1"}
    return msgspec.json.encode(
        {
            "metadata": {
                "name": name,
                "labels": {"app": "web", **labels},
                "ownerReferences": [owner],
            },
            "spec": {
                "containers": [{"name": "app", "image": image}],
                "tolerations": [{"key": "a", "operator": "Exists"}],
                "nodeName": f"on-{name}",
            },
            "status": {"conditions": [{"type": "Ready", "status": ready}]},
        }
    )


def test_what_is_equal_is_the_same_object() -> None:
    decode = decoder(Pod)
    one, other = decode(raw("one")), decode(raw("other"))
    assert one.spec.containers is other.spec.containers
    assert one.spec.tolerations is other.spec.tolerations
    assert one.metadata.labels is other.metadata.labels
    assert one.metadata.owner_references is other.metadata.owner_references
    assert one.status.conditions[0].type is other.status.conditions[0].type


def test_each_pod_is_what_came() -> None:
    decode = decoder(Pod)
    for text in (
        raw("one"),
        raw("two", image="httpd"),
        raw("three", ready="False"),
        raw("four", tier="gold"),
        b'{"metadata": {"name": "bare"}}',
    ):
        assert decode(text) == msgspec.json.decode(text, type=Pod)


def test_what_is_known_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MOST", 8)
    shared = sharing.Shared()
    for number in range(100):
        text = raw(f"pod-{number}", image=f"image-{number}")
        assert shared.taken_in(msgspec.json.decode(text, type=Pod)).metadata.name == f"pod-{number}"
        assert len(shared._known) <= 8


def test_other_kinds_and_broken_answers_are_decoded_as_ever() -> None:
    text = b'{"metadata": {"name": "shop", "labels": {"a": "b"}}}'
    assert decoder(Namespace)(text) == msgspec.json.decode(text, type=Namespace)
    with pytest.raises(ValueError, match="truncated"):
        decoder(Pod)(b"{")
