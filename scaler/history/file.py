"""The history's file: opened, and set aside where it cannot be used.

| the file                                         | is                                            |
| ------------------------------------------------ | --------------------------------------------- |
| missing                                          | made                                          |
| no database, damaged, of another version         | set aside under another name, and made again  |
| cannot be opened or written (disk full, read-    | left as it is; tried again with the next      |
| only, its lock is held)                          | write                                         |

One file that was set aside is kept, the last one. Whether a page in the middle is damaged shows
when it is read; reading all of them at each start would take seconds.
"""

import logging
import os
import sqlite3
from pathlib import Path

from scaler.history import schema

logger = logging.getLogger(__name__)

ASIDE = ".aside"
_BESIDES = ("-wal", "-shm")
_WAIT = 5.0  # seconds for a lock
_PAGE = 4096
_DAMAGED = frozenset(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_SCHEMA", "SQLITE_FORMAT"))


class UnusableError(Exception):
    """The file is damaged, or of another version; the message says which."""


def opened(path: str, most: int) -> sqlite3.Connection:
    """The file, ready to be written; `most`: bytes that it may have. Raises sqlite3.Error."""
    try:
        return _opened(path, most)
    except UnusableError as e:
        set_aside(path, str(e))
        return _opened(path, most)


def damaged(error: Exception) -> bool:
    """Whether an error says that the file is not what it should be."""
    name = getattr(error, "sqlite_errorname", "")
    return any(str(name).startswith(known) for known in _DAMAGED)


def set_aside(path: str, why: str) -> None:
    """Rename the file; its log goes with it, as it may be what is damaged. Raises OSError."""
    aside = path + ASIDE
    for besides in _BESIDES:
        Path(aside + besides).unlink(missing_ok=True)
        if os.path.exists(path + besides):
            os.replace(path + besides, aside + besides)
    os.replace(path, aside)
    logger.warning("history set aside, a new one begins", extra={"file": aside, "error": why})


def _opened(path: str, most: int) -> sqlite3.Connection:
    file = sqlite3.connect(path, timeout=_WAIT, isolation_level=None, check_same_thread=False)
    try:
        _prepare(file, path, most)
    except (sqlite3.Error, UnusableError) as e:
        file.close()
        if isinstance(e, sqlite3.Error) and damaged(e):
            raise UnusableError(str(e)) from e
        raise
    return file


def _prepare(file: sqlite3.Connection, path: str, most: int) -> None:
    version = file.execute("PRAGMA user_version").fetchone()[0]
    tables = file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if version != schema.VERSION and (version or tables):
        raise UnusableError(f"it is of version {version}, this release has {schema.VERSION}")
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = NORMAL")  # a power failure may cost minutes, never the file
    file.execute(f"PRAGMA max_page_count = {max(1, most // _PAGE)}")
    if not tables:
        script = f"BEGIN IMMEDIATE; {schema.TABLES} PRAGMA user_version = {schema.VERSION}; COMMIT;"
        file.executescript(script)
