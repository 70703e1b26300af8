"""What a project asks of its site and its words: footer, repository, language, uncited sources."""

from __future__ import annotations

import csv
import shutil
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import html

from nkbook.cli import main
from nkbook.paths import ASSETS
from nkbook.render.words import Language
from tests.books import FIGURE, TinyBook, code, markdown
from tests.render.formats import Editions

PROJECT = Path(__file__).parents[1] / "parity" / "projects" / "options"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("options") / "book"
    shutil.copytree(PROJECT, root)
    result = CliRunner().invoke(main, ["--project", str(root), "build", "--engine", "portable"])
    assert result.exit_code == 0, result.output
    return root / "_book"


def page(site: Path, name: str) -> html.HtmlElement:
    return html.fromstring((site / name).read_text(encoding="utf-8"))


def said(tree: html.HtmlElement) -> str:
    return " ".join(tree.text_content().replace("\u00a0", " ").split())


def test_links_to_the_repository(site: Path) -> None:
    found = [
        (a.text_content(), a.get("href"))
        for a in page(site, "one.html").cssselect(".page-actions a")
    ]
    assert found == [
        ("Seite editieren", "https://example.org/ann/book/edit/trunk/one.qmd"),
        ("Quellcode anzeigen", "https://example.org/ann/book/blob/trunk/one.qmd"),
        ("Problem melden", "https://example.org/ann/book/issues/new"),
    ]


def test_footer_leads_to_chapters_from_every_page(site: Path) -> None:
    for name in ("index.html", "two.html", "404.html"):
        (footer,) = page(site, name).cssselect(".site-footer-own")
        assert said(footer) == "Made by Ann, see one Two"
        assert [a.get("href") for a in footer.cssselect("a")] == ["one.html", "two.html"]


def test_page_navigation_may_be_left_out(site: Path) -> None:
    assert not page(site, "one.html").cssselect(".neighbours")


def test_fixed_words_are_in_the_language_of_the_book(site: Path) -> None:
    assert "Siehe Kapitel 1 und Anhang A." in said(page(site, "index.html"))
    one = page(site, "one.html")
    assert said(one.cssselect(".kicker")[0]) == "Kapitel 1"
    assert said(one.cssselect("#references h2")[0]).startswith("Literatur")
    pdf = Editions.words(site / "Ein-Buch-mit-Wünschen.pdf").replace("\u00a0", " ")
    assert "Siehe Kapitel 1.1 und" in pdf
    assert "Literatur" in pdf
    with zipfile.ZipFile(site / "Ein-Buch-mit-Wünschen.epub") as epub:
        contents = epub.read("EPUB/nav.xhtml").decode()
    assert "Anhang" in contents
    assert "Literatur" in contents


def test_uncited_sources_are_listed(site: Path) -> None:
    for words in (said(page(site, "one.html")), Editions.words(site / "Ein-Buch-mit-Wünschen.pdf")):
        assert "Monde" in words
        assert "Sonnen" in words


def test_every_language_has_every_word() -> None:
    with (ASSETS / "words.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["key"] for row in rows if not all(row.values())] == []
    assert Language("ko-KR").word("Figure") == "그림"
    assert Language("tlh").word("Figure") == "Figure"


def test_a_book_has_its_own_words(tiny: TinyBook) -> None:
    """A file gives them; what this engine prints nowhere is told."""
    tiny.config |= {"lang": "fr", "language": "words.yml"}
    tiny.config["book"]["downloads"] = ["epub", "docx"]
    tiny.write("words.yml", "crossref-fig-title: Image\nsearch-label: Fouille\n")
    tiny.chapter("one", markdown("# Un\n\n::: {.callout-tip}\nOui.\n:::"), code(FIGURE))
    result = tiny.build()
    assert result.exit_code == 0, result.output
    one = html.fromstring(tiny.page("notebooks/one.html"))
    assert one.xpath("string(//*[@class='float-label'])") == "Image\u00a01.1:"
    assert one.xpath("string(//*[@class='callout-title'])").strip() == "Astuce"
    assert "“language.search-label” has no effect" in result.output
    assert "“book.downloads: docx” has no effect" in result.output
    (tiny.root / "words.yml").unlink()
    assert "NB107  _quarto.yml: language: cannot read the file words.yml" in tiny.build().output
