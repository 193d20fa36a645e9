"""The watch against a server that does what servers do: closes, expires, lies, dies."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from kube.gateway import Gateway
from kube.objects import Key, Pod
from kube.watching import SILENCE, Watch
from tests.unit.kube.scripted import (
    Answer,
    Script,
    Stream,
    event,
    eventually,
    failure,
    listing,
    pod,
    texts,
)

A: Key = ("n", "a")
B: Key = ("n", "b")


class Follower:
    """A watch in its thread, and the keys that it told of."""

    def __init__(self, gateway: Gateway, silence: float, optional: bool = False) -> None:
        self.told: list[Key] = []
        self.watch = Watch(
            gateway, "/pods", Pod, changed=self.told.append, silence=silence, optional=optional
        )

    def version(self, key: Key) -> str | None:
        held = self.watch.get(key)
        return held.metadata.resource_version if held else None

    @contextmanager
    def running(self, api: Script) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=self.watch.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            api.over.set()  # the server closes what is open
            thread.join(5)
            assert not thread.is_alive(), "the watch does not stop"


Follow = Callable[..., Follower]


@pytest.fixture
def follow(api: Script, gateway: Gateway) -> Iterator[Follow]:
    with ExitStack() as stack:

        def start(silence: float = 5.0, optional: bool = False) -> Follower:
            follower = Follower(gateway, silence, optional)
            stack.enter_context(follower.running(api))
            return follower

        yield start


def test_a_list_is_read_page_by_page_and_then_watched(api: Script, follow: Follow) -> None:
    api.answers = [listing(7, pod("a", 5), cont="next"), listing(7, pod("b", 6))]
    api.watches = [stream := Stream()]
    f = follow()
    eventually(lambda: f.watch.synced)
    assert set(f.watch.snapshot()) == {A, B} == set(f.told)
    assert [one.query.get("continue") for one in api.asked_for(watch=False)] == [None, "next"]
    stream.send(event("MODIFIED", pod("a", 8)))
    stream.send(event("DELETED", pod("b", 9)))
    eventually(lambda: f.version(A) == "8" and f.version(B) is None)
    (asked,) = api.asked_for(watch=True)
    assert asked.query["resourceVersion"] == "7"
    assert asked.query["allowWatchBookmarks"] == "true"
    assert 0 < int(asked.query["timeoutSeconds"]) < SILENCE


def test_a_watch_shows_nothing_before_the_whole_list_is_read(api: Script, follow: Follow) -> None:
    api.answers = [listing(7, pod("a", 5), cont="next"), Answer(after=60)]
    f = follow()
    eventually(lambda: len(api.asked) == 2)
    assert not f.watch.synced
    assert f.watch.snapshot() == {}
    assert f.watch.age() == float("inf")


def test_a_closed_stream_goes_on_from_the_bookmark(api: Script, follow: Follow) -> None:
    api.answers = [listing(5)]
    first = Stream(event("ADDED", pod("a", 6)), event("BOOKMARK", pod("", 30))).close()
    api.watches = [first, Stream(event("MODIFIED", pod("a", 31)))]
    f = follow()
    eventually(lambda: f.version(A) == "31")
    assert texts(api.asked_for(watch=True)) == ["5", "30"]
    assert len(api.asked_for(watch=False)) == 1


EXPIRED = [
    Answer(410, json.dumps(failure(410, "Expired")).encode()),
    Stream(event("ERROR", failure(410, "Expired"))),
    Stream(event("ADDED", pod("c", 3))),  # back in time: the server's store was replaced
]


@pytest.mark.parametrize("expired", EXPIRED, ids=["on the watch", "inside it", "backwards"])
def test_an_expired_version_is_listed_again_at_once(
    expired: Answer | Stream, api: Script, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kube.pacing._BACK_OFF", (5.0, 5.0))  # a wait would be 2.5 s at least
    api.answers = [listing(5, pod("a", 4), pod("b", 5)), listing(9, pod("a", 8))]
    api.watches = [expired, Stream()]
    f = follow()
    eventually(lambda: f.version(A) == "8")
    assert set(f.watch.snapshot()) == {A}  # b vanished while nobody looked
    assert f.told.count(B) == 2
    eventually(lambda: texts(api.asked_for(watch=True)) == ["5", "9"])
    assert api.asked[-1].at - api.asked[0].at < 2.0


def test_a_silent_stream_is_given_up_and_gone_on_with(api: Script, follow: Follow) -> None:
    api.answers = [listing(5)]
    silent = Stream(event("ADDED", pod("a", 6)))
    api.watches = [silent, Stream(event("MODIFIED", pod("a", 7)))]
    f = follow(silence=0.3)
    eventually(lambda: f.version(A) == "7")
    assert texts(api.asked_for(watch=True))[:2] == ["5", "6"]
    assert len(api.asked_for(watch=False)) == 1


def test_the_age_of_a_watch_is_the_time_since_the_server_last_answered(
    api: Script, follow: Follow
) -> None:
    api.answers = [listing(5)]
    api.watches = [stream := Stream()]
    f = follow()
    eventually(lambda: f.watch.age() > 0.2)
    stream.send(event("BOOKMARK", pod("", 6)))
    eventually(lambda: f.watch.age() < 0.1)


def test_a_server_with_nothing_to_say_is_heard_by_accepting_us(api: Script, follow: Follow) -> None:
    # No event and no bookmark, as of a kind in which nothing happens.
    api.answers, api.watches = [listing(5)], [Stream()]
    f = follow(silence=0.3)
    eventually(lambda: len(api.asked_for(watch=True)) == 4)
    eventually(lambda: f.watch.age() < 0.3)  # each time anew
    assert len(api.asked_for(watch=False)) == 1


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_a_watch_that_is_refused_ends_in_a_new_list(
    status: int, api: Script, follow: Follow
) -> None:
    api.answers = [listing(5, pod("a", 5)), listing(6, pod("a", 6))]
    api.watches = [Answer(status), Stream()]
    f = follow()
    eventually(lambda: f.version(A) == "6")


def test_a_line_that_is_no_event_ends_in_a_new_list(
    api: Script, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    api.answers = [listing(5, pod("a", 5)), listing(6, pod("a", 6))]
    api.watches = [broken := Stream(), Stream()]
    broken.lines.put(b"<html>\n")
    f = follow()
    eventually(lambda: f.version(A) == "6")
    assert "watch broken" in caplog.text


def test_an_object_that_cannot_be_decoded_is_left_out(
    api: Script, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    odd = pod("odd", 5, spec=5)
    api.answers = [listing(5, odd, pod("a", 4), pod("b", 4))]
    api.watches = [stream := Stream()]
    f = follow()
    eventually(lambda: f.watch.synced)
    assert set(f.watch.snapshot()) == {A, B}
    stream.send(event("MODIFIED", pod("a", 6, spec=5)))  # what we held is no longer true
    stream.send(event("DELETED", pod("b", 7, spec=5)))
    stream.send(event("ADDED", pod("c", 8)))
    eventually(lambda: set(f.watch.snapshot()) == {("n", "c")})
    assert f.told.count(A) == f.told.count(B) == 2
    assert len(api.asked_for(watch=True)) == 1
    assert caplog.messages.count("object left out") == 2


def test_a_write_of_our_own_is_seen_before_the_watch_tells_it(api: Script, follow: Follow) -> None:
    api.answers = [listing(5, pod("a", 5))]
    api.watches = [stream := Stream()]
    f = follow()
    eventually(lambda: f.watch.synced)
    f.watch.put(json.dumps(pod("a", 9)).encode())
    stream.send(event("MODIFIED", pod("a", 8)))  # somebody else's write before ours
    stream.send(event("ADDED", pod("b", 10)))
    eventually(lambda: f.version(B) == "10")
    assert f.version(A) == "9"
    assert f.told == [A, A, B]


def test_a_list_from_before_what_was_seen_is_not_believed(api: Script, follow: Follow) -> None:
    stale = listing(7, pod("a", 5))
    api.answers = [listing(5, pod("a", 5)), stale, listing(9, pod("a", 8))]
    api.watches = [
        Stream(event("MODIFIED", pod("a", 8)), event("ERROR", failure(410, "Expired"))),
        Stream(),
    ]
    f = follow()
    eventually(lambda: len(api.asked_for(watch=True)) == 2)
    assert f.version(A) == "8"
    assert f.told == [A, A]  # never back to version 5
    assert len(api.asked_for(watch=False)) == 3


def test_an_old_list_that_is_insisted_on_is_believed(
    api: Script, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kube.pacing._BACK_OFF", (0.01, 0.01))
    api.answers = [listing(90, pod("a", 80)), listing(7, pod("a", 5))]  # restored from a backup
    api.watches = [Stream(event("ERROR", failure(410, "Expired"))), Stream()]
    f = follow()
    eventually(lambda: f.version(A) == "5")
    assert len(api.asked_for(watch=False)) == 12
    eventually(lambda: texts(api.asked_for(watch=True)) == ["90", "7"])


HASTY: dict[str, tuple[Answer, Answer | Stream]] = {
    "lists fail": (Answer(500), Stream()),
    "lists are forbidden": (Answer(403), Stream()),
    "watches fail": (listing(5), Answer(500)),
    "watches expire": (listing(5), Answer(410)),
    "watches close": (listing(5), Stream().close()),
    "lists expire": (Answer(410), Stream()),
}


@pytest.mark.parametrize("case", HASTY)
def test_no_failure_makes_a_watch_retry_without_a_pause(
    case: str, api: Script, follow: Follow
) -> None:
    lists, watches = HASTY[case]
    api.answers, api.watches = [lists], [watches]
    follow()
    time.sleep(0.5)
    # At once (twice, where it was quiet), then after 0.1-0.2 s, 0.2-0.4 s, 0.4-0.8 s.
    assert 2 <= len(api.asked) <= 8


def test_a_server_that_asks_for_time_gets_it(api: Script, follow: Follow) -> None:
    api.answers = [listing(5)]
    api.watches = [Answer(429, b"{}", {"Retry-After": "1"}), Stream()]
    f = follow()
    eventually(lambda: len(api.asked_for(watch=True)) == 2)
    first, second = api.asked_for(watch=True)
    assert 0.95 < second.at - first.at < 2.0
    assert f.watch.synced
    assert len(api.asked_for(watch=False)) == 1


def test_a_watch_that_lasted_starts_with_the_shortest_wait_again(
    api: Script, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    api.answers = [*([Answer(500)] * 3), listing(5)]
    api.watches = [stream := Stream(), Stream()]
    follow()
    eventually(lambda: api.asked_for(watch=True))
    time.sleep(1.05)
    closed = time.monotonic()
    stream.close()
    eventually(lambda: len(api.asked_for(watch=True)) == 2)
    assert api.asked[-1].at - closed < 0.2


def test_no_listener_and_no_error_of_its_own_ends_the_watch(
    api: Script, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(key: Key) -> None:
        if key == A:
            raise RuntimeError("a listener's bug")

    api.answers = [listing(5, pod("a", 5))]
    api.watches = [Stream(event("ADDED", pod("b", 6)))]
    f = Follower(gateway, 5.0)
    f.watch = Watch(gateway, "/pods", Pod, changed=fail)
    with f.running(api):
        eventually(lambda: f.version(B) == "6")
    assert "a listener's bug" in caplog.text


MISSING = Answer(404, json.dumps(failure(404, "NotFound")).encode())


def test_a_kind_that_need_not_be_there_holds_nobody_up_and_is_rarely_asked_for(
    api: Script, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    api.answers = [MISSING] * 9
    f = follow(optional=True)
    eventually(lambda: f.watch.synced)
    assert f.watch.absent and f.watch.snapshot() == {} and f.watch.age() < 5
    time.sleep(0.5)  # any other watch would have tried again by now
    assert len(api.asked) == 1
    assert "watch broken" not in caplog.text


def test_a_kind_that_must_be_there_is_asked_for_again_at_once(api: Script, follow: Follow) -> None:
    api.answers = [MISSING, MISSING, listing(5, pod("a", 4))]
    f = follow()
    eventually(lambda: f.watch.synced)
    assert not f.watch.absent and set(f.watch.snapshot()) == {A}


def test_a_kind_that_came_is_held_and_one_that_went_is_forgotten(
    api: Script, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kube.watching.RARE", 0.05)
    api.answers = [MISSING, listing(5, pod("a", 4)), MISSING]
    api.watches = [Stream(event("ERROR", failure(410, "Expired")))]
    f = follow(optional=True)
    eventually(lambda: f.told == [A, A])
    assert f.watch.synced and f.watch.absent and f.watch.snapshot() == {}
