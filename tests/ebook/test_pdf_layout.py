"""The pages of the real book, as a press would look them over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from nkbook.paths import ASSETS
from tests.ebook.matterhorn import Document
from tests.ebook.pages import Page, Text, read_pages

INSIDE, OUTSIDE, OFFPRINT = 21, 23, 22
"""Margins of the book's and the offprints' pages in millimetres, as in assets/print."""


@pytest.fixture(scope="session")
def book(site: Path) -> list[Page]:
    (file,) = site.glob("*.pdf")
    return read_pages(file)


@pytest.fixture(scope="session")
def offprints(site: Path) -> Mapping[str, list[Page]]:
    return {file.stem: read_pages(file) for file in site.glob("notebooks/*.pdf")}


def test_only_left_hand_pages_before_an_opening_are_empty(book: list[Page]) -> None:
    def opens(page: Page) -> bool:
        return page.label == "1" or {text.kind for text in page.texts} == {"H1"}

    for page, following in pairwise(book):
        if not page.words:
            part_back = opens(book[page.number - 2])
            assert page.number % 2 == 0, f"page {page.number} is empty"
            assert opens(following) or part_back, f"page {page.number} is empty"
    assert book[-1].words


def test_no_page_of_a_chapter_is_empty(offprints: Mapping[str, list[Page]]) -> None:
    for name, pages in offprints.items():
        empty = [page.number for page in pages if not any(text.kind for text in page.texts)]
        assert (name, empty) == (name, [])


def stranded(page: Page) -> list[str]:
    """Headings of a page below which nothing stands in their column."""
    text = [item for item in page.texts if item.kind]
    headings = [item for item in text if item.kind[0] == "H"]
    below = [item for item in text if item.kind[0] != "H"]
    if not below:
        return []
    return [
        f"page {page.number}: {heading}"
        for heading in headings
        if not any(
            item.top < heading.bottom + 1
            and item.left < heading.right
            and item.right > heading.left
            for item in below
        )
    ]


def test_no_heading_stands_at_the_foot_of_a_page(
    book: list[Page], offprints: Mapping[str, list[Page]]
) -> None:
    for page in [*book, *(page for pages in offprints.values() for page in pages)]:
        assert stranded(page) == []


def test_no_line_runs_into_a_margin(book: list[Page], offprints: Mapping[str, list[Page]]) -> None:
    for page in book:
        left = INSIDE if page.number % 2 else OUTSIDE
        assert outside(page, left, INSIDE + OUTSIDE - left) == []
    for pages in offprints.values():
        for page in pages:
            assert outside(page, OFFPRINT, OFFPRINT) == []


def outside(page: Page, left: float, right: float) -> list[str]:
    """Texts of a page that stand out of its type area by more than optical margins do."""
    return [
        f"page {page.number}: {text}"
        for text in page.texts
        if text.left < left - 1
        or text.right > page.width - right + 1
        or not 10 < text.bottom < text.top < page.height - 10
    ]


def test_every_font_is_one_of_ours(site: Path) -> None:
    ours = {
        str(TTFont(file)["name"].getDebugName(6))
        for file in (ASSETS / "fonts" / "print").glob("*.ttf")
    }
    for file in site.rglob("*.pdf"):
        with pikepdf.open(file) as pdf:
            names = {str(font.BaseFont) for font in Document(pdf).fonts.values()}
        used = {re.sub(r"^/[A-Z]{6}\+|-Identity-H$", "", name) for name in names}
        # Typst itself brings the type of code.
        assert used <= ours | {"DejaVuSansMono"}, file.name


def test_the_book_and_its_chapters_are_small(site: Path) -> None:
    (file,) = site.glob("*.pdf")
    assert file.stat().st_size < 12_000_000
    assert sum(chapter.stat().st_size for chapter in site.glob("notebooks/*.pdf")) < 12_000_000


def test_margins_are_those_of_the_design() -> None:
    book = (ASSETS / "print" / "book.typ").read_text(encoding="utf-8")
    offprint = (ASSETS / "print" / "offprint.typ").read_text(encoding="utf-8")
    assert f"inside: {INSIDE}mm, outside: {OUTSIDE}mm" in book
    assert f"x: {OFFPRINT}mm" in offprint


def test_the_eye_for_pages_sees() -> None:
    heading = Text(21, 30, 60, 36, "H2")
    beside = Text(100, 20, 140, 24, "P")
    wide = Text(21, 60, 149, 64, "P")
    page = Page(1, 170, 240, "1", "words", [heading, beside, wide])
    assert len(stranded(page)) == 1
    assert stranded(page._replace(texts=[heading, beside, Text(21, 20, 60, 24, "P")])) == []
    assert outside(page, INSIDE, OUTSIDE) == [f"page 1: {wide}"]
    assert outside(page, INSIDE, OUTSIDE - 2) == []
