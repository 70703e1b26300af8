"""What stands where on the pages of a PDF, with the element of the structure it belongs to."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium

from tests.ebook.matterhorn import Document

MM = 72 / 25.4


class Text(NamedTuple):
    """A run of text, in millimetres from the lower left corner of its page."""

    left: float
    bottom: float
    right: float
    top: float
    kind: str
    """The kind of element, such as `P` or `H2`; empty for what is no part of the text."""


class Page(NamedTuple):
    """A page of a PDF."""

    number: int
    width: float
    height: float
    label: str
    words: str
    texts: list[Text]


def read_pages(file: Path) -> list[Page]:
    """All pages of a PDF."""
    with pikepdf.open(file) as tagged, _opened(file) as document:
        kinds = _kinds(Document(tagged))
        return [
            Page(
                number=index + 1,
                width=page.get_width() / MM,
                height=page.get_height() / MM,
                label=document.get_page_label(index),
                words=_words(page),
                texts=list(_texts(page, kinds.get(index, {}))),
            )
            for index, page in enumerate(document)
        ]


def read_words(file: Path) -> str:
    """The words of a PDF's text in reading order, without heads, feet and folios."""
    parts = []
    with pikepdf.open(file) as tagged, _opened(file) as document:
        kinds = _kinds(Document(tagged))
        for index, page in enumerate(document):
            text = page.get_textpage()
            for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
                if kinds.get(index, {}).get(_mcid(item.raw)):
                    parts.append(_words_of(item.raw, text.raw))
    return " ".join(parts)


def _words_of(item: ctypes.c_void_p, page: ctypes.c_void_p) -> str:
    size = pdfium.FPDFTextObj_GetText(item, page, None, 0)
    buffer = (ctypes.c_ushort * (size // 2))()
    pdfium.FPDFTextObj_GetText(item, page, buffer, size)
    return bytes(buffer).decode("utf-16-le").rstrip("\0")


@contextmanager
def _opened(file: Path) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(file)
    try:
        yield document
    finally:
        document.close()


def _words(page: pypdfium2.PdfPage) -> str:
    return " ".join(page.get_textpage().get_text_range().replace("\ufffe", "").split())


def _texts(page: pypdfium2.PdfPage, kinds: dict[int, str]) -> Iterator[Text]:
    for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
        left, bottom, right, top = (value / MM for value in item.get_bounds())
        if right > left:
            yield Text(left, bottom, right, top, kinds.get(_mcid(item.raw), ""))


def _mcid(item: ctypes.c_void_p) -> int:
    """The number of the innermost marked content of an object that has one, else -1."""
    value = ctypes.c_int(-1)
    for index in range(pdfium.FPDFPageObj_CountMarks(item)):
        mark = pdfium.FPDFPageObj_GetMark(item, index)
        pdfium.FPDFPageObjMark_GetParamIntValue(mark, b"MCID", value)
    return value.value


def _kinds(document: Document) -> dict[int, dict[int, str]]:
    """By page and number of marked content, the kind of heading or else of element."""
    by_node = {element.node.objgen: element for element in document.elements}
    found: dict[int, dict[int, str]] = {}
    for index, page in enumerate(document.pdf.pages):
        owners = document.parents.get(int(page.obj.get("/StructParents", -1)), [])
        for mcid, node in enumerate(owners):
            element = by_node.get(node.objgen) if isinstance(node, pikepdf.Dictionary) else None
            kind = element.kind if element else ""
            while element:
                kind = element.kind if element.kind[:1] == "H" else kind
                element = element.parent
            found.setdefault(index, {})[mcid] = kind
    return found
