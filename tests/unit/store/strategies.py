"""Any store there can be: hypothesis strategies for the model's types."""

from datetime import datetime

from hypothesis import strategies as st

from store.model import (
    Apply,
    ClassSize,
    ContainerSize,
    Phase,
    Resources,
    Size,
    Status,
    StoredSize,
)
from store.reasons import Reason
from store.records import (
    BackOff,
    Change,
    Condition,
    PodCount,
    Quiet,
    RestartOnResize,
    Restarts,
    StartUp,
)

AMOUNTS = st.integers(min_value=0, max_value=2**49)  # the API server takes less than 1Pi
NAMES = st.from_regex(r"[a-z]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=50)
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1)).map(
    lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ")
)
COUNTS = st.integers(min_value=0, max_value=10_000)
SOME = st.integers(min_value=1, max_value=10_000)
REVISIONS = st.integers(min_value=1, max_value=10_000)

RESOURCES = st.builds(Resources, cpu=st.none() | AMOUNTS, memory=st.none() | AMOUNTS)
ANY_SIZES = st.builds(Size, RESOURCES, RESOURCES)


def _in_order(size: Size) -> Size:
    """The same with no request above its limit: what an API server lets pass."""

    def at_most(request: int | None, limit: int | None) -> int | None:
        return request if request is None or limit is None else min(request, limit)

    requests = Resources(
        at_most(size.requests.cpu, size.limits.cpu),
        at_most(size.requests.memory, size.limits.memory),
    )
    return Size(requests, size.limits)


SIZES = ANY_SIZES.map(_in_order)
CONTAINERS = st.lists(
    st.builds(ContainerSize, NAMES, SIZES, SIZES), max_size=4, unique_by=lambda c: c.name
).map(tuple)
CLASSES = st.lists(
    st.builds(ClassSize, NAMES, CONTAINERS), max_size=3, unique_by=lambda c: c.name
).map(tuple)
STORED = st.builds(
    StoredSize, REVISIONS, st.sampled_from(Apply), CONTAINERS, NAMES, st.booleans(), CLASSES
)
CHANGES = st.builds(
    Change,
    TIMES,
    REVISIONS,
    NAMES,
    st.sampled_from(["cpu", "memory"]),
    st.none() | st.just("500m"),
    st.none() | st.just("1"),
    st.sampled_from(Reason),
    st.none() | NAMES,
)
CONDITIONS = st.builds(
    Condition,
    st.sampled_from(["Applied", "WebhookVerified"]),
    st.sampled_from(["True", "False", "Unknown"]),
    st.sampled_from(Reason).map(str),
    TEXTS,
    TIMES,
)
RESTARTS = st.builds(
    RestartOnResize,
    NAMES,
    st.sampled_from([("cpu",), ("memory",), ("cpu", "memory")]),
)
STATUSES = st.builds(
    Status,
    observed_generation=COUNTS,
    size=st.none() | STORED,
    last_good=st.none() | STORED,
    wish=CONTAINERS,
    phase=st.none() | st.sampled_from(Phase),
    reason=st.none() | st.sampled_from(Reason),
    message=TEXTS,
    pods=st.builds(PodCount, COUNTS, COUNTS),
    backoff=st.builds(BackOff, COUNTS, st.none() | TIMES),
    restarts=st.just(Restarts()) | st.builds(Restarts, TIMES, COUNTS),
    quiet=st.lists(st.builds(Quiet, NAMES, COUNTS, TIMES, st.none() | NAMES), max_size=4).map(
        tuple
    ),
    start_ups=st.lists(st.builds(StartUp, NAMES, SOME, SOME), max_size=4).map(tuple),
    restart_on_resize=st.lists(RESTARTS, max_size=3, unique_by=lambda r: r.name).map(tuple),
    changes=st.lists(CHANGES, max_size=20).map(tuple),
    conditions=st.lists(CONDITIONS, max_size=2, unique_by=lambda c: c.type).map(tuple),
)
