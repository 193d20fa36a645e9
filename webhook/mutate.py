"""POST /mutate as plain WSGI: the edge of a request, on the path that every new pod waits for.

It is not a Flask view, because Flask's routing, contexts and response took half of a review's time
(at 200 a second p99 3.8 ms with them, 2.6 ms without, same machine and load).

`review` does the same without WSGI, for `webhook.fast_path`.

This is the one place with a broad except: whatever goes wrong inside, the API server gets a
well-formed answer that allows the pod, because `allowed: false` denies it even with
`failurePolicy: Ignore`. It never calls the API while serving, and never logs a pod or a review:
they may contain secrets.
"""

import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from wsgiref.types import StartResponse, WSGIEnvironment

from store.cache import Cache
from webhook.answer import Answer, ClassOf, answer
from webhook.body import read_body
from webhook.metrics import Metrics
from webhook.outcome import Outcome
from webhook.review import Refusal, leading_uid, read, write

logger = logging.getLogger(__name__)

_NOTEWORTHY = {Outcome.SIZED, Outcome.MANIFEST_CHANGED, Outcome.QOS_CLASS}


class Mutate:
    """A WSGI application that answers reviews; safe for use from several threads."""

    def __init__(
        self,
        cache: Cache,
        metrics: Metrics,
        release: str,
        class_of: ClassOf = lambda pod: None,
    ) -> None:
        self._cache = cache
        self._metrics = metrics
        self._release = release
        self._class_of = class_of

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one review."""
        if environ["REQUEST_METHOD"] != "POST":
            start("405 Method Not Allowed", [("Allow", "POST"), ("Content-Length", "0")])
            return [b""]
        answered, body = self._timed(lambda: self._answer(environ))
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start("200 OK", headers)
        return _Sent(answered, body)

    def review(self, body: bytes) -> tuple[bytes, Callable[[], None]]:
        """Answer a body that was read; call the second value once the answer is sent."""
        answered, written = self._timed(lambda: self._safely(body))
        return written, partial(_log, answered)

    def _timed(self, answer: Callable[[], tuple[Answer, bytes]]) -> tuple[Answer, bytes]:
        began = time.perf_counter()
        answered, body = answer()
        self._metrics.count(answered.outcome, time.perf_counter() - began)
        return answered, body

    def _answer(self, environ: WSGIEnvironment) -> tuple[Answer, bytes]:
        try:
            length = environ.get("CONTENT_LENGTH")
            body, whole = read_body(environ["wsgi.input"], int(length) if length else None)
        except Exception:
            logger.exception("review failed", extra={"uid": ""})
            return Answer(Outcome.ERROR), write("")
        if whole:
            return self._safely(body)
        uid = leading_uid(body)
        logger.warning("review too large", extra={"uid": uid})
        return Answer(Outcome.TOO_LARGE), write(uid)

    def _safely(self, body: bytes) -> tuple[Answer, bytes]:
        try:
            return self._review(body)
        except Exception:
            uid = leading_uid(body)
            logger.exception("review failed", extra={"uid": uid})
            return Answer(Outcome.ERROR), write(uid)

    def _review(self, body: bytes) -> tuple[Answer, bytes]:
        review = read(body)
        if isinstance(review, Refusal):
            if review.outcome is Outcome.BAD_REVIEW:
                fields = {"uid": review.uid, "error": review.detail}
                logger.warning("review unreadable", extra=fields)
            return Answer(review.outcome), write(review.uid)
        if not self._cache.watch.synced:
            return Answer(Outcome.NOT_SYNCED), write(review.uid)
        answered = answer(review, self._cache, self._release, self._class_of)
        return answered, write(review.uid, answered.operations)


class _Sent(list[bytes]):
    """The answer's body; the server closes it once it is sent, and only then it is logged.

    No client waits for the log line, which took a tenth of a review's time.
    """

    def __init__(self, answered: Answer, body: bytes) -> None:
        super().__init__([body])
        self._answered = answered

    def close(self) -> None:
        """See the class."""
        _log(self._answered)


def _log(answered: Answer) -> None:
    level = logging.INFO if answered.outcome in _NOTEWORTHY else logging.DEBUG
    if answered.podsize is None or not logger.isEnabledFor(level):
        return
    size = answered.podsize.status.size
    fields = {
        "workload": str(answered.podsize.workload),
        "revision": size.revision if size else 0,
        "reason": answered.outcome.value,
    }
    if answered.node_class is not None:
        fields["node_class"] = answered.node_class
    logger.log(level, "review answered", extra=fields)
