"""Which containers get a `resizePolicy`: every row of resize_policy.py's table, and its laws."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.webhook.jsonpatch import apply
from tests.unit.webhook.reviews import (
    DOUBLED,
    NGINX,
    Object,
    answered,
    container,
    pod,
    podsize,
    review,
)

CPU, MEMORY = ({"resourceName": r, "restartPolicy": "RestartContainer"} for r in ("cpu", "memory"))
NOT_REQUIRED = {"resourceName": "memory", "restartPolicy": "NotRequired"}
ALWAYS = {"restartPolicy": "Always"}


def asking(*sizes: Object, **restarts: list[str]) -> Object:
    """A PodSize that has these containers restarted for these resources."""
    made = podsize(*sizes, revision=3 if sizes else 0)
    listed = [{"name": n, "resources": resources} for n, resources in restarts.items()]
    made["status"]["restartOnResize"] = listed
    return made


def after(made: Object, stored: Object) -> Object:
    return apply(made, answered(review(made), stored)[1])


def policies(made: Object, part: str = "containers") -> list[Any]:
    return [c.get("resizePolicy") for c in made["spec"][part]]


@pytest.mark.parametrize(
    ("held", "asked", "gets"),
    [
        (None, ["memory"], [MEMORY]),
        (None, ["memory", "cpu"], [CPU, MEMORY]),
        ([], ["memory"], [MEMORY]),
        ([CPU], ["memory"], [CPU, MEMORY]),
        ([NOT_REQUIRED], ["memory"], [NOT_REQUIRED]),
        ([NOT_REQUIRED], ["cpu", "memory"], [NOT_REQUIRED, CPU]),
        (None, ["ephemeral-storage"], None),
    ],
)
def test_what_a_manifest_says_of_a_resource_stays(
    held: list[Object] | None, asked: list[str], gets: list[Object] | None
) -> None:
    came = {**NGINX} if held is None else {**NGINX, "resizePolicy": held}
    assert policies(after(pod(came), asking(nginx=asked))) == [gets]


def test_only_the_containers_that_are_named_get_one_beside_their_size() -> None:
    made = after(pod(NGINX, container("proxy")), asking(DOUBLED, nginx=["memory"]))
    assert policies(made) == [[MEMORY], None]
    assert made["spec"]["containers"][0]["resources"]["limits"]["cpu"] == "1"


def test_without_a_size_the_pod_is_stamped_and_gets_one() -> None:
    outcome, patch = answered(review(pod()), asking(nginx=["memory"]))
    assert outcome == "Stamped"
    at = "/spec/containers/0/resizePolicy"
    assert [o["value"] for o in patch if o["path"] == at] == [[MEMORY]]


@pytest.mark.parametrize(
    ("changed", "gets"),
    [
        ({}, [MEMORY]),
        ({"restartPolicy": "Never"}, None),
        ({"restartPolicy": "OnFailure"}, None),
    ],
)
def test_a_pod_that_is_not_restarted_always_gets_none(
    changed: Object, gets: list[Object] | None
) -> None:
    made = pod()
    made["spec"] |= changed
    assert policies(after(made, asking(nginx=["memory"]))) == [gets]


def test_an_init_container_gets_one_where_it_restarts_always() -> None:
    made = pod()
    made["spec"]["initContainers"] = [container("once"), {**container("side"), **ALWAYS}]
    stored = asking(nginx=["memory"], once=["memory"], side=["memory"])
    assert policies(after(made, stored), "initContainers") == [None, [MEMORY]]


@pytest.mark.parametrize(("own", "gets"), [("Always", [MEMORY]), ("Never", None)])
def test_a_container_with_a_restart_policy_of_its_own_gets_one_where_that_is_always(
    own: str, gets: list[Object] | None
) -> None:
    made = after(pod({**NGINX, "restartPolicy": own}), asking(nginx=["memory"]))
    assert policies(made) == [gets]


def test_a_pod_that_cannot_be_sized_gets_none() -> None:
    made = pod()
    made["spec"]["resources"] = {"limits": {"cpu": "1"}}
    assert answered(review(made), asking(nginx=["memory"])) == ("Unsupported", [])


def test_a_pod_of_nobody_we_know_gets_none() -> None:
    made = pod(ownerReferences=None)
    assert answered(review(made), asking(nginx=["memory"])) == ("NotOurs", [])


RESOURCES = st.lists(st.sampled_from(["cpu", "memory"]), unique=True, max_size=2)
HELD = st.none() | st.lists(st.sampled_from([CPU, NOT_REQUIRED]), unique_by=str, max_size=2)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Object, Object]:
    """A pod of up to three containers, and a PodSize that names some of them."""
    names = draw(st.lists(st.sampled_from(["a", "b", "c"]), unique=True, min_size=1))
    came = [container(n) for n in names]
    for one in came:
        if (held := draw(HELD)) is not None:
            one["resizePolicy"] = held
    made = pod(*came)
    made["spec"]["restartPolicy"] = draw(st.sampled_from(["Always", "Never"]))
    return made, asking(**{n: draw(RESOURCES) for n in draw(st.sets(st.sampled_from("abcd")))})


@given(cases())
def test_asked_again_nothing_more_is_added(case: tuple[Object, Object]) -> None:
    """Webhooks are called again where another one has changed the pod after them."""
    made, stored = case
    assert answered(review(after(made, stored)), stored) == ("Unchanged", [])


@given(cases())
def test_no_policy_is_changed_or_doubled_and_nothing_else_is_touched(
    case: tuple[Object, Object],
) -> None:
    made, stored = case
    result = after(made, stored)
    for before, now in zip(policies(made), policies(result), strict=True):
        known = [p["resourceName"] for p in now or ()]
        assert (now or [])[: len(before or ())] == (before or [])
        assert len(known) == len(set(known))
    for one in (*made["spec"]["containers"], *result["spec"]["containers"]):
        one.pop("resizePolicy", None)
    assert made["spec"] == result["spec"]
