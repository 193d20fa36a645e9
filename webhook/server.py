"""Runs the application in gunicorn: one worker process, TLS, connections kept longer than Go does.

The master only supervises the worker, so Flask and the Kubernetes client are imported only in the
worker. The cache's thread starts there as well: a thread does not survive a fork.
"""

import gc
import logging
import resource
import ssl
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from webhook.certificate import Certificate
from webhook.fast_path import Quick
from webhook.settings import Settings
from webhook.worker import Worker

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from kube.objects import Key
    from store.cache import Cache
    from webhook.nodes import Nodes

logger = logging.getLogger(__name__)

KEEPALIVE = 120  # seconds; Go closes an idle connection after 90 and must be the first to do so
CONNECTIONS = 1000
_FILES = 4096


class Log(Logger):  # type: ignore[misc]
    """Sends gunicorn's messages to our own log."""

    def setup(self, cfg: Any) -> None:
        """Leave handlers and levels to the root logger."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(logging.NOTSET)


class Server(BaseApplication):  # type: ignore[misc]
    """`run` serves until SIGTERM, then finishes the requests that have begun."""

    def __init__(self, settings: Settings, certificate: Certificate) -> None:
        self._settings = settings
        self._certificate = certificate
        self._cache: Cache | None = None
        self.quick: Quick | None = None
        self._stop = threading.Event()
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's settings; its files, arguments and environment variables are ignored."""
        s = self._settings
        host = f"[{s.bind}]" if ":" in s.bind else s.bind
        options = {
            "bind": f"{host}:{s.port}",
            "backlog": 512,
            "workers": 1,
            "worker_class": Worker,
            "threads": s.threads,
            "worker_connections": CONNECTIONS,
            "worker_tmp_dir": str(s.tmp_dir),
            "keepalive": KEEPALIVE,
            "timeout": 30,
            "graceful_timeout": 20,
            "control_socket_disable": True,
            "accesslog": None,
            "logger_class": Log,
            "certfile": str(self._certificate.certificate),
            "keyfile": str(self._certificate.key),
            "ssl_context": self._context,
            "post_worker_init": self._begin,
            "worker_exit": self._end,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> "WSGIApplication":
        """The application, in the worker."""
        from kube.errors import KubeError
        from kube.gateway import connect
        from store.cache import Cache
        from webhook.app import REVIEW, create_app
        from webhook.nodes import Nodes

        try:
            gateway = connect()
        except KubeError as e:
            logger.error("no API server to read from", extra={"error": e.message})
            sys.exit(Arbiter.APP_LOAD_ERROR)
        nodes = Nodes(gateway, self._stop)
        cache = self._cache = Cache(gateway, changed=lambda key: self._changed(nodes, key))
        app = create_app(
            cache,
            self._certificate,
            release=self._settings.namespace,
            class_of=nodes.class_of,
        )
        self.quick = Quick(app.extensions[REVIEW])
        return app

    def _changed(self, nodes: "Nodes", key: "Key") -> None:
        """Some PodSize is another one: do sizes by kind of node begin with it?"""
        if self._settings.per_node and self._cache is not None:
            nodes.notice(self._cache.watch.get(key))

    def _context(self, _cfg: Any, _factory: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
        return self._certificate.context()

    def _begin(self, _worker: Any) -> None:
        assert self._cache is not None
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        files = _FILES if most == resource.RLIM_INFINITY else min(_FILES, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
        self._certificate.context()
        gc.collect()
        gc.freeze()
        threading.Thread(
            target=self._cache.run, args=(self._stop,), name="store", daemon=True
        ).start()

    def _end(self, _arbiter: Any, _worker: Any) -> None:
        self._stop.set()
