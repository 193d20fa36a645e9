"""`python -m webhook` that stops trusting its cache sooner, where that is asked."""

import os
import sys

STALE = "FAULTS_STALE"
"""Seconds without a word of the API server after which the webhook is not ready."""


def shorten(seconds: str) -> None:
    """What `create_app` takes for its default."""
    from webhook import app

    defaults = app.create_app.__kwdefaults__
    assert defaults is not None
    defaults["stale"] = float(seconds)


if __name__ == "__main__":
    from webhook.__main__ import main

    if asked := os.environ.get(STALE):
        shorten(asked)
    sys.exit(main(sys.argv[1:], os.environ))
