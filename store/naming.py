"""The PodSize that belongs to a workload: its name, as in the CRD, and its path. Pure."""

import hashlib

from store.model import PODSIZE, Workload

LONGEST = 253  # characters: the longest name that an object may have


def object_name(workload: Workload) -> str:
    """Lower-case kind, dash, workload name; a longer one is cut and given an 8-digit hash.

    A dot right before the cut is removed too: `x.-0a1b2c3d` would not be a valid name.
    """
    name = f"{workload.kind.lower()}-{workload.name}"
    if len(name) <= LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: LONGEST - 9].rstrip('.')}-{digest}"


def object_path(workload: Workload, *rest: str) -> str:
    """Where the API server keeps it; `rest`: what lies under it (`status`)."""
    return PODSIZE.path(workload.namespace, object_name(workload), *rest)
