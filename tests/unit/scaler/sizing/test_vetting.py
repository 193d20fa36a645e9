"""What a wanted step may become: the table of vetting.py."""

from tests.unit.scaler.builders import DOUBLED, ceiling, owner, pod, size, using, view
from tests.unit.scaler.sizing.deciding import TWO, decided, outcome


def test_several_containers_must_fit_together() -> None:
    """The second gets what the first has left."""
    above = ceiling(
        fits=lambda s: "full" if sum(c.requests.cpu or 0 for c in s.values()) > 650 else None
    )
    seen = view(pod("a", TWO), pod("b", TWO), whose=owner(TWO))
    assert outcome(seen, decided(seen, using(nginx=480, side=99), above)) == {
        "nginx": DOUBLED,
        "side": size((150, 150)),
    }
