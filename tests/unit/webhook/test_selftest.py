"""What `helm test` says of a webhook that answers, of one that does not, and of a wrong one."""

import http.client
import io
import json
from collections.abc import Callable

import pytest

from webhook import selftest


class Scripted:
    """A connection that gives one answer, made from the request's body."""

    def __init__(self, answer: Callable[[str], tuple[int, bytes]]) -> None:
        self._answer = answer
        self._body = ""

    def request(self, method: str, path: str, body: str = "", headers: object = None) -> None:
        self._body = body

    def getresponse(self) -> http.client.HTTPResponse:
        status, body = self._answer(self._body)
        head = f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        response = http.client.HTTPResponse(_Wire(head + body))  # type: ignore[arg-type]
        response.begin()
        return response


class _Wire:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._content)


def answering(**change: object) -> Callable[[str], tuple[int, bytes]]:
    def answer(body: str) -> tuple[int, bytes]:
        uid = json.loads(body)["request"]["uid"]
        response = {"uid": uid, "allowed": True, **change}
        return 200, json.dumps({"response": response}).encode()

    return answer


def test_a_pod_that_belongs_to_nobody_has_to_come_back_untouched() -> None:
    assert selftest.reviewed(Scripted(answering())) == ""  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"allowed": False}, {"uid": "another"}, {"patch": "W10="}])
def test_any_answer_but_an_untouched_pod_fails_the_self_test(change: dict[str, object]) -> None:
    wrong = selftest.reviewed(Scripted(answering(**change)))  # type: ignore[arg-type]
    assert "unexpected answer" in wrong


def test_a_program_that_is_not_ready_is_quoted() -> None:
    connection = Scripted(lambda _: (503, b"the store has not been read yet\n"))
    assert selftest.ready(connection) == "503: the store has not been read yet"  # type: ignore[arg-type]


def test_an_address_where_nobody_listens_is_a_failure_and_no_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    nowhere = {
        "PODTAILOR_SELFTEST_WEBHOOK": "127.0.0.1",
        "PODTAILOR_SELFTEST_PORT": "1",
        "PODTAILOR_SELFTEST_SERVERNAME": "webhook.ns.svc",
        "PODTAILOR_SELFTEST_SCALER": "127.0.0.1:1",
    }
    assert selftest.main(nowhere, patience=0) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["FAILED"] * 3
