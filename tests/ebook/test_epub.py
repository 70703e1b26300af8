"""The EPUB: valid, whole, the same bytes every time, and at home on readers."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from nkbook.errors import BookError
from nkbook.render import ast
from nkbook.render.single import single_document
from tests.ebook.tiny_book import Made, make

Check = Callable[[Path], list[str]]
TYPE = "{http://www.idpf.org/2007/ops}type"


@pytest.fixture(scope="session")
def documents(made: Made) -> Mapping[str, Any]:
    """The content documents by name."""
    with zipfile.ZipFile(made.epub) as archive:
        return {
            Path(name).name: etree.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.endswith((".xhtml", ".opf", ".ncx"))
        }


def text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def find(documents: Mapping[str, Any], path: str) -> list[Any]:
    return [found for document in documents.values() for found in document.iterfind(path)]


def test_epubcheck_finds_nothing(made: Made, check_epub: Check) -> None:
    assert check_epub(made.epub) == []


def test_epubcheck_finds_nothing_in_the_real_book(site: Path, check_epub: Check) -> None:
    (file,) = site.glob("*.epub")
    assert check_epub(file) == []
    assert file.stat().st_size < 8_000_000


def test_container_starts_with_its_type_and_has_one_date(made: Made) -> None:
    with zipfile.ZipFile(made.epub) as archive:
        entries = archive.infolist()
        assert archive.read("mimetype") == b"application/epub+zip"
    assert (entries[0].filename, entries[0].compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert {entry.date_time for entry in entries} == {(2026, 3, 1, 12, 0, 0)}


def test_two_builds_in_two_folders_give_the_same_bytes(made: Made, tmp_path: Path) -> None:
    again = make(tmp_path / "another folder")
    assert again.epub.read_bytes() == made.epub.read_bytes()
    assert again.pdf.read_bytes() == made.pdf.read_bytes()


def test_everything_of_the_tree_is_there(made: Made, documents: Mapping[str, Any]) -> None:
    tree = single_document(made.book, "epub")
    headings = [text(h) for level in "123" for h in find(documents, f".//{{*}}h{level}[@id]")]
    for node in ast.nodes(tree, "Header"):
        number = dict(node["c"][1][2]).get("number", "")
        assert f"{number} {ast.stringify(node['c'][2])}".strip() in headings
    alts = {image.get("alt") for image in find(documents, ".//{*}figure/{*}img")}
    assert alts == {ast.pairs_of(n["c"][0])["alt"] for n in ast.nodes(tree, "Image")}
    own = [table for table in find(documents, ".//{*}table") if table.get("class") != "data"]
    assert len(own) == 1 + len(list(ast.nodes(tree, "Table")))  # one is written by hand
    assert len(find(documents, ".//{*}div[@class='csl-entry']")) == 2
    assert [text(f) for f in find(documents, ".//{*}figcaption")] == [
        "Table 1.1: Boats of the river",
        "Figure 1.1: More boats go down than up (Doe 2020).",
        "Figure 2.1: The plan of a bridge (Roe Institute 2021)",
    ]
    (said,) = find(documents, ".//{*}div[@id='quo-ada']")
    assert text(said).startswith("I saw the river rise […] and fall. — Ada")
    assert [text(e) for e in find(documents, ".//{*}*[@id='stat-flow']")] == [
        "1,200 boats, 2020. Source: Doe (2020)."
    ]


def test_korean_is_marked_wherever_it_stands(documents: Mapping[str, Any]) -> None:
    def marked(name: str) -> list[str]:
        spans = find({name: documents[name]}, ".//{*}span[@lang='ko']")
        assert all(span.get("{http://www.w3.org/XML/1998/namespace}lang") == "ko" for span in spans)
        return [text(span) for span in spans]

    assert marked("nav.xhtml") == ["인민"]  # a chapter in the contents
    assert marked("02-part-1.xhtml") == ["인민"]  # and on the page of its part
    assert marked("03-sec-rivers.xhtml") == ["조선"]  # said by the author
    assert marked("04-sec-bridges.xhtml") == ["인민"]  # found in a heading


def test_notes_open_in_place_and_lead_back(documents: Mapping[str, Any]) -> None:
    notes = [a for a in find(documents, ".//{*}aside") if a.get(TYPE) == "footnote"]
    marks = [a for a in find(documents, ".//{*}a") if a.get(TYPE) == "noteref"]
    assert [note.get("id") for note in notes] == [m.get("href")[1:] for m in marks]
    back = [find({"": note}, ".//{*}a[@role='doc-backlink']")[0].get("href") for note in notes]
    assert back == [f"#{mark.get('id')}" for mark in marks]
    assert text(notes[1]) == "2. Two paragraphs. The second one."


def test_contents_nest_parts_chapters_and_sections(documents: Mapping[str, Any]) -> None:
    def outline(items: Any) -> list[Any]:
        return [[text(item.find("{*}a")), *outline(item.iterfind("{*}ol/{*}li"))] for item in items]

    toc, figures, tables, landmarks = documents["nav.xhtml"].iterfind(".//{*}nav")
    assert outline(toc.iterfind("{*}ol/{*}li")) == [
        ["Welcome", ["Notes"]],
        ["First <part> & only", ["1 Rivers of everyday life", ["1.1 Boats"]],
         ["2 Bridges 인민", ["2.1 Notes"]]],
        ["Appendices", ["A Numbers", ["A.1 Evidence"]]],
        ["Plotted data", ["1 Rivers of everyday life"]],
        ["References"],
    ]  # fmt: skip
    # On the page the contents show parts and chapters; the menu of the reader has the sections.
    shown = toc.xpath(".//*[local-name()='a'][not(ancestor::*[@hidden])]")
    assert [text(a) for a in shown][:4] == [
        "Welcome", "First <part> & only", "1 Rivers of everyday life", "2 Bridges 인민"
    ]  # fmt: skip
    assert [text(a) for a in [*figures.iterfind(".//{*}a"), *tables.iterfind(".//{*}a")]] == [
        "Figure 1.1: More boats go down than up",
        "Figure 2.1: The plan of a bridge",
        "Table 1.1: Boats of the river",
    ]
    assert [a.get(TYPE) for a in landmarks.iterfind(".//{*}a")] == [
        "cover", "titlepage", "toc", "loi", "lot", "bodymatter", "bibliography"
    ]  # fmt: skip


def test_part_page_leads_to_its_chapters(documents: Mapping[str, Any]) -> None:
    links = find(documents, ".//{*}div[@class='part-chapters']//{*}a")
    assert [text(a) for a in links] == ["1 Rivers of everyday life", "2 Bridges 인민", "A Numbers"]
    for link in links:
        file, _, name = link.get("href").partition("#")
        assert find({"": documents[file]}, f".//{{*}}h1[@id='{name}']")


def test_package_says_what_the_book_is(documents: Mapping[str, Any]) -> None:
    metadata = documents["package.opf"].find("{*}metadata")
    pairs = {(meta.get("property"), meta.text) for meta in metadata.iterfind("{*}meta")}
    assert metadata.findtext("{*}identifier").startswith("urn:uuid:")
    assert metadata.findtext("{*}language") == "en-GB"
    assert metadata.findtext("{*}description") == "A short book that tests a press."
    assert {
        ("dcterms:modified", "2026-03-01T12:00:00Z"),
        ("schema:accessMode", "visual"),
        ("schema:accessModeSufficient", "textual"),
        ("schema:accessibilityFeature", "alternativeText"),
        ("schema:accessibilityHazard", "none"),
    } <= pairs
    # What nobody has checked is not claimed.
    assert "dcterms:conformsTo" not in {name for name, _ in pairs}


def test_style_leaves_colours_to_the_reader(made: Made) -> None:
    with zipfile.ZipFile(made.epub) as archive:
        style = archive.read("EPUB/style.css").decode()
    assert [line for line in style.splitlines() if line.strip().startswith("color:")] == [
        "  color: inherit;"
    ]


def test_hand_written_html_is_made_well_formed(documents: Mapping[str, Any]) -> None:
    assert [text(e) for e in find(documents, ".//{*}tr/{*}td[{*}br]")] == ["Writtenby hand"]
    assert [text(e) for e in find(documents, ".//{*}div[@data-cite]")] == ["A division."]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("<script>1</script>", "NB705"),
        ('<img src="https://example.org/a.png" alt="a">', "NB706"),
    ],
)
def test_what_an_epub_cannot_hold_is_refused(tmp_path: Path, raw: str, code: str) -> None:
    with pytest.raises(BookError) as caught:
        make(
            tmp_path,
            words=f"# Numbers {{#sec-words}}\n\n[1]{{#stat-flow}}\n\n```{{=html}}\n{raw}\n```\n",
        )
    assert [(f.code, f.place) for f in caught.value.findings] == [(code, "A Numbers")]
