"""The curve of a pod's sizes."""

from typing import cast

from kube.gateway import Gateway
from tests.demo.unlike.sizes import Sizes

KEY = ("double", "pi")


def test_a_curve_has_each_size_from_when_it_was_seen() -> None:
    sizes = Sizes(cast(Gateway, None), "shop")
    sizes.seen[KEY] = [(0.0, 100), (12.3, 200), (31.0, 400)]
    assert sizes.curve(KEY, 40.0, 10) == [100, 100, 200, 200, 400]
    assert sizes.last_change() == 31.0
