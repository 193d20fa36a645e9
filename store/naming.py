"""The name of the PodSize that belongs to a workload, the same in both programs and in the CRD."""

import hashlib

from store.model import Workload

LONGEST = 253  # characters that an object's name may have


def object_name(workload: Workload) -> str:
    """Lower-case kind, dash, workload name; a longer one is cut and given an 8-digit hash.

    A cut right behind a dot takes that too: `x.-0a1b2c3d` would be no name.
    """
    name = f"{workload.kind.lower()}-{workload.name}"
    if len(name) <= LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: LONGEST - 9].rstrip('.')}-{digest}"
