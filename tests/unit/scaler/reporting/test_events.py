"""Events as the API server accepts them, whatever they are about."""

import re

import pytest

from kube.errors import Forbidden, Unreachable
from scaler.reporting.events import KEPT, PAUSE, Event, Events, Subject, cut, manifest
from scaler.reporting.metrics import Metrics
from tests.fakes import FakeGateway

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
NOW = 1_795_000_000.0


def event(name: str = "web", note: str = "why", uid: str = "u") -> Event:
    return Event(Subject("apps/v1", "Deployment", "shop", name, uid), "Write", "Doubled", note)


@pytest.mark.parametrize("length", [1, 199, 200, 201, 241, 242, 243, 250, 253])
@pytest.mark.parametrize("filling", ["a", "a.b-", "x--y.", "1.2"])
def test_the_name_is_always_valid(length: int, filling: str) -> None:
    raw = (filling * 253)[:length].rstrip(".-")
    for dotted in (raw, raw[:199] + ".z" if length > 201 else raw):
        meta = manifest(event(dotted), "me", NOW)["metadata"]
        assert isinstance(meta, dict)
        name = str(meta["name"])
        assert len(name) <= 253 and _SUBDOMAIN.fullmatch(name), name


def test_the_longest_name_still_tells_events_apart() -> None:
    names = {str(manifest(event("a" * 253, note), "me", NOW)["metadata"]) for note in ("x", "y")}
    assert len(names) == 2


@pytest.mark.parametrize("letter", ["a", "ä", "€", "😀"])
@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_a_note_is_cut_by_bytes_and_never_inside_a_character(letter: str, before: str) -> None:
    text = before + 700 * letter
    short = cut(text, 1024)
    assert len(short.encode()) <= 1024
    if len(text.encode()) <= 1024:
        assert short == text
    else:
        assert text.startswith(short.removesuffix("…")) and len(short.encode()) > 1016


class Refusing(FakeGateway):
    error: Exception | None = None
    asked = 0

    def post(self, path: str, body: object, **query: str) -> bytes:
        self.asked += 1
        if self.error:
            raise self.error
        return super().post(path, body, **query)


def test_refusals_are_counted_and_logged_once_for_an_object(
    caplog: pytest.LogCaptureFixture,
) -> None:
    api, metrics = Refusing(), Metrics()
    events = Events(api, "me", metrics)
    api.error = Forbidden(403, "Forbidden", "no events here")
    for note in ("a", "b", "c"):
        events.make(event(note=note), NOW)
    events.make(event(uid="another"), NOW)
    assert caplog.text.count("event not made") == 2
    assert metrics.registry.get_sample_value("podtailor_events_lost_total") == 4


def test_an_event_that_got_no_answer_holds_up_no_other() -> None:
    api = Refusing()
    events = Events(api, "me", Metrics())
    api.error = Unreachable(0, "ReadTimeout", "timed out")
    for seconds in (0.0, 1.0, PAUSE - 1):
        events.make(event(note=str(seconds)), NOW + seconds)
    assert api.asked == 1
    api.error = None
    events.make(event(), NOW + PAUSE)
    assert len(api.objects) == 1


def test_the_same_event_is_not_asked_for_again_within_the_hour() -> None:
    api = Refusing()
    events = Events(api, "me", Metrics())
    for seconds in (0.0, 1.0, KEPT - 1):
        events.make(event(), NOW + seconds)
    assert api.asked == 1
    events.make(event(note="another"), NOW + 1)
    events.make(event(), NOW + KEPT)
    assert api.asked == 3


def test_events_that_are_held_are_made_later_in_their_order() -> None:
    api = Refusing()
    events = Events(api, "me", Metrics())
    for _ in range(2):
        events.hold()
        events.make(event(note="a"), NOW)
        events.make(event(note="b"), NOW)
    assert api.asked == 0
    events.release()
    assert [o["note"] for o in api.objects.values()] == ["a", "b"]
    events.make(event(note="c"), NOW)
    assert api.asked == 3, "at once again"
    events.release()
    assert api.asked == 3
