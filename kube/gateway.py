"""Raw JSON to and from the API server; every call has a limit on how long it waits for an answer.

The official client supplies what is hard to get right (kubeconfig, the in-cluster token and its
renewal, TLS). Its generated models are never used: 5,000 pods take 6.3 s and 800 MB as models, but
0.07 s and 35 MB as typed structs. Retries are off: every caller is a level-triggered loop that runs
again anyway, and a hidden retry would exceed the call's time limit.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec
import urllib3

from kube import official, verifying
from kube.errors import KubeError, Unreachable, error_of
from kube.servertime import ServerTime

MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
_CONNECT_SECONDS = 3.0


@dataclass(frozen=True)
class Trust:
    """How to reach another TLS server (a kubelet) with the same identity.

    `ca_file` is None where the configuration carries none; `authorization` is the header's value.
    """

    ca_file: str | None
    client_cert_file: str | None
    client_key_file: str | None
    authorization: str | None


class Gateway:
    """One API server. Safe for use from several threads."""

    def __init__(self, configuration: official.Configuration, *, timeout: float = 10.0) -> None:
        """`timeout`: seconds that one call may wait for the server's next bytes."""
        configuration.retries = False
        configuration.connection_pool_maxsize = 32
        self._configuration = configuration
        self._pool = official.RESTClientObject(configuration).pool_manager
        verifying.install(self._pool)
        self._timeout = timeout
        self.time = ServerTime()

    def get(self, path: str, **query: str) -> bytes:
        """The body of a GET. Raises KubeError."""
        return self._call("GET", path, query)

    def post(self, path: str, body: object, **query: str) -> bytes:
        """Create; the answer's body. Raises KubeError."""
        return self._call("POST", path, query, body)

    def put(self, path: str, body: object, **query: str) -> bytes:
        """Replace; the answer's body. Raises KubeError (Conflict on an old resourceVersion)."""
        return self._call("PUT", path, query, body)

    def patch(self, path: str, body: object, kind: str = MERGE_PATCH, **query: str) -> bytes:
        """Patch with one of the content types above; the answer's body. Raises KubeError."""
        return self._call("PATCH", path, query, body, kind)

    def delete(self, path: str, body: object = None, **query: str) -> bytes:
        """Delete, `body` being DeleteOptions; the answer's body. Raises KubeError."""
        return self._call("DELETE", path, query, body)

    def stream(self, path: str, *, silence: float, **query: str) -> Generator[bytes, None, None]:
        """The lines of a watch that the server has accepted, until it closes it.

        Raises KubeError when it is refused, and Unreachable when nothing at all arrives for
        `silence` seconds: a dead peer never closes its connection, and the client's own watch would
        hang.
        """
        lines = self._stream(path, silence, query)
        next(lines)  # sends the request now rather than when the first line is read
        return lines

    def _stream(
        self, path: str, silence: float, query: Mapping[str, str]
    ) -> Generator[bytes, None, None]:
        answer = self._open("GET", path, query, None, "", silence)
        try:
            yield b""
            yield from _lines(answer)
        except urllib3.exceptions.HTTPError as e:
            raise Unreachable(0, "Broken", str(e)[:200]) from e
        finally:
            answer.close()

    @property
    def host(self) -> str:
        """The API server's URL."""
        return str(self._configuration.host)

    def trust(self) -> Trust:
        """Our identity and the cluster's CA, for servers other than the API server."""
        c = self._configuration
        return Trust(c.ssl_ca_cert, c.cert_file, c.key_file, self._headers().get("authorization"))

    def _call(
        self, method: str, path: str, query: Mapping[str, str], body: object = None, kind: str = ""
    ) -> bytes:
        answer = self._open(method, path, query, body, kind, self._timeout)
        try:
            return bytes(answer.data)
        except urllib3.exceptions.HTTPError as e:
            raise Unreachable(0, "Broken", str(e)[:200]) from e
        finally:
            answer.release_conn()

    def _open(  # noqa: PLR0913 (the one place that builds a request)
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: object,
        kind: str,
        timeout: float,
    ) -> urllib3.BaseHTTPResponse:
        headers = self._headers()
        if body is not None:
            headers["Content-Type"] = kind or "application/json"
        url = self._configuration.host + path + ("?" + urlencode(query) if query else "")
        asked = self.time.monotonic()
        try:
            answer: urllib3.BaseHTTPResponse = self._pool.request(
                method,
                url,
                body=None if body is None else msgspec.json.encode(body),
                headers=headers,
                timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=timeout),
                retries=False,
                preload_content=False,
            )
        except urllib3.exceptions.HTTPError as e:
            raise Unreachable(0, type(e).__name__, str(e)[:200]) from e
        self.time.observe(answer.headers.get("Date"), asked)
        if answer.status >= 300:
            raise self._error(answer)
        return answer

    @staticmethod
    def _error(answer: urllib3.BaseHTTPResponse) -> KubeError:
        try:
            return error_of(answer.status, answer.data, answer.headers.get("Retry-After"))
        except urllib3.exceptions.HTTPError as e:
            return Unreachable(answer.status, "Broken", str(e)[:200])
        finally:
            answer.release_conn()

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        try:
            settings: Mapping[str, Mapping[str, str]] = self._configuration.auth_settings()
        except (official.ConfigException, OSError) as e:
            raise Unreachable(0, "NoIdentity", f"the token cannot be read: {e}") from e
        for auth in settings.values():
            if auth["in"] == "header" and auth["value"]:
                headers[auth["key"]] = auth["value"]
        return headers


def _lines(answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    rest = b""
    for chunk in answer.stream(65536, decode_content=True):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line for line in whole if line)


def connect(*, context: str | None = None, timeout: float = 10.0) -> Gateway:
    """The cluster we run in, else the one that KUBECONFIG names.

    Raises KubeError when neither is there.
    """
    configuration = official.Configuration()
    try:
        try:
            official.load_incluster_config(client_configuration=configuration)
        except official.ConfigException:
            official.load_kube_config(context=context, client_configuration=configuration)
    except (official.ConfigException, OSError) as e:
        raise Unreachable(0, "NoCluster", f"no cluster to connect to: {e}") from e
    return Gateway(configuration, timeout=timeout)
