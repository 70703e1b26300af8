"""Handouts and slides that `jupyter nbconvert` makes, in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.books import TinyBook
from tests.test_jupyter import convert, lecture


@pytest.mark.parametrize("form", ["html", "slides"])
def test_fit_every_window_and_ask_nothing_of_others(
    form: str, tiny: TinyBook, tmp_path: Path, browser: Browser
) -> None:
    assert convert(lecture(tiny), form, tmp_path).returncode == 0
    (file,) = tmp_path.glob("*.html")
    for width, height in ((1440, 900), (390, 800)):
        page = browser.new_page(viewport={"width": width, "height": height})
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
        picture = page.locator("figure img").bounding_box()
        assert picture
        assert 0 < picture["height"] <= height
        if form == "slides":
            heights = page.evaluate(
                "[...document.querySelectorAll('section')].map(s => s.offsetHeight)"
            )
            assert min(heights) >= height
        page.close()
