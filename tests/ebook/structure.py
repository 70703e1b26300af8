"""What a reader can point at, drawn out of an edition in one form, to compare editions.

The website's pages and the EPUB's content documents are both HTML with the same classes, so one
extractor reads both: each chapter becomes a list of items in the order of the text.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import etree, html

XHTML = "{http://www.w3.org/1999/xhtml}"

_HEADING = re.compile(r"h[1-6]$")

_LEFT_OUT = {
    "heading-link",  # the website's own: links to sections, menus of figures, folded code
    "figure-more",
    "code-fold",
    "close",
    "figure-data",  # the EPUB's own: the way to a figure's data
    "footnote-back",
}
"""Classes of what an edition adds to the book."""


@dataclass(frozen=True)
class Item:
    """A heading, figure, table, testimony, paragraph, note or citation."""

    kind: str
    name: str
    """The number or the id by which readers find it, or nothing."""
    text: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.kind, self.name, self.text)))


Chapters = dict[str, list[Item]]
"""Chapters in order, each under its number and title, with its items."""


def site_structure(site: Path) -> tuple[Chapters, dict[str, str]]:
    """The chapters of a website and its references by key."""
    home = html.parse(str(site / "index.html")).getroot()
    links = [link.get("href") for link in home.cssselect("#contents ol a[href]")]
    chapters: Chapters = {}
    references: dict[str, str] = {}
    for name in ["index.html", *links]:
        root = html.parse(str(site / name)).getroot()
        article = root.cssselect(".home-body, article[id]")[0]
        title = article.cssselect("h1, #home-title")[0]
        kicker = next(iter(article.cssselect(".kicker")), None)
        number = re.fullmatch(r"(?:Chapter|Appendix) (\w+)", _text(kicker))
        label = f"{number[1] if number else ''} {_text(title)}".strip()
        (prose,) = article.cssselect(".prose")
        chapters[label] = list(_items(prose))
        references |= _references(prose)
    return chapters, references


def epub_structure(file: Path) -> tuple[Chapters, dict[str, str]]:
    """The chapters of an EPUB, in the order of its spine, and its references by key."""
    chapters: Chapters = {}
    references: dict[str, str] = {}
    label = ""
    with zipfile.ZipFile(file) as archive:
        package = etree.fromstring(archive.read("EPUB/package.opf"))
        files = {item.get("id"): item.get("href") for item in package.iterfind(".//{*}item")}
        for itemref in package.iterfind(".//{*}itemref"):
            root = etree.fromstring(archive.read(f"EPUB/{files[itemref.get('idref')]}"))
            for element in root.iter(f"{XHTML}*"):
                element.tag = etree.QName(element).localname
            body = root.find("body")
            title = body.find(".//h1[@id]")
            if title is not None:
                label = _text(title)
                title.getparent().remove(title)
                chapters[label] = []
            if label:
                chapters[label] += _items(body)
                references |= _references(body)
    return chapters, references


def missing(wanted: Chapters, found: Chapters) -> list[str]:
    """What `found` lacks of `wanted`, or has in another place: chapter by chapter."""
    faults = []
    for label, items in wanted.items():
        if label not in found:
            faults.append(f"no chapter “{label}”")
            continue
        lost = Counter(items) - Counter(found[label])
        faults += [f"{label}: no {item}" for item in lost]
        rest = iter(found[label])
        # Each `in` goes on from where the last item stood.
        if not lost and (away := [item for item in items if item not in rest]):
            faults.append(f"{label}: in another place: {away[0]}")
    order = [label for label in found if label in wanted]
    if order != [label for label in wanted if label in found]:
        faults.append("chapters in another order")
    return faults


def _items(root: Any) -> Iterator[Item]:
    for element in root:
        if isinstance(element.tag, str) and not _is_left_out(element):
            item = _item(element)
            if item:
                yield item
            yield from _items(element)


def _item(element: Any) -> Item | None:
    tag, classes = element.tag, set(element.get("class", "").split())
    if _HEADING.match(tag):
        number = next(iter(element.xpath("*[@class='header-section-number']")), None)
        return Item("heading", _text(number), _text(element, {"header-section-number"}))
    if tag == "figure" and element.get("id"):
        label = _text(next(iter(element.xpath("figcaption/*[@class='float-label']"))))
        caption = _text(element.find("figcaption"), {"float-label"})
        return Item("figure" if "figure" in classes else "table", label.rstrip(":"), caption)
    if tag == "img":
        return Item("image", Path(element.get("src")).name, _squeezed(element.get("alt", "")))
    if tag == "table":
        rows = (" | ".join(map(_text, row.xpath("th|td"))) for row in element.iter("tr"))
        return Item("rows", "", " / ".join(rows))
    if "testimony" in classes:
        return Item("testimony", element.get("id", ""), _text(element))
    if "citation" in classes:
        return Item("citation", element.get("data-cites", ""), _text(element))
    if _is_note(element):
        return Item("note", "", re.sub(r"^\d+\. ", "", _text(element)))
    if tag in {"p", "dt", "dd", "blockquote", "pre"} or (tag == "li" and not _has_blocks(element)):
        return Item(tag, "", _text(element))
    return None


def _is_note(element: Any) -> bool:
    if element.get("role") in {"doc-footnote", "doc-endnote"}:
        return True
    return element.tag == "li" and re.fullmatch(r"fn\d+", element.get("id", "")) is not None


def _is_left_out(element: Any) -> bool:
    classes = set(element.get("class", "").split())
    role = element.get("role", "")
    # References are compared by their keys: a page of the website lists its own.
    is_list = element.get("id") in {"references", "refs"}
    return bool(classes & _LEFT_OUT) or role == "doc-backlink" or is_list or element.tag == "nav"


def _has_blocks(element: Any) -> bool:
    return any(child.tag in {"p", "ul", "ol", "div", "blockquote"} for child in element)


def _references(root: Any) -> dict[str, str]:
    entries = root.xpath(".//*[contains(concat(' ', @class, ' '), ' csl-entry ')]")
    # Addresses are those of the link; what is shown of them may be shorter.
    addresses = re.compile(r"https?://\S+")
    return {entry.get("id"): addresses.sub("", _text(entry)) for entry in entries}


def _text(element: Any, without: Iterable[str] = ()) -> str:
    """The text of an element without what editions add, its spaces and years made the same."""
    return _squeezed("".join(_words(element, set(without)))) if element is not None else ""


def _words(element: Any, without: set[str]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            classes = set(child.get("class", "").split())
            if not classes & without and not _is_left_out(child):
                yield from _words(child, without)
            if child.tag == "br":
                yield " "
        yield child.tail or ""


def _squeezed(text: str) -> str:
    # Works of one author and year get a letter by the list that they stand in: a chapter's or the
    # book's. Without a year, a hyphen before the letter may be all that is left of it.
    # An address may be printed with or without its percent signs.
    text = unquote(" ".join(text.split()))
    text = re.sub(r"(\d{4}\??\]?|n\.d\.)-?[a-z]\b", r"\1", text)
    text = re.sub(r"(?:,? n\.d\.|, -[a-z]\b)\.?", "", text)
    return text.strip()


def unprinted(chapters: Chapters, references: dict[str, str], words: str) -> list[str]:
    """What a printed edition with these words lacks of testimonies, tables, notes and references.

    Spaces, marks and hyphens do not count: lines break elsewhere on paper. Nor do the page numbers
    that paper adds to links.
    """
    printed = _letters(re.sub(r"\(\s*p\.\s*\d+\s*\)", "", words))
    texts = [
        (item.kind, text)
        for item in flat(chapters)
        if item.kind in {"heading", "testimony", "note", "rows"}
        for text in re.split(r" [|/] ", item.text)
    ]
    texts += [("reference", text) for text in references.values()]
    return [f"{kind} {text}" for kind, text in texts if _letters(text) not in printed]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", _squeezed(text))))


def flat(chapters: Chapters) -> Sequence[Item]:
    """All items of all chapters."""
    return [item for items in chapters.values() for item in items]
