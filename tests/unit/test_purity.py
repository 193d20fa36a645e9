"""Whatever decides is pure: it sees neither clock, file, network, log nor chance, only arguments.

The shell is listed here, module by module; every other module, also one that is added tomorrow, is
held to be pure. So a new module that touches the world has to be named in this list, and seen.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SHELL = {
    "store": {"cache"},
    "link": set(),
    "agent": {
        "__main__",
        "connection",
        "container",
        "sampler",
        "settings",
        "sysfs",
        "tree",
        "watch",
    },
    "webhook": {
        *("__main__", "app", "body", "certificate", "expiry", "metrics", "server", "settings"),
        *("connection", "mutate", "fast_path", "nodes", "selftest", "worker"),
    },
    "scaler": {
        *(
            "__main__",
            "acting",
            "cadence",
            "loop",
            "surroundings",
            "parts",
            "node_agents",
            "leader",
            "watches",
            "rules",
            "settings",
        ),
        *("execution/actuator", "execution/eviction", "execution/handover"),
        *("execution/preflight", "execution/rights_policy", "execution/webhook_probe"),
        *("execution/pod_calls", "execution/rehearsal", "execution/prerequisites"),
        "surge_rights",
        "explain/untried",
        *(f"{room}/settings" for room in ("certificates", "disruption", "history")),
        *(f"{room}/settings" for room in ("policies", "replacement", "usage")),
        *("execution/label_policies", "reporting/events", "reporting/bystanders"),
        *(
            "reporting/reporter",
            "reporting/event_rule",
            "reporting/health_server",
            "reporting/node_problems",
        ),
        *("certificates/keeper", "certificates/reachability", "certificates/secrets"),
        *("replay/command", "certificates/trust", "usage/poller", "usage/scraper", "usage/sources"),
        *("usage/storage", "execution/resizer", "history/history"),
        *(
            "history/export",
            "history/file",
            "history/recall",
            "history/recorder",
            "history/thinning",
        ),
        *("history/windows", "history/writing", "recording"),
        *(
            "explain/command",
            "explain/preview",
            "explain/reading",
            "explain/shown",
            "explain/status",
            "fleet/collector",
            "commands",
            "served",
        ),
        *("page/previews", "page/responses"),
        *("filling", "history/joined", "history/server"),
        *("page/answers", "page/app", "page/assets", "page/reviews"),
        *("agent_port", "agents/closing", "agents/listener", "agents/reports"),
        *("certificates/agents", "reporting/agent_metrics"),
        "wake",
    },
}
PURE_IN_KUBE = {
    *("errors", "kinds", "memo", "node_selection", "objects", "pods", "quantity", "selectors"),
    "timestamps",
}
WORLD = {
    *("os", "time", "threading", "logging", "socket", "random", "kubernetes", "flask", "urllib3"),
    *("asyncio", "concurrent", "gunicorn", "http", "io", "multiprocessing", "pathlib", "queue"),
    *("secrets", "shutil", "signal", "ssl", "subprocess", "sys", "tempfile", "urllib", "uuid"),
    *("contextvars", "requests", "selectors", "sqlite3"),
}
CLOCK = {"now", "utcnow", "today"}
BUILT_IN = {"open", "print", "input", "exec", "eval", "__import__"}


def pure_modules() -> Iterator[Path]:
    for package, shell in SHELL.items():
        for path in sorted((ROOT / package).rglob("*.py")):
            if _module(package, path) not in shell:
                yield path


def _module(package: str, path: Path) -> str:
    return path.relative_to(ROOT / package).with_suffix("").as_posix()


def impurities(source: str) -> list[str]:
    """What in a module's source touches the world, with its line."""
    return [f"line {line}: {what}" for line, what in _found(ast.parse(source))]


def _found(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in _imported(node):
                if _touches(name):
                    yield node.lineno, f"imports {name}"
        elif isinstance(node, ast.Call) and (called := _worldly_call(node.func)):
            yield node.lineno, f"calls {called}()"


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    prefix = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
    return [prefix + alias.name for alias in node.names]


def _worldly_call(called: ast.expr) -> str | None:
    if isinstance(called, ast.Attribute) and called.attr in CLOCK:
        return called.attr
    return called.id if isinstance(called, ast.Name) and called.id in BUILT_IN else None


def _touches(name: str) -> bool:
    """Whether a dotted name is of the world, or of our own shell, which would bring it in."""
    package, _, rest = name.partition(".")
    parts = rest.split(".")
    if package == "kube":
        return parts[0] not in PURE_IN_KUBE
    modules = {"/".join(parts[:depth]) for depth in (1, 2)}
    return package in WORLD or bool(modules & SHELL.get(package, set()))


@pytest.mark.parametrize("path", list(pure_modules()), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_that_decides_touches_nothing_but_its_arguments(path: Path) -> None:
    assert impurities(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import time as t",
        "import os.path",
        "from time import monotonic",
        "def f():\n    import threading",
        "import json, logging",
        "from kubernetes import client",
        "from urllib.request import urlopen",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.datetime.now(datetime.UTC)",
        "from datetime import date\nx = [date.today() for _ in 'a']",
        "open('x').read()",
        "from kube.gateway import Gateway",
        "from kube import gateway",
        "import store.cache",
    ],
)
def test_an_impure_source_is_caught(source: str) -> None:
    assert impurities(source)


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime, timedelta\ndatetime.fromisoformat('x')",
        "from kube import quantity\nfrom kube.objects import Pod\nimport msgspec, re, hashlib",
        "def f(now: float) -> float:\n    return now",
    ],
)
def test_a_pure_source_passes(source: str) -> None:
    assert impurities(source) == []


def test_the_shell_is_no_longer_than_it_needs_to_be() -> None:
    for package, shell in SHELL.items():
        there = {_module(package, path) for path in (ROOT / package).rglob("*.py")}
        assert shell <= there, f"no such module in {package}"
        pure = [n for n in shell if not impurities((ROOT / package / f"{n}.py").read_text())]
        assert not pure, f"pure after all: {package}/{pure}"
