"""What is read of a request's body, and what of it is kept."""

import io

import pytest

from webhook.body import LARGEST, SMALL, read_body


@pytest.mark.parametrize("declared", [True, False], ids=["length declared", "length not declared"])
@pytest.mark.parametrize(
    ("length", "whole"),
    [(0, True), (1, True), (SMALL, True), (SMALL + 1, True), (LARGEST, True), (LARGEST + 1, False)],
)
def test_a_body_is_read_whole_up_to_the_largest(length: int, whole: bool, declared: bool) -> None:
    sent = b"ab" * (length // 2) + b"a" * (length % 2)
    stream = io.BytesIO(sent)
    body, is_whole = read_body(stream, length if declared else None)
    assert is_whole is whole
    assert body == (sent if whole else sent[:4096])
    assert stream.read() == b""


def test_large_bodies_follow_one_another() -> None:
    for _ in range(3):
        assert not read_body(io.BytesIO(b"x" * (LARGEST + 9)), LARGEST + 9)[1]
