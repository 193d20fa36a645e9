"""Log lines: constant messages, the fields beside them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from kube.logs import configure


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def written(form: str, level: str = "info", **extra: object) -> str:
    out = io.StringIO()
    configure(level, form, out)
    logging.getLogger("a.b").info("pod sized", extra=extra)
    return out.getvalue()


def test_a_text_line_has_the_fields_after_the_message() -> None:
    told = written("text", pod="shop/web-1", took=0.5, detail='a "b" c\nd', empty="")
    time, rest = told.split(" ", 1)
    assert time.endswith("Z")
    assert rest == (
        'INFO a.b: pod sized pod=shop/web-1 took=0.5 detail="a \\"b\\" c\\nd" empty=""\n'
    )


def test_json_logs_are_one_object_per_line() -> None:
    told = written("json", pod="shop/web-1", took=0.5, thing=ValueError("x"))
    assert told.count("\n") == 1
    line = json.loads(told)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "INFO",
        "logger": "a.b",
        "message": "pod sized",
        "pod": "shop/web-1",
        "took": 0.5,
        "thing": "x",
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_exception_keeps_its_traceback(form: str) -> None:
    out = io.StringIO()
    configure("info", form, out)
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        logging.getLogger("a").exception("failed")
    assert "RuntimeError: broken" in out.getvalue()
    assert out.getvalue().count("\n") == (1 if form == "json" else 5)


def test_messages_below_the_level_are_not_written() -> None:
    assert written("text", level="warning") == ""


def test_logging_that_is_configured_twice_writes_each_line_once() -> None:
    configure("info", "text", io.StringIO())
    assert written("text").count("pod sized") == 1
