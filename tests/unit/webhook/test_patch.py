"""What is written into a new pod, case by case."""

import json

import pytest

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

REVISION = "podtailor.io/size-revision"
BASIS = "podtailor.io/basis"


def patched(made: Object, *sizes: Object, revision: int = 3) -> tuple[str, Object]:
    """Outcome and the pod as it is after the patch."""
    outcome, patch = answered(review(made), podsize(*sizes, revision=revision))
    return outcome, apply(made, patch)


def resources(made: Object, i: int = 0) -> Object:
    told: Object = made["spec"]["containers"][i]["resources"]
    return told


def basis(made: Object) -> Object:
    told: Object = json.loads(made["metadata"]["annotations"][BASIS])
    return told


def test_only_the_quantities_that_differ_are_written() -> None:
    outcome, patch = answered(review(pod(annotations={"a": "b"})), podsize(DOUBLED))
    assert outcome == "Sized"
    at = "/spec/containers/0/resources"
    stamp = json.dumps({"nginx": DOUBLED["basis"]}, separators=(",", ":"))
    assert patch == [
        {"op": "replace", "path": f"{at}/requests/cpu", "value": "500m"},
        {"op": "replace", "path": f"{at}/limits/cpu", "value": "1"},
        {"op": "add", "path": "/metadata/annotations/podtailor.io~1size-revision", "value": "3"},
        {"op": "add", "path": "/metadata/annotations/podtailor.io~1basis", "value": stamp},
    ]


def test_a_pod_without_annotations_gets_the_stamp() -> None:
    _, made = patched(pod(), DOUBLED)
    assert made["metadata"]["annotations"][REVISION] == "3"
    assert basis(made) == {"nginx": DOUBLED["basis"]}


def test_quantities_are_compared_and_not_their_texts() -> None:
    came = container(
        requests={"cpu": "0.25", "memory": "65536Ki"}, limits={"cpu": 0.5, "memory": 134217728}
    )
    outcome, made = patched(pod(came), DOUBLED)
    assert outcome == "Sized"
    assert resources(made)["limits"] == {"cpu": "1", "memory": 134217728}
    assert resources(made)["requests"] == {"cpu": "500m", "memory": "65536Ki"}


def test_an_edited_manifest_takes_effect_resource_by_resource() -> None:
    size = {**DOUBLED, "limits": {"cpu": "1", "memory": "256Mi"}}
    came = container(
        requests={"cpu": "300m", "memory": "64Mi"}, limits={"cpu": "500m", "memory": "128Mi"}
    )
    outcome, made = patched(pod(came), size)
    assert outcome == "ManifestChanged"
    assert resources(made)["limits"] == {"cpu": "500m", "memory": "256Mi"}
    assert resources(made)["requests"] == came["resources"]["requests"]
    assert basis(made) == {"nginx": came["resources"]}


def test_other_resources_and_claims_are_not_touched() -> None:
    came = container(
        requests={"cpu": "250m", "memory": "64Mi", "ephemeral-storage": "1Gi"},
        limits={"cpu": "500m", "memory": "128Mi", "nvidia.com/gpu": "1"},
    )
    came["resources"]["claims"] = [{"name": "gpu", "request": "one"}]
    _, made = patched(pod(came), DOUBLED)
    assert resources(made) == {
        "requests": {"cpu": "500m", "memory": "64Mi", "ephemeral-storage": "1Gi"},
        "limits": {"cpu": "1", "memory": "128Mi", "nvidia.com/gpu": "1"},
        "claims": [{"name": "gpu", "request": "one"}],
    }
    assert basis(made) == {"nginx": DOUBLED["basis"]}


def test_a_container_that_the_store_does_not_know_is_stamped_only() -> None:
    proxy = container("proxy", requests={"cpu": "10m"})
    _, made = patched(pod(NGINX, proxy), DOUBLED)
    assert resources(made, 1) == proxy["resources"]
    assert basis(made)["proxy"] == proxy["resources"]


def test_an_init_container_is_sized_where_the_store_names_it() -> None:
    made = pod()
    made["spec"]["initContainers"] = [container("init", requests={"cpu": "100m"})]
    size = {
        "name": "init",
        "requests": {"cpu": "200m"},
        "basis": {"requests": {"cpu": "100m"}},
    }
    outcome, after = patched(made, size)
    assert outcome == "Sized"
    assert after["spec"]["initContainers"][0]["resources"] == {"requests": {"cpu": "200m"}}
    assert set(basis(after)) == {"nginx", "init"}


@pytest.mark.parametrize("held", [None, {}, {"requests": None}, "absent"], ids=str)
def test_missing_parents_of_a_patched_field_are_made(held: object) -> None:
    came = container()
    came["resources"] = held
    if held == "absent":
        del came["resources"]
    size = {"name": "nginx", "requests": {"cpu": "100m"}, "basis": {}}
    other = container("other", requests={"memory": "1Mi"})
    outcome, made = patched(pod(came, other), size)
    assert outcome == "Sized"
    assert resources(made) == {"requests": {"cpu": "100m"}}


def test_limits_none_takes_the_limit_away_though_the_class_changes() -> None:
    size = {**DOUBLED, "requests": {"cpu": "1"}, "limits": {}}
    size["basis"] = {"requests": {"cpu": "500m"}, "limits": {"cpu": "500m"}}
    came = container(
        requests={"cpu": "500m", "memory": "1Gi"}, limits={"cpu": "500m", "memory": "1Gi"}
    )
    outcome, made = patched(pod(came), size)
    assert outcome == "Sized"
    assert resources(made) == {
        "requests": {"cpu": "1", "memory": "1Gi"},
        "limits": {"memory": "1Gi"},
    }


@pytest.mark.parametrize(
    ("came", "size"),
    [
        pytest.param(
            container(requests={"cpu": "1", "memory": "1Gi"}, limits={"cpu": "1", "memory": "1Gi"}),
            {"requests": {"cpu": "500m"}, "limits": {"cpu": "1"}},
            id="Guaranteed would become Burstable",
        ),
        pytest.param(container(), {"requests": {"cpu": "1"}}, id="BestEffort would be Burstable"),
        pytest.param(
            container(requests={"cpu": "1", "memory": "1Gi"}, limits={"cpu": "2", "memory": "1Gi"}),
            {"requests": {"cpu": "2"}, "limits": {"cpu": "2"}},
            id="Burstable would become Guaranteed",
        ),
    ],
)
def test_a_size_that_would_change_the_qos_class_is_not_injected(came: Object, size: Object) -> None:
    outcome, made = patched(pod(came), {"name": "nginx", **size, "basis": came["resources"]})
    assert outcome == "QoSClass"
    assert resources(made) == came["resources"]
    assert made["metadata"]["annotations"][REVISION] == "3"


def test_a_request_above_the_limit_in_the_store_is_not_injected() -> None:
    outcome, made = patched(pod(), {**DOUBLED, "requests": {"cpu": "2"}})
    assert outcome == "Stamped"
    assert made["spec"] == pod()["spec"]


def test_a_pod_of_a_workload_without_a_size_is_stamped_with_revision_0() -> None:
    outcome, made = patched(pod(), revision=0)
    assert outcome == "Stamped"
    assert made["spec"] == pod()["spec"]
    assert made["metadata"]["annotations"] == {
        REVISION: "0",
        BASIS: json.dumps({"nginx": DOUBLED["basis"]}, separators=(",", ":")),
    }


@pytest.mark.parametrize("revision", [0, 3])
def test_the_patched_pod_gets_nothing_more(revision: int) -> None:
    _, made = patched(pod(), DOUBLED, revision=revision)
    assert answered(review(made), podsize(DOUBLED, revision=revision)) == ("Unchanged", [])


def test_a_container_added_after_our_stamp_is_sized_and_stamped_too() -> None:
    proxy = container("proxy", requests={"cpu": "10m"})
    size = {"name": "proxy", "requests": {"cpu": "20m"}, "basis": {"requests": {"cpu": "10m"}}}
    _, once = patched(pod(), DOUBLED, size)
    once["spec"]["containers"].append(proxy)
    outcome, twice = patched(once, DOUBLED, size)
    assert outcome == "Sized"
    assert resources(twice)["limits"]["cpu"] == "1"
    assert resources(twice, 1) == {"requests": {"cpu": "20m"}}
    assert basis(twice) == {"nginx": DOUBLED["basis"], "proxy": proxy["resources"]}


@pytest.mark.parametrize(
    "annotations",
    [
        {REVISION: "3", BASIS: "junk"},
        {REVISION: "3", BASIS: '{"nginx":{"requests":{"cpu":"nan"}}}'},
        {REVISION: "3", BASIS: "{" * 10_000},
        {REVISION: "3"},
        {REVISION: "2", BASIS: '{"nginx":{}}'},
        {REVISION: "", BASIS: ""},
        {BASIS: '{"other":{}}', "kept": "~/yes"},
    ],
    ids=lambda a: repr(a)[:60],
)
def test_a_stamp_that_is_not_ours_is_replaced(annotations: dict[str, str]) -> None:
    outcome, made = patched(pod(annotations=annotations), DOUBLED)
    assert outcome == "Sized"
    assert basis(made) == {"nginx": DOUBLED["basis"]}
    assert made["metadata"]["annotations"].get("kept") == annotations.get("kept")


def test_a_copied_stamp_does_not_hide_an_edited_manifest() -> None:
    _, donor = patched(pod(), DOUBLED)
    came = container(
        requests={"cpu": "700m", "memory": "64Mi"}, limits={"cpu": "2", "memory": "128Mi"}
    )
    copied = pod(came, annotations=donor["metadata"]["annotations"])
    outcome, made = patched(copied, DOUBLED)
    assert outcome == "ManifestChanged"
    assert resources(made) == came["resources"]
    assert basis(made) == {"nginx": came["resources"]}


@pytest.mark.parametrize(
    "bad",
    [
        {"requests": {"cpu": "lots"}},
        {"requests": {"cpu": None}},
        {"requests": {"cpu": []}},
        {"requests": {"cpu": True}},
        {"requests": {"cpu": "-1"}},
        {"limits": {"memory": "nan"}},
        {"limits": []},
        {"limits": "1"},
    ],
    ids=str,
)
def test_a_container_that_cannot_be_read_is_left_alone(bad: Object) -> None:
    broken = container("broken", **bad)
    size = {"name": "broken", "requests": {"cpu": "1"}, "basis": {}}
    outcome, made = patched(pod(broken, NGINX), DOUBLED, size)
    assert outcome == "Sized"
    assert resources(made, 0) == bad
    assert resources(made, 1)["limits"]["cpu"] == "1"
    assert basis(made) == {"nginx": DOUBLED["basis"]}


def test_pod_level_resources_windows_and_mirror_pods_are_not_touched() -> None:
    levelled, windows = pod(), pod()
    levelled["spec"]["resources"] = {"limits": {"cpu": "2"}}
    windows["spec"]["os"] = {"name": "windows"}
    mirror = pod(annotations={"kubernetes.io/config.mirror": "x"})
    for made in (levelled, windows, mirror):
        assert answered(review(made), podsize(DOUBLED)) == ("Unsupported", [])


def test_a_pod_that_says_linux_is_sized() -> None:
    made = pod()
    made["spec"]["os"] = {"name": "linux"}
    assert answered(review(made), podsize(DOUBLED))[0] == "Sized"


def test_a_pod_without_containers_is_stamped() -> None:
    made = pod()
    del made["spec"]["containers"]
    assert answered(review(made), podsize(DOUBLED))[0] == "Stamped"
