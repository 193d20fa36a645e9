"""`make screenshots`: both views of the page as README.md shows them, in docs/.

Of a small, made-up fleet, so that the pictures change only where the page does.
"""

import sys
from pathlib import Path

from tests.page import fleet, tools

DOCS = Path(__file__).parents[2] / "docs"
VIEWS = {"page-overview.png": "/", "page-workload.png": "/workload/team-1/Deployment/web-0001"}


def main() -> int:
    """The exit status."""
    from playwright.sync_api import sync_playwright

    views = [fleet.view(n) for n in range(8)]
    with fleet.served(views, fleet.past()) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=tools.chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 720})
        for name, path in VIEWS.items():
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=DOCS / name)
            print(f"docs/{name}: {(DOCS / name).stat().st_size / 1000:.0f} kB")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
