"""A real Chromium, without a window; and pages that note every request and every complaint."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.page import fleet, tools

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    api = pytest.importorskip("playwright.sync_api", reason="no playwright: make setup")
    try:
        program = tools.chromium()
    except tools.ToolError as e:
        pytest.skip(str(e))
    with api.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield made
        made.close()


@dataclass
class Tab:
    """One page; `requests`: what it asked for, `complaints`: of its console, refusals included."""

    page: "Page"
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    """Bytes of each answer, uncompressed."""

    def __post_init__(self) -> None:
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.on(
            "console", lambda m: self.complaints.append(m.text) if m.type in _BAD else None
        )
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("requestfinished", lambda r: self.received.append(_size(r)))


_BAD = ("error", "warning")


def _size(request: Any) -> int:
    response = request.response()
    return len(response.body()) if response and response.ok else 0


@pytest.fixture
def tab(browser: "Browser") -> Iterator[Callable[..., Tab]]:
    """Opens a new one: viewport, colour scheme and the like as Playwright names them."""
    opened = []

    def new(**settings: Any) -> Tab:
        context = browser.new_context(**settings)
        opened.append(context)
        return Tab(context.new_page())

    yield new
    for context in opened:
        context.close()


@pytest.fixture(scope="module")
def few() -> Iterator[str]:
    """Sixteen workloads, of which one has a message that would like to be a script."""
    views = [fleet.view(n) for n in range(16)]
    views[4] = fleet.view(4, fleet.SCRIPT)
    with fleet.served(views, fleet.past()) as address:
        yield address
