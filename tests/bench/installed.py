"""The chart's own release, for as long as a measurement needs it: only its scaler may surge.

The rights policy applies to that scaler's own account, so a process on this machine cannot replace
it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kube.errors import NotFound
from kube.gateway import Gateway
from tests.bench.stage import unused
from tests.e2e.programs import unconfigure
from tests.e2e.workloads import until
from tests.installed.release import Release


@contextmanager
def installed(gateway: Gateway, *values: str) -> Iterator[Release]:
    """Install with these values, uninstall at the end. Raises RuntimeError if not allowed."""
    release = Release(gateway)
    unused(gateway)
    with suppress(NotFound):
        unconfigure(gateway)
    if release.there():
        if os.environ.get("CLUSTER") == "current":
            raise RuntimeError(f"podtailor is installed in {release.namespace}: uninstall it first")
        print("bench: the installed release gives way to one with other settings", flush=True)
        release.uninstall()
    try:
        release.install(*values)
        until(release.whole, 60)
        yield release
    finally:
        if release.there():
            release.uninstall()
