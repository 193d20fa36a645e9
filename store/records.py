"""What a PodSize's status counts and remembers, each as one frozen value."""

from msgspec import Struct, field

from store.reasons import Reason


class PodCount(Struct, frozen=True, gc=False):
    """How many pods there are, and how many of them have the stored values."""

    total: int = 0
    current: int = 0


class BackOff(Struct, frozen=True, gc=False):
    """Failures in a row, the time (RFC 3339, UTC) until which no pod is replaced, the last kind.

    The kind is a reason code: workloads that fail in the same way are counted together. `message`:
    what failed, in the words in which the status said it then; the status says other things since.
    """

    failures: int = 0
    until: str | None = None
    reason: str | None = None
    message: str | None = None


class Restarts(Struct, frozen=True, gc=False):
    """Pods replaced in the clock hour that began at `hour` (RFC 3339, UTC)."""

    hour: str = ""
    count: int = 0


class Quiet(Struct, frozen=True, gc=False, omit_defaults=True):
    """One container's quiet seconds, measured without a gap up to `until` (RFC 3339).

    `node_class`: of the pods on that kind of node; None: of those that have the default size.
    """

    name: str
    seconds: int
    until: str
    node_class: str | None = field(default=None, name="class")


class StartUp(Struct, frozen=True, gc=False):
    """One container's start-up: for `seconds` after a start it burns up to `cpu` millicores."""

    name: str
    seconds: int
    cpu: int


class RestartOnResize(Struct, frozen=True, gc=False):
    """One container, and the resources whose change in place is to restart it."""

    name: str
    resources: tuple[str, ...]


class Change(Struct, frozen=True, gc=False):
    """One line of the history; quantities as text, as users see them."""

    at: str
    revision: int
    container: str
    resource: str
    before: str | None
    after: str | None
    reason: Reason
    node_class: str | None = None
    """The kind of node whose size it is; None: the default's."""


class Condition(Struct, frozen=True, gc=False):
    """A Kubernetes condition: Applied or WebhookVerified."""

    type: str
    status: str
    reason: str
    message: str
    last_transition_time: str
