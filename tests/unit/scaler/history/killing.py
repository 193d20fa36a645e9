"""`python -m tests.unit.scaler.history.killing FILE TIMES`: kills a process that writes, so often.

A program of its own, as only a process with one thread can be forked safely. Prints nothing where
all is well.
"""

import multiprocessing
import os
import signal
import sqlite3
import sys
import time
from contextlib import closing
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext
from random import Random

from scaler.history import file
from scaler.history.entry import Entry, slot
from scaler.history.history import History
from scaler.history.writing import Writer
from tests.unit.scaler.history.entries import START, entry, window, workload

MOST = 64 * 2**20
NAMES = [f"web-{n}" for n in range(20)]
LONG = {workload(name): {"nginx": window(90)} for name in NAMES}


def main(path: str, times: int) -> None:
    context, chance, begin = multiprocessing.get_context("fork"), Random(1), 0
    for _ in range(times):
        last = _killed(context, path, begin, chance.uniform(0.0, 0.02))
        newest = History(path).minutes(workload(NAMES[-1]), "nginx", 0.0, START + 1e9)[-1].at
        there = [slot(START + 60.0 * number) for number in (last, last + 1)]
        if newest not in there:
            print(f"{newest} is the newest minute, and not one of {there}")
        begin = last + 1
    with closing(sqlite3.connect(path)) as found:
        if (whole := found.execute("PRAGMA integrity_check").fetchone()) != ("ok",):
            print(whole)


def _killed(context: ForkContext, path: str, begin: int, seconds: float) -> int:
    """The last minute that a process said it had written before it was killed."""
    receives, said = context.Pipe(duplex=False)
    process = context.Process(target=_write, args=(path, begin, said))
    process.start()
    said.close()
    last = int(receives.recv())
    time.sleep(seconds)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    try:
        while receives.poll():
            last = receives.recv()
    except EOFError:
        pass
    return last


def _write(path: str, begin: int, said: Connection) -> None:
    writer = Writer(file.opened(path, MOST), MOST)
    for number in range(begin, begin + 10_000):
        made = entry(START + 60.0 * number, NAMES)
        writer.write(Entry(made.now, made.rows, state=b"x" * 50_000, long=LONG))
        said.send(number)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
