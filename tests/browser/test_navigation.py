"""Finding one's way: the book's contents, the page's contents, the way on, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce", color_scheme="light"
    )
    page = context.new_page()
    yield page
    context.close()


def test_reader_goes_through_the_whole_book_by_next(page: Page, site: Path) -> None:
    page.goto((site / "index.html").as_uri())
    with page.expect_navigation():
        page.get_by_role("link", name="Start reading").click()
    visited = [page.url]
    while (following := page.locator("a[rel=next]")).count():
        with page.expect_navigation():
            following.click()
        visited.append(page.url)
    page.goto((site / "notebooks/preface.html").as_uri())
    listed = page.locator(".sidebar .book-nav a").evaluate_all("all => all.map(a => a.href)")
    chapters = [address for address in listed if "/notebooks/" in address]
    assert visited == chapters
    assert len(visited) >= 35


def test_contents_show_where_the_reader_is(page: Page, site: Path) -> None:
    page.goto((site / "notebooks/the-world.html").as_uri())
    place = page.locator(".sidebar .book-nav [aria-current=page]")
    expect(place).to_be_in_viewport()
    third = page.locator(".contents li a").nth(2)
    page.locator(third.get_attribute("href") or "").scroll_into_view_if_needed()
    page.evaluate(
        "id => window.scrollTo(0, document.getElementById(id).getBoundingClientRect().top"
        " + window.scrollY - 100)",
        (third.get_attribute("href") or "").removeprefix("#"),
    )
    expect(page.locator(".contents [aria-current=location]")).to_have_text(third.inner_text())


def test_heading_offers_its_address(page: Page, site: Path) -> None:
    page.goto((site / "notebooks/leaving.html").as_uri())
    heading = page.locator("main h2").first
    heading.hover()
    heading.locator(".heading-link").click()
    fragment = page.evaluate("() => location.hash.slice(1)")
    assert heading.evaluate("h => h.closest('[id]').id") == fragment


def test_chosen_colours_last_from_page_to_page(page: Page, site: Path) -> None:
    paper = "() => getComputedStyle(document.documentElement).backgroundColor"
    page.goto((site / "index.html").as_uri())
    light = page.evaluate(paper)
    toggle = page.get_by_role("button", name="Dark colours")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    dark = page.evaluate(paper)
    assert dark != light
    page.goto((site / "notebooks/leaving.html").as_uri())
    assert page.evaluate(paper) == dark
    page.get_by_role("button", name="Dark colours").click()
    assert page.evaluate(paper) == light
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(paper) == dark, "back at the system's choice, the page follows it"


def test_charts_turn_dark_with_the_page_and_light_on_paper(page: Page, site: Path) -> None:
    shown = "() => getComputedStyle(document.querySelector('figure.figure img')).filter"
    page.goto((site / "notebooks/leaving.html").as_uri())
    assert page.evaluate(shown) == "none"
    page.emulate_media(color_scheme="dark")
    assert "invert" in page.evaluate(shown)
    page.emulate_media(color_scheme="dark", media="print")
    assert page.evaluate(shown) == "brightness(1.04)"


def test_phone_has_both_contents_folded(page: Page, site: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto((site / "notebooks/leaving.html").as_uri())
    expect(page.locator(".sidebar")).to_be_hidden()
    page.get_by_text("Contents of the book", exact=True).click()
    page.locator(".book-nav-fold").get_by_role("link", name="Religion").click()
    expect(page.locator("main h1")).to_have_text("Religion")
    page.get_by_text("On this page", exact=True).first.click()
    page.locator(".contents-fold").get_by_role("link", name="How we know").click()
    expect(page.get_by_role("heading", name="How we know").first).to_be_in_viewport()


def test_home_page_has_figure_findings_chapters_and_downloads(page: Page, site: Path) -> None:
    page.goto((site / "index.html").as_uri())
    expect(page.locator(".hero-lead img")).to_be_in_viewport()
    assert page.locator(".findings li").count() == 5
    assert page.locator(".findings li:has(a.stat)").count() == 5
    assert page.locator(".home-contents li").count() >= 35
    for link in page.locator(".home-downloads .downloads a").all():
        assert (site / (link.get_attribute("href") or "")).is_file()
        assert "B" in link.locator(".download-detail").inner_text()


def test_citation_has_the_address_at_which_the_page_is_read(
    page: Page, site: Path, address: str
) -> None:
    chapter = "notebooks/leaving.html"
    page.goto(f"{address}{chapter}#sec-leaving-china")
    expect(page.locator(".cite-text")).to_have_text(re.compile(rf"{re.escape(address + chapter)}$"))
    bibtex = page.locator(".cite pre code").text_content() or ""
    assert bibtex.endswith(f"}},\n  url = {{{address}{chapter}}}\n}}")
    # On a stick the page has no address that another reader could follow.
    page.goto((site / chapter).as_uri())
    assert "file:" not in page.locator(".cite").inner_text()
