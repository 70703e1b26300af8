"""A page on paper: the text and nothing of the screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser

from tests.browser.test_site import load_pictures


@pytest.fixture
def printed(browser: Browser, site: Path, tmp_path: Path) -> Iterator[pypdfium2.PdfDocument]:
    """A chapter that a reader who chose the dark prints on A4."""
    page = browser.new_page(viewport={"width": 390, "height": 800}, color_scheme="dark")
    page.goto((site / "notebooks/political-prison-camps.html").as_uri())
    page.evaluate("() => { document.querySelector('.figure-more').open = true; }")
    load_pictures(page)
    page.pdf(path=tmp_path / "page.pdf", format="A4", print_background=True)
    page.close()
    document = pypdfium2.PdfDocument(tmp_path / "page.pdf")
    yield document
    document.close()


def test_paper_holds_the_text_and_no_controls(printed: pypdfium2.PdfDocument) -> None:
    text = "\n".join(page.get_textpage().get_text_bounded() for page in printed)
    parts = ["Political prison camps", "Content note", "Figure 14.1", "Guilt by blood"]
    places = [text.index(part) for part in [*parts, "References", "Edition"]]
    assert places == sorted(places)
    for control in ("Search", "Skip to", "Data and downloads", "Copy", "Next", "#"):
        assert control not in text


def test_paper_is_white_and_charts_are_light(printed: pypdfium2.PdfDocument) -> None:
    for page in printed:
        picture = page.render(scale=0.5).to_pil().convert("L")
        assert picture.getpixel((2, 2)) == 255
        darkest = sum(picture.histogram()[:64]) / (picture.width * picture.height)
        assert darkest < 0.15
