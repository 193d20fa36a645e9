"""The history's tables. Another version of them is another file: see file.py.

`minutes` is in the order in which it is written, so a minute of 1,000 containers changes a dozen
pages of the file and not one for each container; who reads one container looks it up at each time
of `times`. What a restart takes up is in `beats` (beats.py), `state` (state.py), `windows` and
`used` (windows.py); `gone` has the last words on workloads that are gone (gone.py).
"""

VERSION = 2
"""The file's `user_version`."""

TABLES = """
CREATE TABLE containers (
    id INTEGER PRIMARY KEY,
    api_version TEXT NOT NULL,
    kind TEXT NOT NULL,
    namespace TEXT NOT NULL,
    workload TEXT NOT NULL,
    container TEXT NOT NULL,
    last INTEGER NOT NULL,
    UNIQUE (namespace, workload, kind, api_version, container)
);
CREATE TABLE times (at INTEGER PRIMARY KEY);
CREATE TABLE minutes (
    at INTEGER NOT NULL,
    container INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    cpu_mean INTEGER NOT NULL,
    cpu_max INTEGER NOT NULL,
    throttled INTEGER,
    memory INTEGER,
    working_set INTEGER,
    PRIMARY KEY (at, container)
) WITHOUT ROWID;
CREATE TABLE sizes (
    container INTEGER NOT NULL,
    at INTEGER NOT NULL,
    cpu_request INTEGER,
    cpu_limit INTEGER,
    memory_request INTEGER,
    memory_limit INTEGER,
    PRIMARY KEY (container, at)
) WITHOUT ROWID;
CREATE TABLE changes (
    container INTEGER NOT NULL,
    at INTEGER NOT NULL,
    resource TEXT NOT NULL,
    revision INTEGER NOT NULL,
    before TEXT,
    after TEXT,
    reason TEXT NOT NULL,
    PRIMARY KEY (container, at, resource, revision)
) WITHOUT ROWID;
CREATE TABLE beats (number INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE state (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE gone (
    namespace TEXT NOT NULL,
    workload TEXT NOT NULL,
    kind TEXT NOT NULL,
    api_version TEXT NOT NULL,
    at INTEGER NOT NULL,
    phase TEXT NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    changed TEXT NOT NULL,
    PRIMARY KEY (namespace, workload, kind, api_version)
) WITHOUT ROWID;
CREATE TABLE windows (container INTEGER PRIMARY KEY, at REAL NOT NULL, data BLOB NOT NULL);
CREATE TABLE used (
    at REAL NOT NULL,
    container INTEGER NOT NULL,
    cpu REAL NOT NULL,
    memory INTEGER NOT NULL,
    needed INTEGER,
    PRIMARY KEY (at, container)
) WITHOUT ROWID;
"""
