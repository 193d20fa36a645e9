"""The same clients inside a pod, for clusters whose Services this machine cannot reach.

The pod runs the client's file on the podtailor image, which contains Python; it prints its tally on
SIGTERM.
"""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import tests.load.client
from tests.load.client import Tally

NAME = "load"


class PodLoad:
    """Clients in a pod of `namespace` against http://HOST:PORT/PATH until `stop()`."""

    def __init__(self, namespace: str, host: str, port: int, *, clients: int) -> None:
        self._kubectl = ["kubectl", "--namespace", namespace]
        self._target = [host, str(port), "/", str(clients), "3600"]

    def start(self) -> "PodLoad":
        """Create the pod and wait until it runs."""
        source = Path(tests.load.client.__file__).read_text()
        image = os.environ.get("IMAGE", "localhost/podtailor:0.1.0")
        spec = {
            "terminationGracePeriodSeconds": 10,
            "restartPolicy": "Never",
            "containers": [
                {
                    "name": NAME,
                    "image": image,
                    "command": ["python3", "-c", source, *self._target],
                }
            ],
        }
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": NAME}, "spec": spec}
        self._run("apply", "-f", "-", stdin=json.dumps(pod))
        self._run("wait", "--for=condition=Ready", f"pod/{NAME}", "--timeout=60s")
        return self

    def stop(self) -> Tally:
        """Stop the clients; the tally."""
        kill = "import os, signal; os.kill(1, signal.SIGTERM)"
        self._run("exec", NAME, "--", "python3", "-c", kill)
        self._run(
            "wait", "--for=jsonpath={.status.phase}=Succeeded", f"pod/{NAME}", "--timeout=60s"
        )
        raw = json.loads(self._run("logs", NAME))
        self._run("delete", "pod", NAME)
        same = {name: raw[name] for name in ("longest_gap", "started")}
        seen = Tally(**same, errors=Counter(raw["errors"]))
        for which in ("answered", "failed"):
            counter: Counter[int] = getattr(seen, which)
            counter.update({int(second): count for second, count in raw[which].items()})
        return seen

    def _run(self, *words: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            [*self._kubectl, *words], input=stdin, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout
