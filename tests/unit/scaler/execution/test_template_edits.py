"""Is a pod made from its owner's template? Every row of template_edits.py's table."""

from typing import Any

import pytest

from scaler.execution.template_edits import another

Json = dict[str, Any]
MADE, LATER, LAST = (f"2026-11-29T10:00:{s:02d}Z" for s in (0, 30, 50))
IMAGE = {"imagePullPolicy": "Never"}


def spec(**container: Any) -> Json:
    return {"containers": [{"name": "a", "image": "one", **container}]}


def entry(at: str | None, fields: Json | None = None, **more: Any) -> Json:
    written = {"f:spec": {"f:template": {}}} if fields is None else fields
    return {"manager": "m", "time": at, "fieldsV1": written, **more}


def owner(*entries: Json, generation: int = 2, created: str = MADE, **container: Any) -> Json:
    meta = {
        "uid": "rs", "generation": generation, "creationTimestamp": created,
        "managedFields": [*entries],
    }  # fmt: skip
    return {"metadata": meta, "spec": {"template": {"spec": spec(**IMAGE, **container)}}}


def pod(at: str, policy: str = "IfNotPresent", **container: Any) -> Json:
    made = spec(imagePullPolicy=policy, **container)
    return {"metadata": {"creationTimestamp": at}, "spec": made}


CASES: list[tuple[str, Json, Json, list[Json], bool]] = [
    ("no difference", owner(entry(LAST)), pod(LATER, "Never"), [], False),
    ("the first generation", owner(entry(LAST), generation=1), pod(LATER), [], False),
    ("written with the owner", owner(entry(MADE)), pod(MADE), [], False),
    ("written before the pod", owner(entry(LATER)), pod(LAST), [], False),
    ("written since", owner(entry(LAST)), pod(LATER), [], True),
    ("written in the pod's second", owner(entry(LATER)), pod(LATER), [], True),
    ("by the last of two writers", owner(entry(MADE), entry(LAST)), pod(LATER), [], True),
    ("others wrote other fields", owner(entry(MADE), entry(LAST, {"f:metadata": {}})), pod(LATER),
     [], False),
    ("scaled since", owner(entry(MADE), entry(LAST, subresource="scale")), pod(LATER), [], False),
    ("nobody is noted", owner(), pod(LATER), [], True),
    ("at an unknown time", owner(entry(None)), pod(LATER), [], True),
    ("a later pod differs alike", owner(entry(LATER)), pod(MADE), [pod(LAST)], False),
    ("an earlier pod does", owner(entry(LATER)), pod(MADE), [pod(MADE)], True),
    ("a later pod differs otherwise", owner(entry(LATER)), pod(MADE), [pod(LAST, "Always")], True),
    ("an image changed as well", owner(entry(LATER), tty=True), pod(MADE), [pod(LAST, tty=True)],
     True),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[c[0] for c in CASES])
def test_a_pod_is_of_the_template_that_its_owner_has(case: Any) -> None:
    _, found, old, siblings, moved = case
    got = another(found, old, siblings)
    assert (got is not None) is moved, got


def test_the_place_is_named() -> None:
    got = another(owner(entry(LAST)), pod(LATER), [])
    assert str(got) == "spec.containers[a].imagePullPolicy is not what the template says"


def test_an_owner_without_metadata_and_a_pod_without_a_time_are_no_error() -> None:
    template = {"spec": {"template": {"spec": spec(**IMAGE)}}}
    assert another(template, {"spec": spec(**IMAGE)}, []) is None
    assert another({**template, "metadata": {"managedFields": "?"}}, pod(MADE), []) is not None
    assert another({**template, "metadata": {}}, pod(MADE), []) is not None
    no_time = {"spec": spec(imagePullPolicy="IfNotPresent"), "metadata": {}}
    assert another(owner(entry(LAST)), no_time, []) is not None
