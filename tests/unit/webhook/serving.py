"""The real program as a process of its own, on loopback, and a client for it."""

import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.unit.webhook import certs
from tests.unit.webhook.apiserver import ApiServer

ROOT = Path(__file__).parents[3]


@dataclass
class Served:
    """A running webhook."""

    process: subprocess.Popen[bytes]
    port: int
    directory: Path
    log: Path

    def connect(self, timeout: float = 5.0) -> http.client.HTTPSConnection:
        """A connection of its own; nothing is sent yet. The certificate is not verified."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=context)

    def get(self, path: str) -> tuple[int, str]:
        """Status and body."""
        connection = self.connect()
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def post(self, body: bytes, path: str = "/mutate") -> bytes:
        """The body of the answer to a review."""
        connection = self.connect()
        try:
            return send(connection, body, path)
        finally:
            connection.close()

    def wait_ready(self, seconds: float = 20.0) -> None:
        """Return when /readyz says 200."""
        deadline = time.monotonic() + seconds
        while True:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if self.get("/readyz")[0] == 200:
                    return
            except OSError:
                pass
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def terminate(self) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)


def send(connection: http.client.HTTPSConnection, body: bytes, path: str = "/mutate") -> bytes:
    """Post a review over a connection that stays open; the answer's body."""
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status == 200, content
    return content


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@contextmanager
def started(directory: Path, api: ApiServer, **settings: str) -> Iterator[Served]:
    """`python -m webhook` for as long as the block runs; not yet ready."""
    port = free_port()
    environ = {
        "PATH": os.environ["PATH"],
        "KUBECONFIG": str(api.kubeconfig(directory / "kubeconfig")),
        "PODTAILOR_WEBHOOK_BIND": "127.0.0.1",
        "PODTAILOR_WEBHOOK_PORT": str(port),
        "PODTAILOR_WEBHOOK_CERT_DIR": str(directory),
        "PYTHONWARNINGS": "error::ResourceWarning",
        **settings,
    }
    log = directory / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "webhook"], cwd=ROOT, env=environ, stderr=out
        )
    try:
        yield Served(process, port, directory, log)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def ready(directory: Path, api: ApiServer, **settings: str) -> Iterator[Served]:
    """The same with a certificate, and ready."""
    certs.write(directory, certs.pair())
    with started(directory, api, **settings) as served:
        served.wait_ready()
        yield served
