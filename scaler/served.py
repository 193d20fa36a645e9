"""What the scaler serves over HTTP: health, metrics, and the page with what it is made from."""

import time
from wsgiref.types import WSGIApplication

from prometheus_client.exposition import ThreadingWSGIServer

from kube.gateway import Gateway
from scaler import recording
from scaler.explain.shown import Explainer
from scaler.fleet.collector import FleetCollector
from scaler.loop import Loop
from scaler.page.answers import Answers
from scaler.page.past import NoPast
from scaler.page.previews import Previews
from scaler.reporting.health_server import alive, ready
from scaler.reporting.health_server import serve as listen


def serve(loop: Loop, gateway: Gateway) -> ThreadingWSGIServer:
    """Everything about this loop. Raises OSError where the port is taken."""
    settings, observer = loop.settings, loop.observer
    checks = {
        "/livez": lambda: alive(loop.cadence.started, settings.interval, time.monotonic()),
        "/readyz": lambda: ready(observer.missing(), observer.oldest()),
    }
    metrics, page = loop.reporter.metrics, _page(loop, gateway)
    metrics.cache_age.set_function(observer.oldest)
    metrics.registry.register(FleetCollector(lambda: loop.seen, loop.around.minute_of))
    return listen(metrics.registry, checks, settings.bind, settings.port, page)


def _page(loop: Loop, gateway: Gateway) -> WSGIApplication | None:
    """Without it Flask is not even loaded."""
    settings = loop.settings
    if not settings.page:
        return None
    from scaler.page.app import create_app
    from scaler.page.doors import OpenDoor
    from scaler.page.reviews import ReviewedDoor

    degraded = loop.reporter.metrics.history_unread.set
    past = recording.past_of(settings, degraded) or NoPast()
    explainer = Explainer(
        settings, loop.memory, loop.permissions, loop.around.minute_of, loop.around.agents
    )
    journal = loop.reporter.journal
    answers = Answers(lambda: loop.seen, loop.windows, journal, loop.clock, past, explainer.of)
    previews = Previews(lambda: loop.seen, loop.clock, past, settings.live)
    reviewed = settings.page_auth == "kubernetes"
    return create_app(answers, previews, ReviewedDoor(gateway) if reviewed else OpenDoor())
