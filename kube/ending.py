"""SIGTERM and SIGINT, waited for by a thread of their own.

A handler runs in the main thread, between any two steps of whatever that is doing. If that holds
the lock of an Event that the handler sets, both wait for ever, and the pod ends with a SIGKILL.
"""

import signal
import threading
from collections.abc import Callable

_SIGNALS = {signal.SIGTERM, signal.SIGINT}


def on_signal(end: Callable[[], None]) -> None:
    """Call `end` at each of the signals. To be called in the main thread before others are started:
    they inherit that the signals are not theirs."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)

    def listen() -> None:
        while True:
            signal.sigwait(_SIGNALS)
            end()

    threading.Thread(target=listen, name="signals", daemon=True).start()
