"""A part may have a page: a file in the place of its title, as in Quarto."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from click.testing import CliRunner
from lxml import html

from nkbook.cli import main
from tests.books import TinyBook, markdown
from tests.render.formats import Editions

PROJECT = Path(__file__).parents[1] / "parity" / "projects" / "parts"


def test_part_with_a_page(tmp_path: Path) -> None:
    shutil.copytree(PROJECT, tmp_path / "book")
    result = CliRunner().invoke(
        main, ["--project", str(tmp_path / "book"), "build", "--engine", "portable"]
    )
    assert result.exit_code == 0, result.output
    site = tmp_path / "book" / "_book"

    wheat = html.fromstring((site / "wheat.html").read_text(encoding="utf-8"))
    parts = wheat.cssselect(".sidebar .book-nav-part-title")
    assert [part.text_content() for part in parts] == ["Fields", "Forests"]
    assert [a.get("href") for a in parts[0].cssselect("a")] == ["parts/fields.html"]
    assert not parts[1].cssselect("a")
    assert wheat.cssselect(".kicker")[0].text_content() == "Chapter 1"
    trail = wheat.cssselect(".breadcrumbs a")
    assert [a.get("href") for a in trail] == ["index.html", "parts/fields.html"]
    assert "Back to Fields." in wheat.text_content()

    page = html.fromstring((site / "parts" / "fields.html").read_text(encoding="utf-8"))
    assert not page.cssselect(".kicker")
    assert "See Chapter 2." in page.text_content().replace("\u00a0", " ")

    with zipfile.ZipFile(site / "A-book-in-parts.epub") as epub:
        contents = html.fromstring(epub.read("EPUB/nav.xhtml")).cssselect("nav")[0]
    assert " ".join(contents.cssselect("li.part")[0].text_content().split()) == (
        "Fields 1 Wheat 2 Rye"
    )
    words = Editions.words(site / "A-book-in-parts.pdf")
    assert "Fields 5 What grows in a field. See Chapter 2." in words.replace("\u00a0", " ")
    assert not (site / "parts" / "fields.pdf").exists(), "a part is no chapter to hand out"


def test_page_of_a_part_that_is_missing(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"))
    tiny.config["book"]["chapters"] = [
        "index.qmd",
        {"part": "parts/non.qmd", "chapters": ["notebooks/one.ipynb"]},
    ]
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB106" in result.output
    assert "there is no chapter “parts/non.qmd”" in result.output
