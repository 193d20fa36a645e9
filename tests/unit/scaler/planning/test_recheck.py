"""Is what was planned still right in the light of a fresh list of pods?

Of pods in need: test_rollback.py.
"""

import msgspec

from kube import objects
from scaler.model import Evict
from scaler.planning.recheck import still
from store.model import Phase, Status
from store.reasons import Reason
from store.records import PodCount
from tests.unit.scaler.builders import owner, pod, stored, view
from tests.unit.scaler.cycles import context, planned


def test_a_rollout_that_no_watch_has_shown_yet_is_seen_in_the_fresh_list() -> None:
    """Found by simulation: pods of a new ReplicaSet counted for nobody, and one more was taken."""
    sets = (owner(metadata={"uid": "old"}),)
    old = [pod(name, of="old") for name in ("a", "b")]
    status = Status(size=stored(), phase=Phase.APPLYING, reason=Reason.DOUBLED, pods=PodCount(2, 0))
    seen = view(*old, kind="Deployment", replica_sets=sets, status=status)
    verdict = planned(seen)
    assert isinstance(verdict.action, Evict)
    assert still(seen, verdict, context(), old)
    mark = {"labels": {"pod-template-hash": "123"}}
    reference = {"kind": "ReplicaSet", "uid": "new", "controller": True}
    for name, expected in (("web-123", False), ("other-123", True)):
        meta = {"name": "c", **mark, "ownerReferences": [{**reference, "name": name}]}
        new = msgspec.convert({"metadata": meta}, objects.Pod)
        assert still(seen, verdict, context(), [*old, new]) is expected
