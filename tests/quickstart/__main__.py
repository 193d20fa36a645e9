"""`python -m tests.quickstart`: run README.md's quickstart and write into it what a user sees.

Needs a cluster without podtailor, with its image on the nodes: `make cluster image`, then
`tests/cluster/run .venv/bin/python -m tests.quickstart`. Three minutes; afterwards podtailor is
gone again.
"""

import subprocess
import sys

from tests.quickstart.page import QUICKSTART, README, filled, shown
from tests.quickstart.terminal import terminal

NAMESPACE = "quickstart"


def main() -> int:
    """The exit status."""
    page = README.read_text()
    subprocess.run(["kubectl", "create", "namespace", NAMESPACE], check=True)
    try:
        with terminal(NAMESPACE) as user:
            outputs = [user.block(block.commands) for block, _ in shown(page, QUICKSTART)]
            user.block([c for block, _ in shown(page, "Uninstall") for c in block.commands])
    finally:
        subprocess.run(["kubectl", "delete", "namespace", NAMESPACE], check=True)
    README.write_text(filled(page, outputs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
