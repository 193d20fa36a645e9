"""The watches together: one snapshot of all that they hold."""

import msgspec

from scaler.watches import Observer
from tests.fakes import FakeGateway

TARGET = {"apiVersion": "v1", "kind": "ReplicationController", "name": "web"}
ANYTHING = msgspec.json.encode(
    {
        "metadata": {
            "name": "replicationcontroller-web",
            "namespace": "shop",
            "resourceVersion": "7",
        },
        "spec": {"workloadRef": TARGET, "scaleTargetRef": TARGET, "limits": []},
    }
)
"""An object of each kind that is watched."""


def test_a_snapshot_is_the_same_until_a_watch_has_brought_something() -> None:
    observer = Observer(FakeGateway(), lambda key: None)
    before = observer.snapshot()
    assert observer.snapshot() is before
    decide = [w for w in observer.watches() if w not in observer.rules.watches()]
    for watch in decide:
        watch.put(ANYTHING)
        after = observer.snapshot()
        assert after is not before, watch.path
        before = after
