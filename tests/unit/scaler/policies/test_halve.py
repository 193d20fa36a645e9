"""The policy `double` downward: how far, and that what was quiet is far from a doubling at half."""

from hypothesis import given, settings
from hypothesis import strategies as st

from scaler.annotations.options import Bounds, ContainerPolicy, Limits
from scaler.policies.halve import Resting
from scaler.policies.table import NAMES
from store.model import Size
from tests.unit.scaler.sizing.quiet_workloads import one

SIZES = st.tuples(st.integers(1, 4000), st.integers(1, 4000)).map(sorted)
POLICIES = st.builds(
    ContainerPolicy,
    policy=st.just(NAMES.default),
    limits=st.sampled_from(Limits),
    bounds=st.builds(Bounds, cpu_min=st.none() | st.integers(0, 4000)),
)
SHARES = st.integers(1, 44).map(lambda p: p / 100)


@st.composite
def restings(draw: st.DrawFn) -> Resting:
    def any_size() -> Size:
        request, limit = draw(SIZES)
        return one(request, draw(st.sampled_from([limit, None])))

    return Resting("c", any_size(), any_size(), draw(POLICIES))


@given(restings(), SHARES)
@settings(max_examples=200, deadline=None)
def test_a_container_that_was_quiet_is_far_from_a_doubling_at_half_its_size(
    rest: Resting, share: float
) -> None:
    """The argument of the module, for any size, any `limits` and any floor."""
    if rest.steps is None:
        return
    for value in rest.steps:
        made = rest.at(value)
        base = made.limits.cpu if made.limits.cpu is not None else made.requests.cpu
        assert base is not None
        assert rest.level(share) < 0.9 * base


@given(restings())
@settings(max_examples=200, deadline=None)
def test_a_step_down_goes_down_and_never_below_its_floor(rest: Resting) -> None:
    if rest.steps is None:
        return
    for value in rest.steps:
        made, had, came = rest.at(value), rest.size, rest.came
        assert (made.requests.cpu or 0) <= max(had.requests.cpu or 0, came.requests.cpu or 0)
        assert (made.limits.cpu or 0) <= (had.limits.cpu or 0)
        if made.limits.cpu is not None:
            assert 1 <= (made.requests.cpu or 0) <= made.limits.cpu
        if rest.policy.bounds.cpu_min is None:
            least = min(had.limits.cpu or 0, came.limits.cpu or 0)
            assert made.limits.cpu is None or made.limits.cpu >= least
            floor = min(came.requests.cpu or 0, made.limits.cpu or 10**9)
            assert (made.requests.cpu or 0) >= floor
