"""What readers take along: the archives that the home page offers."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest
from lxml import html as lxml_html

from tests.books import FIGURE, TinyBook, code, markdown


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a book with a figure and data, which nobody changes."""
    tiny = TinyBook(tmp_path_factory.mktemp("downloads") / "book")
    tiny.bibliography()
    tiny.chapter("one", markdown("# Chapter one"), code(FIGURE))
    tiny.write("data/numbers.csv", "a,b\n1,2\n")
    tiny.write("data/series/rice.csv", "year,value\n2020,3\n")
    tiny.config["project"]["resources"] = ["data/*.csv", "data/series"]
    tiny.config["book"]["license"] = "CC BY 4.0"
    result = tiny.build()
    assert result.exit_code == 0, result.output
    return tiny.root / "_site"


def content(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name.split("/", 1)[1]: opened.read(name) for name in opened.namelist()}


def test_home_page_offers_what_is_there(built: Path) -> None:
    home = lxml_html.fromstring((built / "index.html").read_text(encoding="utf-8"))
    offered = {
        link.cssselect(".download-label")[0].text_content(): built / link.get("href")
        for link in home.cssselect(".downloads a")
    }
    assert set(offered) == {"Offline edition", "All figures", "Data"}
    assert all(file.is_file() for file in offered.values())


def test_figures_come_in_every_form_with_the_licence(built: Path) -> None:
    files = content(built / "Tiny-book-figures.zip")
    forms = {f"fig-line{suffix}" for suffix in (".svg", ".pdf", ".png", ".csv", ".json")}
    assert set(files) == forms | {"README.txt", "provenance.json", "SHA256SUMS"}
    assert b"CC BY 4.0" in files["README.txt"]
    assert all(f"<id>{Path(form).suffix}".encode() in files["README.txt"] for form in forms)
    assert b"Ann Author" in files["README.txt"]


@pytest.mark.parametrize("name", ["data", "figures", "offline"])
def test_every_archive_comes_with_true_checksums(built: Path, name: str) -> None:
    files = content(built / f"Tiny-book-{name}.zip")
    listed = files.pop("SHA256SUMS").decode()
    sums = dict(reversed(line.split("  ")) for line in listed.splitlines())
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert list(sums) == sorted(sums)


def test_data_are_all_there(built: Path) -> None:
    files = content(built / "Tiny-book-data.zip")
    assert {name for name in files if "/" in name} == {"data/numbers.csv", "data/series/rice.csv"}
    assert b"Start with" not in files["README.txt"]


def test_no_zip_lies_in_a_zip_and_every_link_of_the_offline_edition_leads_on(built: Path) -> None:
    files = content(built / "Tiny-book-offline.zip")
    assert not [name for name in files if name.endswith(".zip")]
    home = lxml_html.fromstring(files["index.html"].decode())
    for link in home.cssselect("a[href]"):
        path = link.get("href").partition("#")[0]
        assert not path or path in files, path
