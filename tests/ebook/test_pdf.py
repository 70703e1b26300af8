"""The PDF: tagged, whole, with bookmarks and page labels, and faults with a place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from nkbook.errors import BookError
from nkbook.render import ast
from nkbook.render.single import single_document
from tests.ebook.tiny_book import Made, make


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


def page_texts(file: Path) -> list[str]:
    document = pypdfium2.PdfDocument(file)
    try:
        texts = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return [" ".join(text.replace("\ufffe", "").split()) for text in texts]


def test_language_title_and_standards_are_declared(pdf: pikepdf.Pdf) -> None:
    assert str(pdf.Root.Lang) == "en-GB"
    assert pdf.Root.MarkInfo.Marked
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    with pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == "A Book of Small Things"
        assert (metadata["pdfuaid:part"], metadata["pdfaid:part"]) == ("1", "3")


def test_bookmarks_are_the_headings_of_the_tree(made: Made, pdf: pikepdf.Pdf) -> None:
    def titles(items: Any) -> Iterator[str]:
        for item in items:
            yield item.title
            yield from titles(item.children)

    with pdf.open_outline() as outline:
        found = list(titles(outline.root))
    headings = [
        f"{dict(node['c'][1][2]).get('number', '')} {ast.stringify(node['c'][2])}".strip()
        for node in ast.nodes(single_document(made.book, "pdf"), "Header")
    ]
    assert found == ["Contents", *headings]


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
    assert len(levels) == 1 + len(list(ast.nodes(tree, "Header")))
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
    document = pypdfium2.PdfDocument(made.pdf)
    try:
        labels = [document.get_page_label(index) for index in range(len(document))]
    finally:
        document.close()
    texts = page_texts(made.pdf)
    assert labels[:4] == ["i", "ii", "iii", "iv"]
    assert labels[4:] == [str(n) for n in range(1, len(labels) - 3)]
    assert texts[3] == ""
    assert texts.index("First <part> & only") % 2 == 0
    assert (texts.index("First <part> & only") + 1, "") in enumerate(texts)


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
