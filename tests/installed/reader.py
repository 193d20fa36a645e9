"""What somebody who reads README.md sees of the quickstart's Deployment, by kubectl."""

import json
import shlex

from tests.installed.release import Json
from tests.quickstart import page
from tests.quickstart.terminal import Terminal

PAGE = page.README.read_text()


def below(heading: str) -> list[str]:
    """All commands below a heading of the page."""
    return [c for block, _ in page.shown(PAGE, heading) for c in block.commands]


def pods(user: Terminal) -> list[Json]:
    """All pods of the Deployment, those that are being deleted too."""
    return list(json.loads(user.run("kubectl get pods -l app=web -o json"))["items"])


def active(user: Terminal) -> list[Json]:
    """Those that are not being deleted."""
    return [p for p in pods(user) if "deletionTimestamp" not in p["metadata"]]


def limits(user: Terminal) -> list[str]:
    """The CPU limits of the active ones."""
    return [p["spec"]["containers"][0]["resources"]["limits"]["cpu"] for p in active(user)]


def uids(user: Terminal) -> set[str]:
    """The UIDs of the active ones: the very pods, not others of their name."""
    return {p["metadata"]["uid"] for p in active(user)}


def reason(user: Terminal, expected: str) -> None:
    """Waits until the PodSize says so. Raises AssertionError where it does not within a minute."""
    path = "{.status.reason}"
    wait = f"kubectl wait podsize/deployment-web --for=jsonpath='{path}'={expected} --timeout=60s"
    user.run(wait)


def refused(user: Terminal, command: str) -> str:
    """What a command says that has to fail."""
    done = user.tried(command)
    assert done.returncode, done.stdout
    return done.stdout


def hold(user: Terminal) -> str:
    """Hands one pod over to the PodSize, as the scaler does; its name."""
    podsize = json.loads(user.run("kubectl get podsize deployment-web -o json"))["metadata"]
    meta = pods(user)[0]["metadata"]
    former = {**meta["ownerReferences"][0], "controller": False}
    holder = {"apiVersion": "podtailor.io/v1alpha1", "kind": "PodSize", "controller": True}
    holder |= {"name": "deployment-web", "uid": podsize["uid"]}
    patch = {"metadata": {"ownerReferences": [holder, former]}}
    name = str(meta["name"])
    user.run(f"kubectl patch pod {name} --type=merge --patch={shlex.quote(json.dumps(patch))}")
    return name


def owner(pod: Json) -> str:
    """The kind of its controller."""
    references = pod["metadata"].get("ownerReferences", [])
    return next((str(r["kind"]) for r in references if r.get("controller")), "none")
