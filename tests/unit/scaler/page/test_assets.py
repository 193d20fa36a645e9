"""What is shipped: the charting library is the one that was pinned, and nothing is elsewhere."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from scaler.page import assets
from scaler.page.app import PAGES, create_app, page

PINS = json.loads((assets.STATIC / "vendor/uPlot.json").read_text())
OWN = [n for n in assets.assets() if not n.startswith("vendor/")]


@pytest.mark.parametrize("name", ["uPlot.iife.min.js", "uPlot.min.css", "uPlot-LICENSE.txt"])
def test_the_charting_library_is_the_one_that_was_pinned(name: str) -> None:
    content = (assets.STATIC / "vendor" / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == PINS["sha256"][name]
    if name.endswith(".js"):
        assert f"(v{PINS['version']})".encode() in content[:100]


@pytest.mark.parametrize("name", OWN)
def test_our_own_files_name_no_other_machine_and_have_nothing_inline(name: str) -> None:
    text = assets.assets()[name].content.decode()
    text = text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?://|//[a-z]+\.[a-z]", text)
    if name.endswith(".js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)


@pytest.mark.parametrize("view", PAGES)
def test_the_views_share_a_frame_name_no_other_machine_and_have_nothing_inline(view: str) -> None:
    app = create_app(None, None, None)  # type: ignore[arg-type]
    text = page(app, view).content.decode()
    assert text.startswith("<!doctype html>") and text.endswith("</html>")
    assert not re.search(r"<style|style=|<script>|\son\w+=|javascript:|{[{%]", text)
    assert not re.search(r'(src|href)="(https?:)?//', text)
    path = {"overview": "/", "workload": None}.get(view, f"/{view}")
    assert re.findall(r'href="([^"]*)" aria-current="page"', text) == ([path] if path else [])
    assert f"<title>podtailor: {'workloads' if view == 'overview' else view}</title>" in text


def test_types_and_tags_follow_from_the_content() -> None:
    made = assets.asset(b"a{}", ".css")
    assert (made.mimetype, len(made.etag)) == ("text/css", 16)
    assert made.etag != assets.asset(b"b{}", ".css").etag


def test_without_the_text_of_the_reasons_the_page_says_where_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(assets, "REASONS", tmp_path / "missing.md")
    assert "docs/reasons.md" in assets.reasons()
