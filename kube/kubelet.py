"""Reads a kubelet's metrics directly, with our own identity.

Needs only the permission `nodes/metrics`; never `nodes/proxy`, which amounts to a shell in every
pod of the node. The deadline covers the whole call: every read from the socket gets the time that
is left, so a kubelet that sends a byte now and then cannot hold up the caller. That is why this
uses the standard library's client rather than urllib3, whose timeouts restart with each byte.

| the kubelet                                   | outcome                           |
| --------------------------------------------- | --------------------------------- |
| answers 200 within the deadline               | the text                          |
| has a certificate that our CA did not sign,   | Unverified                        |
| or one for another address                    |                                   |
| 401, 403                                      | Forbidden, naming `nodes/metrics` |
| refuses, hangs, trickles, breaks off, is 5xx  | Unreachable                       |
| sends more than 16 MiB, or invalid UTF-8; of  | Unreachable                       |
| which only some lines are wanted, 128 MiB     |                                   |
| anything else (a redirect is not followed)    | KubeError by its status           |
"""

import http.client
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

from kube.errors import Forbidden, KubeError, Unreachable, error_of
from kube.gateway import Trust
from kube.kubelet_connections import Connection, Connections

PATH = "/metrics/resource"
_LARGEST = 16 * 1024 * 1024
_LARGEST_PICKED = 128 * 1024 * 1024
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    """A page of metrics. `wanted`: what a line that counts begins with; empty: all of them do.

    `unwanted`: with what of those a line begins that does not count.
    """

    path: str
    wanted: tuple[bytes, ...] = ()
    unwanted: tuple[bytes, ...] = ()


RESOURCE = Page(PATH)


class Unverified(Unreachable):
    """The kubelet's certificate cannot be verified by the cluster's CA."""


class KubeletReader:
    """Any kubelet of the cluster; safe for use from several threads. Connections are kept.

    `trust` is called each time (`gateway.trust`), so that a renewed token is used.
    """

    def __init__(self, trust: Callable[[], Trust], *, verify: bool) -> None:
        self._trust = trust
        self._connections = Connections(verify=verify)

    def read(self, address: str, port: int, timeout: float, page: Page = RESOURCE) -> str:
        """The text of a page; `timeout` in seconds is for the whole call.

        Raises KubeError: Unverified, Unreachable, or Forbidden on 401 and 403. `address` should be
        an IP address: resolving a name has no deadline.
        """
        until = time.monotonic() + timeout
        where = f"the kubelet at {address}:{port}"
        try:
            return self._read((address, port), until, page)
        except ssl.SSLCertVerificationError as e:
            message = f"the certificate of {where} cannot be verified: {e.verify_message}"
            raise Unverified(0, "Unverified", message[:400]) from e
        except TimeoutError as e:
            message = f"{where} did not answer within {timeout:g} s"
            raise Unreachable(0, "Timeout", message) from e
        except (OSError, http.client.HTTPException, ValueError) as e:
            message = f"{where}: {type(e).__name__}: {e}"
            raise Unreachable(0, "Broken", message[:400]) from e

    def close(self) -> None:
        """Close the connections that are kept."""
        self._connections.close()

    def _read(self, to: tuple[str, int], until: float, page: Page) -> str:
        trust = self._trust()
        kept = self._connections.kept(to, trust)
        if kept is not None:
            try:
                return self._asked(kept, until, page, trust)
            except (ConnectionError, ssl.SSLError):
                pass  # the kubelet has ended it meanwhile
        return self._asked(self._connections.opened(to, trust, until), until, page, trust)

    def _asked(self, connection: Connection, until: float, page: Page, trust: Trust) -> str:
        own = {"Authorization": trust.authorization} if trust.authorization else {}
        whole = False
        try:
            connection.until(until)
            connection.http.request("GET", page.path, headers=own)
            # An answer without a length holds the socket, whatever becomes of the connection.
            with connection.http.getresponse() as answer:
                if answer.status != 200:
                    raise _refusal(page, answer.status, answer.getheader("Retry-After"))
                text = _picked(answer, page) if page.wanted else _text(answer)
                whole = answer.isclosed() and not answer.will_close
            return text
        finally:
            if whole:
                self._connections.keep(connection)
            else:
                connection.http.close()


def _text(answer: http.client.HTTPResponse) -> str:
    body = answer.read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise Unreachable(200, "TooLarge", f"the kubelet sent more than {_LARGEST} bytes")
    if answer.length:  # a bounded read does not notice a truncated answer
        raise http.client.IncompleteRead(body, answer.length)
    return body.decode()


def _picked(answer: http.client.HTTPResponse, page: Page) -> str:
    """The lines that count, of an answer that is never held as a whole."""
    wanted, unwanted = page.wanted, page.unwanted
    kept: list[bytes] = []
    rest, size = b"", 0
    while chunk := answer.read(_CHUNK):
        size += len(chunk)
        if size > _LARGEST_PICKED:
            raise Unreachable(
                200, "TooLarge", f"the kubelet sent more than {_LARGEST_PICKED} bytes"
            )
        *lines, rest = (rest + chunk).split(b"\n")
        kept += [x for x in lines if x.startswith(wanted) and not x.startswith(unwanted)]
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    kept += [rest] if rest.startswith(wanted) else []
    return b"\n".join(kept).decode()


def _refusal(page: Page, status: int, retry_after: str | None) -> KubeError:
    if status in (401, 403):
        message = f"the kubelet answers {status}: our identity needs `get` on nodes/metrics"
        return Forbidden(status, "Forbidden", message)
    if 300 <= status < 400 or status < 200:
        return KubeError(status, "Unexpected", f"the kubelet answers {status} to GET {page.path}")
    return error_of(status, b"{}", retry_after)
