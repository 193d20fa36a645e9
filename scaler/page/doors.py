"""Who may look: the door in front of what is shown of the cluster. Pure.

Without authentication the page is for port-forwards, and for who reaches the pod itself:

| the request's `Host` names                 | it is    | because                                |
| ------------------------------------------ | -------- | -------------------------------------- |
| `localhost`, a loopback address            | answered | a port-forward ends in the pod         |
| any address, and it arrived at loopback    | answered | it listens on more than loopback       |
| the address at which the pod was reached   | answered | by its address, within the cluster     |
| anything else: a Service, a proxy, a       | refused  | off the Service; and another site in a |
| domain                                     |          | browser cannot read the page through a |
|                                            |          | domain that leads here                 |
"""

from ipaddress import ip_address
from typing import Protocol

from msgspec import Struct


class Asked(Struct, frozen=True):
    """What a request says of itself; `local`: the address at which it arrived."""

    host: str = ""
    local: str = ""
    authorization: str = ""


class Refused(Exception):
    """An HTTP status, and why, in one line for the user."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Viewer(Protocol):
    """Somebody who looks. Raises Refused where that cannot be found out."""

    def may_list(self, namespace: str) -> bool:
        """The workloads of a namespace."""

    def may_get(self, namespace: str, name: str) -> bool:
        """One PodSize of it."""


class Door(Protocol):
    """Lets viewers in."""

    def enter(self, asked: Asked) -> None:
        """For what shows nothing of the cluster. Raises Refused."""

    def viewer(self, asked: Asked) -> Viewer:
        """For all else. Raises Refused."""


class Anybody:
    """May see everything."""

    def may_list(self, namespace: str) -> bool:
        """Yes."""
        return True

    def may_get(self, namespace: str, name: str) -> bool:
        """Yes."""
        return True


class OpenDoor:
    """No authentication: the table above."""

    def enter(self, asked: Asked) -> None:
        """Raises Refused."""
        if not near(asked):
            raise Refused(
                421,
                "this page is not served by this name. Use kubectl port-forward to the scaler's "
                "Deployment and open localhost, or set scaler.page.auth=kubernetes",
            )

    def viewer(self, asked: Asked) -> Viewer:
        """Raises Refused."""
        self.enter(asked)
        return Anybody()


def near(asked: Asked) -> bool:
    """Whether the request names this machine, or the address at which it arrived."""
    name = _name(asked.host)
    if name == "localhost":
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    local = asked.local.removeprefix("::ffff:")
    return address.is_loopback or str(address) == local or _forwarded(local)


def _forwarded(local: str) -> bool:
    """Whether it arrived inside the pod, whatever address its forwarder listens on."""
    return bool(local) and ip_address(local).is_loopback


def _name(host: str) -> str:
    """A `Host` without its port."""
    if host.startswith("["):
        name, closed, _ = host[1:].partition("]")
        return name.lower() if closed else ""
    return host.partition(":")[0].lower()
