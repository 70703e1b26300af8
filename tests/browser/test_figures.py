"""What stands behind a figure: each way of its menu leads to what it says."""

from __future__ import annotations

import csv
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

CHAPTER = "notebooks/crossing-the-border.html"
FIGURE = "fig-crossing-the-border-barriers"


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.goto(address + CHAPTER)
    yield page
    page.close()


@pytest.fixture
def menu(page: Page) -> Locator:
    menu = page.locator(f"#{FIGURE} details")
    menu.locator("summary").click()
    return menu


def test_files_of_a_figure_can_be_taken_along(page: Page, menu: Locator, tmp_path: Path) -> None:
    files = {}
    for kind, name in (("SVG", "SVG"), ("PDF", "PDF"), ("PNG", "PNG, 2×"), ("CSV", "CSV")):
        with page.expect_download() as download:
            menu.get_by_role("link", name=name, exact=True).click()
        assert download.value.suggested_filename == f"{FIGURE}.{kind.lower()}"
        files[kind] = tmp_path / kind
        download.value.save_as(files[kind])
    assert files["PDF"].read_bytes().startswith(b"%PDF-1.7")
    svg = files["SVG"].read_text(encoding="utf-8")
    size = re.search(r'<svg[^>]* width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    assert size
    # A point is 4/3 of a pixel; the picture has two dots for each.
    pixels = struct.unpack(">II", files["PNG"].read_bytes()[16:24])
    assert pixels == pytest.approx([float(points) * 4 / 3 * 2 for points in size.groups()], abs=2)
    rows = list(csv.reader(files["CSV"].read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) - 1 == menu.locator("tbody tr").count() == 4


@pytest.mark.parametrize("way", ["Sources", "Code", "Cite"])
def test_each_way_leads_to_its_place(page: Page, menu: Locator, way: str) -> None:
    menu.get_by_role("link", name=way, exact=True).click()
    expect(page).to_have_url(re.compile(rf"figures/{FIGURE}.html#{way.lower()}$"))
    place = page.locator(f"#{way.lower()}")
    expect(place).to_be_in_viewport()
    expect(place.get_by_role("heading")).to_contain_text(way)
    words = {
        "Sources": "Human Rights Watch",
        "Code": 'statistic("border-fenced-2019-hrw")',
        "Cite": "Edition of",
    }
    expect(place).to_contain_text(words[way])


def test_link_of_a_figure_leads_back_to_it(page: Page, menu: Locator, address: str) -> None:
    link = menu.get_by_role("link", name="Link", exact=True)
    target = urljoin(page.url, link.get_attribute("href"))
    page.goto(address)
    page.goto(target)
    expect(page.locator(f"#{FIGURE}")).to_be_in_viewport()


def test_gallery_shows_every_figure(page: Page, site: Path, address: str) -> None:
    page.goto(address + "figures/index.html")
    cards = page.locator(".gallery li")
    sheets = {file.stem for file in (site / "figures").glob("fig-*.html")}
    links = [link.get_attribute("href") or "" for link in cards.locator("a").all()]
    assert {link.removesuffix(".html") for link in links} == sheets
    assert cards.count() == len(sheets) > 40
    cards.first.locator("a").click()
    expect(page.locator("#picture img")).to_be_visible()
    page.get_by_role("link", name=re.compile("Chapter")).first.click()
    assert "/notebooks/" in page.url
