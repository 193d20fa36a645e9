"""`python -m webhook` that distrusts its cache sooner, if its environment says so."""

import os
import sys

STALE = "FAULTS_STALE"
"""Seconds without a word of the API server after which the webhook is not ready."""


def shorten(seconds: str) -> None:
    """Replace the default of `create_app`."""
    from webhook import app

    defaults = app.create_app.__kwdefaults__
    assert defaults is not None
    defaults["stale"] = float(seconds)


if __name__ == "__main__":
    from webhook.__main__ import main

    if asked := os.environ.get(STALE):
        shorten(asked)
    sys.exit(main(sys.argv[1:], os.environ))
