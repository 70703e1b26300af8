"""One command takes a person's words out of everything: no byte of what is made has them."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from nkbook.data.library import OF_A_PERSON
from nkbook.evidence.withdrawal import withdraw
from tests.books import TinyBook, code, markdown
from tests.conftest import ROOT
from tests.contents import contents

ID = "jeongyol-kim"
NAME = "Jeongyol Kim"
WORDS = re.compile(r"warned\s+not\s+to\s+be\s+swayed|Jeongyol\s+Kim")
FORMATS = ("html", "epub", "pdf")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> TinyBook:
    """A book with our data, a chapter that quotes, the page of testimonies, in every edition."""
    tiny = TinyBook(tmp_path_factory.mktemp("withdrawal") / "book")
    shutil.copytree(ROOT / "data", tiny.root / "data")
    for name in ("CITATION.cff", "LICENSE"):
        shutil.copyfile(ROOT / name, tiny.root / name)
    audit = tiny.root / "data" / "audit.csv"
    audit.write_text(audit.read_text("utf-8").replace(NAME, "one traveller"), "utf-8")
    tiny.config["project"]["pre-render"] = f"{sys.executable} -m nkbook prepare"
    tiny.config["project"]["resources"] = ["data/", "_data/"]
    tiny.config["book"]["site-url"] = "https://example.org/"
    tiny.config["format"] = {"html": {}, "epub": {}, "typst": {}}
    quote = f'from nkbook.notebook import quote\nquote("{ID}")'
    tiny.chapter("one", markdown("# One {#sec-one}"), code(quote))
    evidence = "from nkbook.evidence import list_testimonies\nlist_testimonies()"
    cell = code(f"#| output: asis\n{evidence}")
    tiny.chapter("testimonies", markdown("# Testimonies {#sec-testimonies}"), cell)
    evidence = "from nkbook.evidence import list_sources\nlist_sources()"
    cell = code(f"#| output: asis\n{evidence}")
    tiny.chapter("sources", markdown("# Sources {#sec-sources}"), cell)
    for name in ("source-page", "timeline"):
        tiny.chapter(name, markdown(f"# {name} {{#sec-{name}}}"))
    tiny.config["bibliography"] = "_references.json"
    result = tiny.build(FORMATS)
    assert result.exit_code == 0, result.output
    return tiny


def holders(book: TinyBook) -> set[str]:
    """The files, and those within files, that hold the words or the name."""
    return {name for name, text in contents(book.root) if WORDS.search(text)}


def test_words_that_are_withdrawn_are_in_no_byte(book: TinyBook) -> None:
    before = holders(book)
    for kind in (
        "data/testimonies.csv",
        "_site/notebooks/one.html",
        "_site/Tiny-book.epub/EPUB/",
        "_site/Tiny-book.pdf (pages)",
        "_site/Tiny-book-offline.zip/",
        "_site/Tiny-book-data.zip/",
        "_data/",
        "_cache/execution/",
        "_cache/programs/",
    ):
        assert any(name.startswith(kind) for name in before), (kind, sorted(before))
    others = (book.root / "data" / "testimonies.csv").read_text("utf-8").splitlines()
    result = book.run("withdraw", ID)
    assert result.exit_code == 0, result.output
    assert "Removed: _cache" in result.output
    assert holders(book) == set()
    for name in ("index.html", "notebooks/one.html", "Tiny-book.epub", "Tiny-book-data.zip"):
        assert (book.root / "_site" / name).is_file()
    now = (book.root / "data" / "testimonies.csv").read_text("utf-8").splitlines()
    assert [line for line in now if line not in others] == [
        line for line in now if line.startswith(f"{ID},")
    ]
    assert book.run("withdraw", ID).exit_code == 0


def test_what_only_people_can_write_anew_is_named(book: TinyBook, tmp_path: Path) -> None:
    copy = TinyBook(tmp_path / "book")
    shutil.rmtree(copy.root)
    shutil.copytree(ROOT / "data", copy.root / "data")
    copy.write("index.qmd", f"# Welcome\n\nOther words.\n\nAs {NAME} says.\n")
    copy.save()
    (copy.root / "_site").mkdir()
    (copy.root / "_site" / "index.html").write_text("old")
    result = copy.run("withdraw", ID)
    assert result.exit_code == 1
    assert "NE108  index.qmd, line 5" in result.output
    assert "NE108  data/audit.csv, line" in result.output
    assert not (copy.root / "_site").exists()


def test_a_testimony_that_is_not_there(book: TinyBook) -> None:
    before = (book.root / "data" / "testimonies.csv").read_bytes()
    result = book.run("withdraw", "jeongyol-kin")
    assert result.exit_code == 1
    assert "NE107" in result.output
    assert f"Did you mean “{ID}”?" in result.output
    assert (book.root / "data" / "testimonies.csv").read_bytes() == before


def test_all_other_rows_stay_as_they_are(tmp_path: Path) -> None:
    head = ",".join(("id", *OF_A_PERSON, "withdrawn"))
    others = 'a,Ann,,,"One\u2028two\x85, three\nfour",,no\r\n', "c,Bo,,,Five,,no\n"
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "testimonies.csv"
    file.write_bytes(f'{head}\n{others[0]}b,Cy,x,y,"Six\nseven",z,no\n{others[1]}'.encode())
    withdraw(tmp_path, "b", tmp_path / "_site")
    assert file.read_bytes().decode() == f"{head}\n{others[0]}b,,,,,,yes\n{others[1]}"
