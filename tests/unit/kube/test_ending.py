"""A program that gets a signal ends, whatever its main thread is doing."""

import signal
import subprocess
import sys
import textwrap

import pytest

BUSY = """
import threading
from kube import ending

stop, wake = threading.Event(), threading.Event()

def end():
    stop.set()
    wake.set()

ending.on_signal(end)
print("ready", flush=True)
while not stop.is_set():
    wake.clear()
    wake.set()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_main_thread_that_is_busy_with_the_same_event_ends(number: signal.Signals) -> None:
    """A handler that sets it itself waits for ever in one of eight."""
    for _ in range(12):
        command = [sys.executable, "-c", textwrap.dedent(BUSY)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout and process.stdout.readline() == b"ready\n"
            process.send_signal(number)
            try:
                assert process.wait(20) == 0
            finally:
                process.kill()
