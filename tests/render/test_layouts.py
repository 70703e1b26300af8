"""Layouts and parts of figures and tables: rows, shares, letters and references."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.books import TinyBook, markdown
from tests.epubs import Check
from tests.render.edition import Edition, build, references, words


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build("layouts", tmp_path_factory.mktemp("layouts") / "book")


def captions(page: Any) -> list[tuple[str, str]]:
    """Id and caption of each figure and table, parts after what they are parts of."""
    return [
        (figure.get("id"), words(figure.find("figcaption")).replace("\u00a0", " "))
        for figure in page.iterfind(".//figure")
    ]


PICTURES = [
    ("fig-pair", "Figure 1.1: Two fields"),
    ("fig-red", "(a) In red"),
    ("fig-blue", "(b) In blue"),
    ("fig-shares", "Figure 1.2: A small and a large field"),
    ("fig-small", "(a)"),
    ("fig-large", "(b)"),
    ("fig-whole", "Figure 1.3: Fields without labels"),
    ("fig-alone", "Figure 1.4: Alone"),
    ("fig-also", "Figure 1.5: Also alone"),
]

TABLES = [
    ("tbl-both", "Table 2.1: Two tables"),
    ("tbl-first", "(a) First"),
    ("tbl-second", "(b) Second"),
]


def test_parts_have_letters_and_share_a_number(edition: Edition) -> None:
    assert captions(edition.page("pictures")) == PICTURES
    assert captions(edition.page("words")) == TABLES
    alts = [image.get("alt") for image in edition.page("pictures").iterfind(".//img")]
    assert alts[:4] == ["A red field.", "A blue field.", "A small field.", "A large field."]


def test_references_say_number_and_letter(edition: Edition) -> None:
    assert references(edition.page("index")) == [
        ("pictures.html#fig-pair", "Figure 1.1"),
        ("pictures.html#fig-blue", "Figure 1.1 (b)"),
        ("words.html#tbl-second", "Table 2.1 (b)"),
    ]
    assert references(edition.page("pictures")) == [
        ("#fig-pair", "Figure 1.1"),
        ("#fig-red", "Figure 1.1 (a)"),
        ("#fig-blue", "1.1 (b)"),
        ("#fig-red", "Field 1.1 (a)"),
        ("#fig-shares", "Figure 1.2"),
        ("#fig-large", "Figure 1.2 (b)"),
        ("#fig-whole", "Figure 1.3"),
        ("#fig-alone", "Figure 1.4"),
        ("#fig-also", "Figure 1.5"),
    ]


def places(browser: Browser, edition: Edition, width: int) -> list[list[tuple[int, int]]]:
    """Left edge and width of each cell, by row."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto((edition.folder / "words.html").as_uri())
    found: list[list[tuple[int, int]]] = page.evaluate(
        """() => [...document.querySelectorAll(".panel-row")].map(row =>
          [...row.children].map(cell => cell.getBoundingClientRect())
            .map(box => [Math.round(box.left), Math.round(box.width)]))"""
    )
    context.close()
    return found


def test_columns_have_their_shares_where_there_is_room(browser: Browser, edition: Edition) -> None:
    rows = places(browser, edition, 1280)
    assert [len(row) for row in rows] == [2, 2, 1, 2, 2, 2]
    (_, one), (_, two) = rows[1]
    assert abs(two - 2 * one) <= 1
    (left, width), (right, _) = rows[3]
    assert right > left + width
    ((start, whole),) = rows[2]
    assert (left, right + width) == (start, start + whole)
    assert whole > 500


def test_columns_are_below_one_another_on_a_phone(browser: Browser, edition: Edition) -> None:
    for row in places(browser, edition, 390):
        assert len({left for left, _ in row}) == 1


def test_epub_has_the_same(edition: Edition, check_epub: Check) -> None:
    assert captions(edition.chapter("sec-pictures")) == PICTURES
    assert captions(edition.chapter("sec-words")) == TABLES
    assert check_epub(edition.epub) == []


def test_print_has_the_same(edition: Edition) -> None:
    text = edition.print().replace("\u00a0", " ")
    for part in ("Figure 1.1: Two fields", "(a) In red", "(b) In blue", "Table 2.1: Two tables"):
        assert part in text
    assert "The first. The second, twice as wide." in text


@pytest.mark.parametrize(
    "layout", ['layout="[[1,2],"', 'layout="[]"', "layout-ncol=two", "layout-nrow=0"]
)
def test_layout_that_cannot_be_read_is_named(tiny: TinyBook, layout: str) -> None:
    tiny.chapter("one", markdown(f"# One\n\n::: {{{layout}}}\nText.\n:::\n"))
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB304" in result.output
    assert "layout" in result.output
