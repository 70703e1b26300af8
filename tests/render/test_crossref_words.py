"""`crossref:` of `_quarto.yml`: a book's own words in captions, titles and references."""

from __future__ import annotations

import pytest

from tests.books import TinyBook
from tests.epubs import Check
from tests.render.edition import Edition, build, references, words


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build("crossref-words", tmp_path_factory.mktemp("words") / "book")


CAPTIONS = ["Bild 1.1– A red field", "Tafel 1.1– A table", "Listing 1.1– A line"]

REFERENCES = [
    "Abb. 1.1",
    "1.1",
    "Picture 1.1",
    "Table 1.1",
    "Code 1.1",
    "Gl. 1.1",
    "Satz 1.1",
    "Note 1.1",
    "Section 1.1",
    "Chapter 1",
]
"""As in Quarto, a title changes captions only, and a prefix references only."""


def texts(page) -> list[str]:
    return [words(found).replace("\u00a0", " ") for found in page.iterfind(".//figcaption")]


def test_site_has_the_words(edition: Edition) -> None:
    page = edition.page("things")
    assert texts(page) == CAPTIONS
    assert [text for _, text in references(page)] == REFERENCES
    titles = page.xpath(".//*[@class='theorem-title' or @class='callout-title']")
    assert [words(title).replace("\u00a0", " ") for title in titles] == [
        "Satz 1.1 (of one)",
        "Note 1.1– A note",
    ]


def test_epub_has_the_words(edition: Edition, check_epub: Check) -> None:
    chapter = edition.chapter("sec-things")
    assert texts(chapter) == CAPTIONS
    assert [text for _, text in references(chapter)] == REFERENCES
    assert check_epub(edition.epub) == []


def test_print_has_the_words(edition: Edition) -> None:
    text = edition.print().replace("\u00a0", " ")
    for part in (*CAPTIONS, "Satz 1.1 (of one) One is one.", "Abb. 1.1, 1.1, Picture 1.1"):
        assert part in text


def test_unknown_word_is_named(tiny: TinyBook) -> None:
    tiny.config["crossref"] = {"fig-titel": "Bild"}
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB103" in result.output
    assert "fig-title" in result.output
