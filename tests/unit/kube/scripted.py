"""An HTTP server on loopback with scripted answers: each request gets the next one."""

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_CLOSE = b""


@dataclass(frozen=True)
class Asked:
    """One request; `at` is the monotonic time of its arrival."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: float


@dataclass(frozen=True)
class Answer:
    """A whole answer. `after`: seconds that the server takes for it."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0


class Stream:
    """The answer to a watch: open until `close`, silent unless something is sent."""

    def __init__(self, *events: Mapping[str, object]) -> None:
        self.lines: queue.Queue[bytes] = queue.Queue()
        for one in events:
            self.send(one)

    def send(self, event: Mapping[str, object]) -> None:
        self.lines.put(json.dumps(event).encode() + b"\n")

    def close(self) -> "Stream":
        self.lines.put(_CLOSE)
        return self


class Script:
    """What is answered to lists (and all else) and to watches; the last answer is repeated."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.answers: list[Answer] = [Answer()]
        self.watches: list[Answer | Stream] = [Stream()]
        self.over = threading.Event()

    def next(self, asked: Asked) -> Answer | Stream:
        self.asked.append(asked)
        ours: list[Any] = self.watches if "watch" in asked.query else self.answers
        answer: Answer | Stream = ours.pop(0) if len(ours) > 1 else ours[0]
        return answer

    def asked_for(self, *, watch: bool) -> list[Asked]:
        return [one for one in self.asked if ("watch" in one.query) == watch]


@contextmanager
def serving() -> Iterator[Script]:
    """A server that runs during the block."""
    script = Script()
    server = _Server(("127.0.0.1", 0), _handler(script))
    script.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield script
    finally:
        script.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def listing(version: int, *objects: Mapping[str, object], cont: str = "") -> Answer:
    """One page of a list."""
    meta = {"resourceVersion": str(version)} | ({"continue": cont} if cont else {})
    return Answer(body=json.dumps({"metadata": meta, "items": objects}).encode())


def pod(name: str, version: int, **more: object) -> dict[str, object]:
    meta = {"name": name, "namespace": "n", "resourceVersion": str(version)}
    return {"metadata": meta, **more}


def event(kind: str, made: Mapping[str, object]) -> dict[str, object]:
    return {"type": kind, "object": made}


def failure(code: int, reason: str, message: str = "because") -> dict[str, object]:
    return {"kind": "Status", "code": code, "reason": reason, "message": message}


def eventually(true: Callable[[], object], within: float = 5.0) -> None:
    """Wait until it holds; fail if it never does."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.005)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that disconnects is expected."""


def _handler(script: Script) -> type[BaseRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query, headers = dict(parse_qsl(url.query)), dict(self.headers.items())
            now = time.monotonic()
            reply = script.next(Asked(self.command, url.path, query, headers, body, now))
            if isinstance(reply, Stream):
                self.stream(reply)
            elif not reply.after or not script.over.wait(reply.after):
                self.whole(reply)
            else:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def whole(self, reply: Answer) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def stream(self, reply: Stream) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Connection", "close")
            self.end_headers()
            for line in _lines(reply, script.over):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


def _lines(stream: Stream, over: threading.Event) -> Iterator[bytes]:
    while not over.is_set():
        with suppress(queue.Empty):
            line = stream.lines.get(timeout=0.02)
            if line == _CLOSE:
                stream.close()  # for a stream that is the last answer, and so is repeated
                return
            yield line


def texts(asked: Sequence[Asked]) -> list[str]:
    return [one.query.get("resourceVersion", "") for one in asked]
