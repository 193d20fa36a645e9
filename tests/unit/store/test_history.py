"""A history and conditions from and to JSON, also those of another release."""

import json
from typing import Any

import msgspec

from store.codec import PodSizeJson, podsize_from_json
from store.history import condition_from_json, condition_to_json
from store.reasons import Reason
from store.records import Change, Condition

SPEC = {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}
META = {"name": "deployment-web", "namespace": "shop", "resourceVersion": "7"}


def read(status: object = None, **spec: object) -> Any:
    """What comes of an object with that status and spec, as the watch would decode it."""
    raw = {"metadata": META, "spec": {**SPEC, **spec}, "status": status or {}}
    return podsize_from_json(msgspec.json.decode(json.dumps(raw), type=PodSizeJson))


def test_a_change_for_an_unknown_reason_is_passed_over() -> None:
    change = {"at": "t", "revision": 1, "container": "c", "resource": "cpu", "to": "1"}
    changes = [{**change, "reason": "Whim"}, {**change, "reason": "Doubled"}]
    known = Change("t", 1, "c", "cpu", None, "1", Reason.DOUBLED)
    assert read({"changes": changes}).status.changes == (known,)


def test_a_condition_of_another_release_is_read_as_far_as_it_says_something() -> None:
    raw = {"type": "Applied", "status": "True", "somethingNew": 1}
    assert condition_from_json(raw) == Condition("Applied", "True", "", "", "")


def test_a_field_without_a_value_is_not_written() -> None:
    at = "2026-11-23T20:30:00Z"
    made = Condition("Applied", "True", "EveryPod", "", at)
    assert condition_to_json(made) == {
        "type": "Applied",
        "status": "True",
        "reason": "EveryPod",
        "lastTransitionTime": at,
    }
