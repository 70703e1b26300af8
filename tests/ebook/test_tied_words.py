"""Words tied to the data are words to every reader; their tests are nowhere in the text."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from lxml import etree, html

from tests.books import TinyBook, markdown

TEST = "stat('arrivals-2021') < stat('arrivals-2019')"
SENTENCE = ["Arrivals", "fell", "then."]


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> TinyBook:
    tiny = TinyBook(tmp_path_factory.mktemp("editions"))
    tiny.chapter("one", markdown(f'# One {{#sec-one}}\n\nArrivals [fell]{{test="{TEST}"}} then.'))
    assert tiny.build(("html", "epub", "pdf")).exit_code == 0
    return tiny


def test_a_tied_word_is_a_word_with_a_data_attribute_on_a_page(editions: TinyBook) -> None:
    page = html.fromstring(editions.page("notebooks/one.html"))
    (span,) = page.xpath("//span[@data-test]")
    assert dict(span.attrib) == {"data-test": TEST}
    assert span.getparent().text_content().split() == SENTENCE


def test_a_tied_word_is_a_word_in_the_ebook(
    editions: TinyBook, check_epub: Callable[[Path], list[str]]
) -> None:
    (file,) = (editions.root / "_site").glob("*.epub")
    assert check_epub(file) == []
    with zipfile.ZipFile(file) as archive:
        name = next(name for name in archive.namelist() if name.endswith("sec-one.xhtml"))
        page = etree.fromstring(archive.read(name))
    text = " ".join("".join(page.itertext()).split())
    assert " ".join(SENTENCE) in text
    assert "arrivals-2021" not in text


def test_a_tied_word_is_a_word_on_paper(editions: TinyBook) -> None:
    (file,) = (editions.root / "_site").glob("*.pdf")
    with pypdfium2.PdfDocument(file) as pdf:
        text = " ".join(" ".join(page.get_textpage().get_text_range() for page in pdf).split())
    assert " ".join(SENTENCE) in text
    assert "arrivals-2021" not in text


def test_a_test_is_not_searched(editions: TinyBook) -> None:
    for file in sorted((editions.root / "_site").rglob("*")):
        if file.suffix in {".js", ".json", ".xml", ".txt"}:
            assert "arrivals-2021" not in file.read_text("utf-8"), file.name
