"""The EPUB: valid, whole, the same bytes every time, and at home on readers."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from nkbook.errors import BookError
from nkbook.render import ast
from nkbook.render.epub import pages, write_epub
from nkbook.render.epub.data import data_chapter
from nkbook.render.single import single_document
from tests.ebook.tiny_book import (
    DATE,
    Made,
    make,
    read_project,
    stage_media,
    write_project,
)

TYPE = "{http://www.idpf.org/2007/ops}type"


def read_documents(file: Path) -> Mapping[str, Any]:
    """The content documents of an EPUB by name."""
    with zipfile.ZipFile(file) as archive:
        return {
            Path(name).name: etree.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.endswith((".xhtml", ".opf", ".ncx"))
        }


@pytest.fixture(scope="session")
def documents(made: Made) -> Mapping[str, Any]:
    return read_documents(made.epub)


def text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def find(documents: Mapping[str, Any], path: str) -> list[Any]:
    return [found for document in documents.values() for found in document.iterfind(path)]


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
        ("schema:accessibilityFeature", "MathML"),
        ("schema:accessibilityHazard", "none"),
    } <= pairs
    # What nobody has checked is not claimed; nor are data that not every figure has.
    assert "dcterms:conformsTo" not in {name for name, _ in pairs}
    assert ("schema:accessibilityFeature", "longDescription") not in pairs


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
    ("raw", "code", "place"),
    [
        ("<form></form>", "NB608", "words.md"),
        ('<video src="https://example.org/a.mp4"></video>', "NB607", "words.md"),
        ('<p>A</p><iframe title="A film"></iframe>', "NB705", "A Numbers"),
    ],
)
def test_what_an_epub_cannot_hold_is_refused(
    tmp_path: Path, raw: str, code: str, place: str
) -> None:
    with pytest.raises(BookError) as caught:
        make(
            tmp_path,
            words=f"# Numbers {{#sec-words}}\n\n[1]{{#stat-flow}}\n\n```{{=html}}\n{raw}\n```\n",
        )
    assert [(f.code, f.place) for f in caught.value.findings] == [(code, place)]


def test_dead_links_in_html_written_by_hand_are_refused(tmp_path: Path) -> None:
    raw = '<p><a href="#nowhere">A</a> <a href="03-sec-rivers.xhtml">R</a> <img src="plan.svg"></p>'
    words = "# Numbers {#sec-words}\n\n[1]{#stat-flow}\n\n```{=html}\n" + raw + "\n```\n"
    with pytest.raises(BookError) as caught:
        make(tmp_path, words=words)
    assert [(f.code, f.message.split("”")[0]) for f in caught.value.findings] == [
        ("NB701", "the image “plan.svg"),
        ("NB709", "“#nowhere"),
        ("NB709", "“plan.svg"),
    ]


def test_figures_and_their_data_lead_to_one_another(documents: Mapping[str, Any]) -> None:
    (link,) = find(documents, ".//{*}figure[@id='fig-flow']/{*}p/{*}a")
    assert (text(link), link.get("href")) == (
        "Data of Figure 1.1",
        "07-plotted-data.xhtml#data-of-fig-flow",
    )
    page = documents["07-plotted-data.xhtml"]
    (heading,) = page.iterfind(".//{*}h3")
    assert text(heading) == "Figure 1.1: More boats go down than up"
    assert heading.find("{*}a").get("href") == "03-sec-rivers.xhtml#fig-flow"
    (table,) = page.iterfind(".//{*}table")
    assert text(table.find("{*}caption")) == "Boats; 2 rows"
    assert [(text(c), c.get("scope")) for c in table.iterfind(".//{*}th")] == [
        ("Year", "col"), ("Boats", "col"), ("2019", "row"), ("2020", "row")
    ]  # fmt: skip
    assert [text(c) for c in table.iterfind(".//{*}td")] == ["1,100", "1,200"]


def test_data_table_is_narrow_and_its_sources_are_citations(made: Made) -> None:
    (figure,) = made.book.figures
    record = replace(
        figure,
        columns=("year", "entity", "value", "low", "high", "source", "note", "as_of", "label"),
        rows=(
            (2019, "North", 5, 5, 5, "doe2020", "Counted.", None, None),
            (2020, "North", None, 4, 6, "doe2020;hearsay", None, None, None),
            (None, None, 7, None, None, "doe2020", None, "2021", "South"),
        ),
    )
    made.book.chapters[1].figures[0] = record
    try:
        tree = single_document(made.book, "epub", partial(data_chapter, made.book))
    finally:
        made.book.chapters[1].figures[0] = figure
    table = list(ast.nodes(tree, "Table"))[-1]
    rows = [[ast.stringify(cell[-1]) for cell in row[1]] for row in [
        *table["c"][3][1], *table["c"][4][0][3]
    ]]  # fmt: skip
    assert rows == [
        ["Year", "Entity", "Value", "Range", "Source, note"],
        ["2019", "North", "5", "", "Doe (2020). Counted."],
        ["2020", "North", "", "4–6", "Doe (2020); hearsay"],
        ["2021", "South", "7", "", "Doe (2020)"],
    ]


def test_long_chapter_is_cut_at_its_sections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LONG", 8)
    sections = "\n\n".join(
        f"## Section {n} {{#sec-cut-{n}}}\n\nMany words.[^{n}]\n\n[^{n}]: Note {n}." for n in (1, 2)
    )
    words = f"# Numbers {{#sec-words}}\n\n[1]{{#stat-flow}} See @sec-cut-2.\n\n{sections}\n"
    done = read_documents(make(tmp_path, words=words).epub)
    first, second = (
        next(root for name, root in done.items() if name.endswith(end))
        for end in ("-sec-words.xhtml", "-sec-cut-2.xhtml")
    )
    assert [text(h) for h in first.iterfind(".//{*}h2")] == ["A.1 Section 1"]
    assert second.find(".//{*}section").get("role") is None  # the appendix began before
    link = first.find(".//{*}a[@class='quarto-xref']").get("href")
    assert link.endswith("-sec-cut-2.xhtml#sec-cut-2")
    assert text(second.find(".//{*}aside")) == "2. Note 2."
    labels = [text(a) for a in done["nav.xhtml"].iterfind(".//{*}a")]
    assert labels[labels.index("A Numbers") + 1 :][:2] == ["A.1 Section 1", "A.2 Section 2"]


def test_links_and_chapters_say_what_they_are(tmp_path: Path) -> None:
    words = "# Words {#sec-glossary}\n\n## flow {#term-flow}\n\n[1]{#stat-flow} flows.\n"
    home = "# Welcome {.unnumbered}\n\nA [flow](#term-flow) [@doe2020].\n"
    done = read_documents(make(tmp_path, words=words, index=home).epub)
    section = done["06-sec-glossary.xhtml"].find(".//{*}section")
    assert (section.get(TYPE), section.get("role")) == ("glossary", "doc-glossary")
    roles = {text(a): a.get("role") for a in done["01-welcome.xhtml"].iterfind(".//{*}a")}
    assert roles == {"flow": "doc-glossref", "Doe 2020": "doc-biblioref"}


def test_warnings_are_notices(documents: Mapping[str, Any]) -> None:
    (warning,) = find(documents, ".//{*}section[@id='note-rivers']")
    assert (warning.get(TYPE), warning.get("role")) == ("notice", "doc-notice")


def test_metadata_of_the_project_is_in_the_package(tmp_path: Path) -> None:
    claim = "EPUB Accessibility 1.1 - WCAG 2.2 Level AA"
    extra = f'<meta id="c" property="dcterms:conformsTo">{claim}</meta>'
    done = read_documents(made_with_metadata(tmp_path, extra))
    (meta,) = done["package.opf"].iterfind(".//{*}meta[@property='dcterms:conformsTo']")
    assert (meta.get("id"), meta.text) == ("c", claim)
    assert f"By the checks of its own project it meets {claim}." in text(done["colophon.xhtml"])


@pytest.mark.parametrize("extra", ["<meta", "<dc:title>T</dc:title>", "<meta property='x'/>"])
def test_metadata_that_cannot_be_taken_is_refused(tmp_path: Path, extra: str) -> None:
    with pytest.raises(BookError) as caught:
        made_with_metadata(tmp_path, extra)
    assert [(f.code, f.place) for f in caught.value.findings] == [("NB708", "extra.xml")]


def made_with_metadata(root: Path, extra: str) -> Path:
    write_project(root)
    (root / "extra.xml").write_text(extra, encoding="utf-8")
    config = (root / "_quarto.yml").read_text(encoding="utf-8")
    config = config.replace("epub: {}", "epub: {epub-metadata: extra.xml}")
    (root / "_quarto.yml").write_text(config, encoding="utf-8")
    book = read_project(root)
    stage_media(book, root / "staging")
    write_epub(book, root / "staging", root / "book.epub", DATE)
    return root / "book.epub"
