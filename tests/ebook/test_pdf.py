"""The PDF: tagged, whole, with bookmarks and page labels, and faults with a place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from lxml import html

from nkbook.errors import BookError
from nkbook.render import ast
from nkbook.render.pdf import write_pdf
from nkbook.render.project import load_project
from nkbook.render.single import single_document
from tests.ebook.tiny_book import DATE, Made, make, read_project, stage_media, write_project

FRONT = ["Contents", "Figures", "Tables"]
"""Headings that the printed book adds before its text; an index follows it."""


@pytest.fixture(scope="session")
def pdf(made: Made) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(made.pdf) as opened:
        yield opened


def tags(node: Any) -> Iterator[Any]:
    """The elements of the structure tree, in reading order."""
    if isinstance(node, pikepdf.Array):
        for child in node:  # type: ignore[attr-defined]
            yield from tags(child)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from tags(node.K)


def titles_of(bookmarks: Any) -> Iterator[str]:
    for bookmark in bookmarks:
        yield bookmark.title
        yield from titles_of(bookmark.children)


def page_texts(file: Path) -> list[str]:
    document = pypdfium2.PdfDocument(file)
    try:
        texts = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return [" ".join(text.replace("\ufffe", "").split()) for text in texts]


def page_labels(file: Path) -> list[str]:
    document = pypdfium2.PdfDocument(file)
    try:
        return [document.get_page_label(index) for index in range(len(document))]
    finally:
        document.close()


def page_with(file: Path, words: str) -> str:
    """The number of the only page that has `words`."""
    texts = zip(page_texts(file), page_labels(file), strict=True)
    (number,) = (label for text, label in texts if words in text)
    return number


def test_language_title_and_standards_are_declared(pdf: pikepdf.Pdf) -> None:
    assert str(pdf.Root.Lang) == "en-GB"
    assert pdf.Root.MarkInfo.Marked
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    with pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == "A Book of Small Things"
        assert (metadata["pdfuaid:part"], metadata["pdfaid:part"]) == ("1", "3")


def test_bookmarks_are_the_headings_of_the_tree(made: Made, pdf: pikepdf.Pdf) -> None:
    with pdf.open_outline() as outline:
        found = list(titles_of(outline.root))
    headings = [
        f"{dict(node['c'][1][2]).get('number', '')} {ast.stringify(node['c'][2])}".strip()
        for node in ast.nodes(single_document(made.book, "pdf"), "Header")
    ]
    assert found == [*FRONT, *headings, "Index"]


def test_headings_that_skip_levels_nest_without_a_gap(tmp_path: Path) -> None:
    skipping = "# Bridges {#sec-bridges}\n\n## Two\n\n#### Four\n\n### Three\n\n##### Five\n"
    made = make(tmp_path, bridges=skipping)
    with pikepdf.open(made.pdf) as opened, opened.open_outline() as outline:
        part = next(bookmark for bookmark in outline.root if bookmark.title.startswith("First"))
        (two,) = part.children[1].children
        assert [child.title for child in two.children] == ["2.1.0.1 Four", "2.1.1 Three"]
        assert [child.title for child in two.children[1].children] == ["2.1.1.0.1 Five"]


def test_structure_holds_everything_of_the_tree(made: Made, pdf: pikepdf.Pdf) -> None:
    tree = single_document(made.book, "pdf")
    elements = list(tags(pdf.Root.StructTreeRoot))
    kinds = [str(element.S) for element in elements]
    alts = [str(element.Alt) for element in elements if element.S == "/Figure"]
    assert sorted(alts) == sorted(ast.pairs_of(n["c"][0])["alt"] for n in ast.nodes(tree, "Image"))
    assert kinds.count("/Table") == len(list(ast.nodes(tree, "Table")))
    assert kinds.count("/TH") == 2
    assert kinds.count("/Note") == len(list(ast.nodes(tree, "Note")))
    levels = [int(kind[2]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert len(levels) == len([*FRONT, "Index"]) + len(list(ast.nodes(tree, "Header")))
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_text_is_there(made: Made) -> None:
    text = " ".join(page_texts(made.pdf))
    for words in (
        "With one of everything & more",
        "Licence: CC BY 4.0",
        "Chapter 1 Rivers of everyday life",
        "see Figure 1.1, Table 1.1 and Chapter 2",
        "In brief – Boats go down.",
        "I saw the river rise […] and fall. — Ada, who left in 1999",
        "Table 1.1: Boats of the river",
        "Figure 2.1: The plan of a bridge (Roe Institute 2021)",
        "Measured at the widest place",
        "Two paragraphs. The second one.",
        "(조선)",
        "Appendix A Numbers",
        "1,200 boats, 2020. Source: Doe (2020).",
        "Doe, Jane. 2020. Rivers. Water Press.",
    ):
        assert words in text


def test_pages_are_labelled_and_parts_open_on_the_right(made: Made) -> None:
    labels = page_labels(made.pdf)
    texts = page_texts(made.pdf)
    assert labels[:6] == ["i", "ii", "iii", "iv", "v", "vi"]
    assert labels[6:] == [str(n) for n in range(1, len(labels) - 5)]
    assert texts[5] == ""
    assert texts.index("First <part> & only") % 2 == 0
    assert (texts.index("First <part> & only") + 1, "") in enumerate(texts)


def test_figures_and_tables_are_listed_by_their_first_sentences(made: Made) -> None:
    flow, plan, boats = (
        page_with(made.pdf, words) for words in ("Figure 1.1:", "Figure 2.1:", "Table 1.1:")
    )
    texts = page_texts(made.pdf)
    figures, tables = (
        next(text for text in texts if text.startswith(title)) for title in ("Figures", "Tables")
    )
    assert figures.startswith(
        f"Figures Figure 1.1 More boats go down than up. {flow} "
        f"Figure 2.1 The plan of a bridge {plan}"
    )
    assert tables.startswith(f"Tables Table 1.1 Boats of the river {boats}")


INDEXED = """\
# Numbers {#sec-words}

## Evidence

::: {#stat-flow .evidence}
**1,200** boats, 2020. Source: @doe2020. A skiff of no account.
:::

### Small\u00a0boat {#term-boat .unlisted}

A boat for few.

### skiff {#term-skiff .unlisted}

A boat for two.
"""


def test_index_leads_to_terms_and_speakers_where_they_occur(tmp_path: Path) -> None:
    filler = "\n\n".join("Water. " * 60 for _ in range(12))
    made = make(
        tmp_path,
        words=INDEXED,
        bridges="# Bridges {#sec-bridges}\n\nOne can row [a small craft](words.md#term-skiff).\n\n"
        '![P](plan.svg){#fig-plan fig-alt="Piers"}\n\n'
        f"{filler}\n\nMany Skiffs came, as Ada knew; no skiffle, one small boat.\n\n"
        "::: {.testimony}\n> Yes.\n\n[— Bo Lin, a rower]{.testimony-speaker}\n:::\n",
    )
    link, plural, said, row, alone, table = (
        page_with(made.pdf, words)
        for words in ("One can row", "Many Skiffs", "— Ada, who", "A boat for two", "— Bo", "Ferry")
    )
    assert int(plural) > int(link) + 1
    index = next(text for text in page_texts(made.pdf) if text.startswith("Index"))
    assert index.partition("source prints them. ")[2] == (
        f"Ada, {said} Bo Lin, {alone} skiff, {table}, {link}, {plural}, {row} "
        f"Small boat, {plural}, {row} {page_with(made.pdf, index)}"
    )


def test_foot_of_a_page_says_where_its_numbers_have_their_evidence(made: Made) -> None:
    row = page_with(made.pdf, "1,200 boats, 2020.")
    told = [text for text in page_texts(made.pdf) if "Evidence for" in text]
    assert len(told) == 1
    assert "A river carries 1,200" in told[0]
    assert f"Evidence for this page’s numbers: p. {row}" in told[0]


def test_each_chapter_is_whole_on_its_own(made: Made) -> None:
    assert sorted(made.offprints) == ["bridges.md", "rivers.ipynb", "words.md"]
    text = " ".join(page_texts(made.offprints["rivers.ipynb"]))
    for words in (
        "A Book of Small Things Chapter 1 Rivers of everyday life",
        "A chapter of A Book of Small Things. Please cite it as: Ada Example & Kim Min-su (2026). "
        "Rivers of everyday life. In A Book of Small Things. Edition of 1 March 2026.",
        "Licence: CC BY 4.0",
        "see Figure 1.1, Table 1.1 and Chapter 2",
        "Measured at the widest place; see the bridge.",
        "References Doe, Jane. 2020. Rivers. Water Press.",
    ):
        assert words in text
    # Nothing of other chapters, and no source that this one does not cite.
    words = " ".join(page_texts(made.offprints["words.md"]))
    assert "Boats & Bridges" in text
    assert "Boats & Bridges" not in words
    assert "Bridges 인민" not in text
    with pikepdf.open(made.offprints["rivers.ipynb"]) as opened:
        assert str(opened.docinfo.Title) == (
            "Chapter 1 · Rivers of everyday life · A Book of Small Things"
        )


def test_the_same_sources_give_the_same_chapters_with_any_number_of_jobs(
    made: Made, tmp_path: Path
) -> None:
    write_project(tmp_path / "another")
    book = read_project(tmp_path / "another")
    stage_media(book, tmp_path)
    again = write_pdf(book, tmp_path, tmp_path / "book.pdf", DATE, jobs=1)
    assert {file: path.read_bytes() for file, path in again.items()} == {
        file: path.read_bytes() for file, path in made.offprints.items()
    }


def test_each_chapter_of_the_real_book_lies_beside_its_page(site: Path, clone: Path) -> None:
    for entry in load_project(clone).entries:
        if entry.kind != "home":
            assert (site / entry.href).with_suffix(".pdf").is_file(), entry.file


def addresses(file: Path) -> set[str]:
    with pikepdf.open(file) as opened:
        links = [link for page in opened.pages for link in page.obj.get("/Annots", [])]
        return {str(link.A.URI) for link in links if "/A" in link}


def test_a_chapter_leads_to_the_pages_of_the_others_where_they_are_published(
    made: Made, tmp_path: Path
) -> None:
    assert addresses(made.offprints["rivers.ipynb"]) == {"https://example.org/boats?a=1&b=2"}
    book = replace(made.book.project, site_url="https://example.org/book/")
    staging = made.pdf.parent / "staging"
    files = write_pdf(replace(made.book, project=book), staging, tmp_path / "book.pdf", DATE)
    assert addresses(files["rivers.ipynb"]) == {
        "https://example.org/boats?a=1&b=2",
        "https://example.org/book/bridges.html",
        "https://example.org/book/rivers.html",
        "https://example.org/book/words.html#stat-flow",
    }


def test_a_character_that_no_font_has_is_named_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(BookError) as caught:
        make(
            tmp_path,
            bridges="# Bridges {#sec-bridges}\n\nA 뷁.\n\n"
            '![P](plan.svg){#fig-plan fig-alt="Piers"}\n',
        )
    (finding,) = caught.value.findings
    assert (finding.code, finding.place) == ("NB703", "bridges.md")
    assert "뷁" in finding.message


def test_nothing_is_left_in_the_staging_folder(made: Made) -> None:
    assert not (made.pdf.parent / "staging" / ".print").exists()


def test_the_real_book_has_the_headings_and_figures_of_the_site(site: Path, clone: Path) -> None:
    """Compared by structure: bookmarks, figures with their alt texts, tables."""
    headings: list[str] = []
    alts: list[str] = []
    tables = 0
    for entry in load_project(clone).entries:
        (main,) = html.parse(site / entry.href).getroot().cssselect("main")
        if entry.kind == "home":
            headings.append(main.cssselect("#home-title")[0].text_content())
            continue
        (article,) = main.cssselect("article")
        titles = "h1, section[class^=level]:not(#references) > :is(h2, h3, h4, h5, h6)"
        for heading in article.cssselect(titles):
            for link in heading.cssselect(".heading-link"):
                link.drop_tree()
            headings.append(" ".join(heading.text_content().split()))
        alts += [image.get("alt") for image in article.cssselect("figure.figure img")]
        tables += len(article.cssselect("figure.table table"))
    (file,) = site.glob("*.pdf")
    with pikepdf.open(file) as opened:
        with opened.open_outline() as outline:
            found = [" ".join(title.split()) for title in titles_of(outline.root)]
        elements = list(tags(opened.Root.StructTreeRoot))
    parts = {entry.part for entry in load_project(clone).entries} | {"Appendices", "References"}
    found = [title for title in found if title not in parts | {*FRONT, "Index"}]
    assert len(headings) > 1000
    # A chapter's number stands beside its title on the site.
    assert [
        title if title == heading else title.partition(" ")[2]
        for title, heading in zip(found, headings, strict=True)
    ] == headings
    assert [str(e.Alt) for e in elements if e.S == "/Figure"] == alts
    assert len([e for e in elements if e.S == "/Table"]) == tables
