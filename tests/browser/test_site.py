"""The built site in a real browser, from `file://` and from the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from nkbook.render.serve import start_server

PAGES = (
    "index.html",
    "notebooks/preface.html",
    "notebooks/crossing-the-border.html",
    "notebooks/phones-and-screens.html",
    "notebooks/political-prison-camps.html",
    "notebooks/leaving.html",
    "notebooks/statistics.html",
    "notebooks/testimonies.html",
    "notebooks/sources.html",
)


@pytest.fixture
def requests() -> list[str]:
    return []


@pytest.fixture
def page(browser: Browser, requests: list[str]) -> Iterator[Page]:
    page = browser.new_page()
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
    page.on("request", lambda request: requests.append(request.url))
    yield page
    page.close()
    assert not faults


def load_pictures(page: Page) -> None:
    page.evaluate(
        "() => { for (const image of document.images) image.loading = 'eager';"
        " window.scrollTo({ top: document.body.scrollHeight, behavior: 'instant' }); }"
    )
    page.wait_for_function("() => [...document.images].every(image => image.complete)")


@pytest.mark.parametrize("name", PAGES)
def test_page_works_from_a_file_and_asks_nothing_of_other_hosts(
    page: Page, requests: list[str], site: Path, name: str
) -> None:
    page.goto((site / name).as_uri())
    load_pictures(page)
    assert all(url.startswith(("file://", "data:")) for url in requests)
    broken = page.evaluate(
        "() => [...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
    )
    assert broken == []
    assert page.evaluate("() => document.fonts.check('1em \"Book Serif\"')")


def test_page_works_from_the_server(page: Page, requests: list[str], site: Path) -> None:
    server = start_server(site, 0)
    address = server.address
    page.goto(address + "notebooks/leaving.html")
    load_pictures(page)
    # The fonts follow the first paint.
    page.wait_for_load_state("networkidle")
    server.close()
    assert all(url.startswith((address, "data:")) for url in requests)


@pytest.mark.parametrize("width", [390, 820, 1440])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_window(page: Page, site: Path, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((site / name).as_uri())
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_number_leads_to_its_evidence(page: Page, site: Path) -> None:
    page.goto((site / "notebooks/leaving.html").as_uri())
    number = page.locator("a.stat").first
    shown = number.inner_text()
    number.click()
    page.wait_for_load_state()
    assert page.url.split("/")[-1].startswith("statistics.html#stat-")
    target = page.locator(f"[id='{page.url.split('#')[1]}']")
    target.wait_for(state="visible")
    assert shown.replace("\u00a0", " ") in page.locator("main").inner_text().replace("\u00a0", " ")


SHIFTS = """() => {
  window.moved = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
}"""


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("name", ["index.html", "notebooks/hunger.html", "figures/index.html"])
def test_nothing_moves_when_the_fonts_come_late(
    browser: Browser, address: str, name: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.add_init_script(f"({SHIFTS})()")
    held: list[Route] = []
    page.route("**/*.woff2", lambda route: held.append(route))
    page.goto(address + name, wait_until="domcontentloaded")
    # The text stands there in a local font; now the book's own arrive.
    page.locator("h1").wait_for()
    page.wait_for_timeout(300)
    for route in held:
        route.continue_()
    page.evaluate("() => document.fonts.ready.then(() => true)")
    page.wait_for_timeout(300)
    moved = page.evaluate("() => window.moved")
    page.close()
    assert held
    assert moved <= 0.02


TYPE_AND_PAINT = """() => ({
  painted: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  asked: performance.getEntriesByType("resource")
    .filter(({ name }) => name.endsWith(".woff2") || name.endsWith("fonts.css"))
    .map(({ startTime }) => startTime),
})"""


def test_text_waits_for_the_fonts_only_where_they_are_at_hand(
    browser: Browser, address: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    visits = []
    for _ in range(2):
        page.goto(address + "notebooks/hunger.html", wait_until="load")
        page.wait_for_function("() => document.fonts.check('1em \"Book Serif\"')")
        page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint')[0]")
        page.wait_for_function("() => navigator.serviceWorker.controller")
        visits.append(page.evaluate(TYPE_AND_PAINT))
    context.close()
    first, second = visits
    assert min(first["asked"]) >= first["painted"]
    assert min(second["asked"]) < second["painted"]
