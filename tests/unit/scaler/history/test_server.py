"""A server that is away, slow, odd or talkative costs one line, and no wait twice."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scaler.history import server as module
from scaler.history.history import HistoryError
from scaler.history.joined import JoinedHistory
from scaler.history.server import Server
from tests.unit.scaler.history.entries import START, entry, workload
from tests.unit.scaler.history.test_served import answer

UNTIL = START + 3600


@contextmanager
def answering(
    status: int, body: bytes, waits: float = 0.0, apart: float = 0.0, lacks: int = 0
) -> Iterator[str]:
    """The address of something that answers like this whatever it is asked.

    `apart`: seconds between two bytes of its answer; `lacks`: bytes that never come.
    """
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            over.wait(waits)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) + lacks))
            self.end_headers()
            for some in (body[i : i + 1] for i in range(len(body))) if apart else (body,):
                if over.wait(apart):
                    return
                self.wfile.write(some)

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{found.server_port}"
        finally:
            over.set()
            found.shutdown()
            thread.join()


def asked(server: Server) -> object:
    return server.minutes(workload(), "nginx", START, UNTIL)


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (500, b"out of\n memory", "500 out of memory"),
        (422, b'{"status": "error", "error": "too many points"}', "422 .*too many points"),
        (200, b"<html>sign in</html>", "not the answer of a Prometheus"),
        (200, answer(cpu_mean=[(1, "many")]), "odd values"),
        (200, b" " * 300, "more than 256 bytes"),
    ],
)
def test_an_odd_answer_is_one_line_that_names_the_server(
    status: int, body: bytes, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST", 256)
    with answering(status, body) as url, pytest.raises(HistoryError, match=says) as e:
        asked(Server(url))
    assert url in str(e.value) and "\n" not in str(e.value)


def test_a_server_that_does_not_answer_is_not_waited_for_again_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    clock = iter([0.0, 1.0, 29.0, 31.0, 32.0])
    with answering(200, answer(), waits=30) as url:
        server = Server(url, monotonic=lambda: next(clock))
        with pytest.raises(HistoryError, match="timed out"):
            asked(server)
        monkeypatch.setattr(module, "TIMEOUT", 30.0)
        for _ in range(2):
            with pytest.raises(HistoryError, match="timed out"):
                asked(server)
    with pytest.raises(HistoryError, match="refused"):
        asked(server)


def test_an_answer_that_comes_byte_by_byte_has_no_more_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    began = time.monotonic()
    with (
        answering(200, b" " * 1000, apart=0.05) as url,
        pytest.raises(HistoryError, match="timed out"),
    ):
        asked(Server(url))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_that_is_cut_off_is_an_error(status: int) -> None:
    with answering(status, b"<ht", lacks=100) as url, pytest.raises(HistoryError, match=url):
        asked(Server(url))


def test_what_it_says_of_other_times_is_left_out() -> None:
    times = (int(START) - 60, int(START) + 60, int(UNTIL) - 60, int(UNTIL) + 3600, 4 * 10**9)
    with answering(200, answer(cpu_mean=[(at, "0.25") for at in times])) as url:
        rows = Server(url).minutes(workload(), "nginx", START, UNTIL)
    assert [row.at for row in rows] == [START, UNTIL - 120]


def test_while_it_is_away_the_file_is_read_and_the_log_has_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from scaler.history.recorder import Recorder

    path, said = str(tmp_path / "history.sqlite"), list[bool]()
    recorder = Recorder(path, 2**26, 86400.0, lambda wrong: None)
    recorder.start()
    recorder.write(entry(START + 1200))
    recorder.stop(5)
    server = Server("http://127.0.0.1:9")
    past = JoinedHistory(path, server, said.append)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert len(past.minutes(workload(), "nginx", START, UNTIL)) == 1
    assert [r.message for r in caplog.records] == ["history not read from the server"]
    assert said == [True, True]
    (kept,) = past.minutes(workload(), "nginx", START, UNTIL)
    figures = [(int(START) + 600, "0.1"), (kept.at, "0.2"), (kept.at + 60, "0.3")]
    with answering(200, answer(cpu_mean=figures)) as url:
        server.url, server._silent = url, None
        found = past.minutes(workload(), "nginx", START, UNTIL)
    assert [r.cpu_mean for r in found] == [100.0, 200.0, kept.cpu_mean] and said[-1] is False
