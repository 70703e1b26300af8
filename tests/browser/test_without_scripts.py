"""With scripts off everything works but search and what is a toggle by nature."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

CHAPTER = "notebooks/political-prison-camps.html"


@pytest.fixture(params=[390, 1440])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": request.param, "height": 900}
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        CHAPTER,
        "notebooks/statistics.html",
        "figures/index.html",
        "figures/fig-leaving-arrivals.html",
        "offline.html",
    ],
)
def test_no_control_promises_what_needs_a_script(page: Page, site: Path, name: str) -> None:
    page.goto((site / name).as_uri())
    assert page.locator("main").is_visible()
    assert page.locator("button:visible, input:visible, select:visible").all_inner_texts() == []


def test_text_is_set_in_the_fonts_of_the_book(page: Page, site: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto((site / CHAPTER).as_uri())
    page.wait_for_timeout(300)
    assert {"fonts.css", "book-serif.core.woff2", "book-sans.core.woff2"} <= set(asked)


def test_reader_finds_the_way(page: Page, site: Path) -> None:
    page.goto((site / "index.html").as_uri())
    page.locator("main").get_by_role("link", name="Political prison camps").first.click()
    expect(page.locator("h1")).to_have_text("Political prison camps")
    # On a phone, contents of the book and of the page are folded, and open without a script.
    for name in ("Contents of the book", "On this page"):
        fold = page.locator("summary", has_text=name)
        if fold.is_visible():
            fold.click()
    book = page.get_by_role("link", name="Forced labour").locator("visible=true").first
    expect(book).to_be_visible()
    expect(page.get_by_role("link", name="Guilt by blood").locator("visible=true")).to_be_visible()
    page.get_by_role("link", name="Next").click()
    expect(page.locator("h1")).to_have_text("Forced labour")


def test_figure_opens_its_data_and_its_code(page: Page, site: Path) -> None:
    page.goto((site / "notebooks/crossing-the-border.html").as_uri())
    figure = page.locator("#fig-crossing-the-border-barriers")
    expect(figure.locator("img")).to_be_visible()
    expect(figure.get_by_role("link", name="CSV")).to_be_hidden()
    figure.locator("summary").click()
    expect(figure.get_by_role("link", name="CSV")).to_be_visible()
    expect(figure.get_by_role("table")).to_contain_text("321")
    code = page.locator("details.code-fold").first
    code.locator("summary").click()
    expect(code.locator("pre")).to_be_visible()


def test_content_note_lets_readers_skip(page: Page, site: Path) -> None:
    page.goto((site / CHAPTER).as_uri())
    page.get_by_role("note").get_by_role("link", name="Skip to how we know").click()
    expect(page.locator("#sec-camps-how > h2")).to_be_in_viewport()


def test_number_leads_to_its_row(page: Page, site: Path) -> None:
    page.goto((site / CHAPTER).as_uri())
    page.locator("main p a.stat").first.click()
    row = page.locator(":target")
    expect(row).to_be_in_viewport()
    expect(row).to_contain_text("Source")
