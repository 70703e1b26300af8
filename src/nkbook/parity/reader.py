"""Reads the words of chapters item by item, from HTML of either engine."""

from __future__ import annotations

import posixpath
import re
from typing import Any
from urllib.parse import unquote, urlsplit

from nkbook.parity.normal import (
    classes,
    float_caption,
    formula,
    inline,
    is_ignored,
    is_math,
    is_note_mark,
    own_classes,
    squeezed,
    title_parts,
    without_letter,
    words,
)
from nkbook.parity.structure import Chapter, Structure
from nkbook.render.labels import CALLOUTS

_HEADING = re.compile(r"h[1-6]$")
_NOTE = re.compile(r"fn-?\d+$")
_SCHEME = re.compile(r"[a-z]+:", re.IGNORECASE)
_BLOCKS = {
    *("address", "article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "figure"),
    *("figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "main", "ol", "p", "pre"),
    *("section", "summary", "table", "ul"),
}
_CONTEXTS = {"li", "dt", "dd", "blockquote"}


class Reader:
    """Collects the items of one chapter after the other."""

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole
        """Whether the edition has one bibliography."""
        self._chapters: list[Chapter] = []
        self._chapter: Chapter | None = None
        self._bibliography: dict[str, str] = {}
        self._pages: dict[str, tuple[str, set[str]]] = {}
        """The title of the chapter on each page, and the ids that mean the chapter itself."""
        self._page = ""
        self._addressed: list[tuple[str, str, dict[str, str]]] = []

    def begin(self, page: str, title: Any, part: str, number: str = "", *ids: str) -> None:
        """A chapter begins on a page; these ids mean the chapter, too."""
        own, text = title_parts(title)
        self._chapter = Chapter(text, own or number, part)
        self._chapters.append(self._chapter)
        named = {*ids, *title.xpath("descendant-or-self::*/@id|parent::section/@id")}
        self._pages[page] = (text, named)

    def leave(self) -> None:
        """What follows is no chapter."""
        self._chapter = None

    def read(self, page: str, body: Any) -> None:
        """Read what a page holds of the chapter that began last."""
        for entry in body.iter("div") if self._whole else ():
            if "csl-entry" in classes(entry):
                self._bibliography[_key(entry)] = without_letter(words(entry))
        if self._chapter is not None:
            self._pages.setdefault(page, (self._chapter.title, set()))
            self._page = page
            self._visit(self._chapter, body, ())

    def structure(self) -> Structure:
        """All that was read, with every link made independent of files."""
        for page, href, item in self._addressed:
            item["target"] = self._target(page, href)
        entries = [{"key": key, "text": self._bibliography[key]} for key in self._bibliography]
        return Structure(self._chapters, sorted(entries, key=lambda entry: entry["key"]))

    def _target(self, page: str, href: str) -> str:
        """An address as a reader means it: another host, a chapter, a place in it or a file.

        Engines name pages in their own ways, and lead to a chapter with its id or without.
        """
        if _SCHEME.match(href) or href.startswith("//"):
            return href
        parts = urlsplit(href)
        path = unquote(parts.path)
        file = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
        if file not in self._pages:
            # A link to a chapter of the EPUB's bibliography, or a file that comes along.
            return f"#{parts.fragment}" if parts.fragment else f"file {posixpath.basename(file)}"
        title, own = self._pages[file]
        if not parts.fragment or parts.fragment in own:
            return f"chapter {title}"
        return f"#{parts.fragment}"

    # One element after the other -----------------------------------------------------------

    def _visit(self, chapter: Chapter, element: Any, context: tuple[str, ...]) -> None:
        """Read an element's children; `context` are the lists and quotations around it."""
        if element.tag in _CONTEXTS:
            context = (*context, element.tag)
        run: list[str] = [element.text or ""]
        for child in element:
            if isinstance(child.tag, str) and not is_ignored(child):
                if child.tag in _BLOCKS:
                    self._text(chapter, run, context)
                    run = []
                    self._block(chapter, child, context)
                elif any(node.tag in _BLOCKS for node in child.iter()):
                    # HTML lets a link or a span hold blocks.
                    self._text(chapter, run, context)
                    run = []
                    self._visit(chapter, child, context)
                else:
                    run.extend(inline(child))
                    self._inline(chapter, child)
            run.append(child.tail or "")
        self._text(chapter, run, context)

    def _text(self, chapter: Chapter, run: list[str], context: tuple[str, ...]) -> None:
        if text := squeezed("".join(run)):
            chapter.add("text", within=" ".join(context), text=text)

    def _block(self, chapter: Chapter, element: Any, context: tuple[str, ...]) -> None:
        tag, own = element.tag, classes(element)
        # A section has the classes of its heading, and only some editions have sections.
        if tag == "div" and (given := own_classes(element)):
            chapter.add("classes", tag="div", name=given, text=_start(words(element)))
        if _HEADING.match(tag):
            self._heading(chapter, element)
        elif "csl-entry" in own:
            if not self._whole:
                chapter.add("bibliography", key=_key(element), text=words(element))
        elif _is_note(element):
            text = re.sub(r"^\d+\. ", "", words(element))
            chapter.add("notes", number=_digits(element.get("id", "")), text=text)
            self._marks(chapter, element)
        elif "callout" in own:
            self._callout(chapter, element, context)
        elif tag == "table":
            self._table(chapter, element)
        elif tag == "pre":
            self._code(chapter, element)
        elif tag == "figcaption":
            self._marks(chapter, element)
        elif _is_float(element):
            self._float(chapter, element)
            self._visit(chapter, element, context)
        else:
            if "testimony" in own:
                speaker = next(iter(element.xpath(".//*[@class='testimony-speaker']")), None)
                text = words(element.find(".//blockquote"))
                chapter.add("testimonies", text=text, attribution=words(speaker))
            self._visit(chapter, element, context)

    def _heading(self, chapter: Chapter, element: Any) -> None:
        parent = element.getparent()
        # In Quarto the id is the section's; in an EPUB of ours, the heading's.
        id = element.get("id") or element.get("data-anchor-id") or ""
        if not id and parent.tag in {"section", "div"} and parent.index(element) == 0:
            id = parent.get("id", "")
        if id == "references" and parent.find("div[@id='refs']") is not None:
            return  # ours: the list has a heading; in Quarto only where it is asked for
        number = words(next(iter(element.xpath("*[@class='header-section-number']")), None))
        text = words(element, {"header-section-number"})
        chapter.add("headings", level=element.tag[1], number=number, text=text, id=id)
        self._marks(chapter, element)

    def _float(self, chapter: Chapter, element: Any) -> None:
        id = element.get("id", "")
        parent = element.getparent()
        if not id and "quarto-layout-panel" in classes(parent):
            id = parent.get("id", "")  # Quarto's figure of parts stands in a panel that has its id
        captions = element.xpath("figcaption|figure/figcaption")
        label, caption = float_caption(words(captions[0]) if captions else "", id)
        if id.startswith("tbl-"):
            chapter.add("tables", id=id, label=label, caption=caption)
        else:
            alt = " / ".join(squeezed(image.get("alt", "")) for image in element.iter("img"))
            chapter.add("figures", id=id, label=label, caption=caption, alt=alt)

    def _table(self, chapter: Chapter, element: Any) -> None:
        rows = [" | ".join(map(words, row.iter("th", "td"))) for row in element.iter("tr")]
        text = " / ".join(rows)
        if any(_is_float(node) for node in element.iterancestors()) and "tables" in chapter.items:
            # It belongs to the float that has its label; one may hold several.
            table = chapter.items["tables"][-1]
            table["rows"] = " // ".join(filter(None, (table.get("rows"), text)))
        else:
            chapter.add("tables", caption=words(element.find("caption")), rows=text)
        self._marks(chapter, element)

    def _callout(self, chapter: Chapter, element: Any, context: tuple[str, ...]) -> None:
        own = classes(element)
        kind = next((kind for kind in CALLOUTS if f"callout-{kind}" in own), "")
        titles = element.xpath(
            ".//*[contains(@class, 'callout-title-container')]"
            "|.//*[contains(concat(' ', @class, ' '), ' callout-title ')]"
        )
        chapter.add(
            "callouts",
            kind=kind,
            title=words(titles[0]) if titles else "",
            collapse=_collapse(element),
        )
        bodies = element.xpath(
            ".//*[contains(@class, 'callout-content')"
            " or contains(@class, 'callout-body-container')]"
        ) or element.xpath(".//*[contains(concat(' ', @class, ' '), ' callout-body ')]")
        if titles:
            self._marks(chapter, titles[0])
        if bodies:
            self._visit(chapter, bodies[0], context)

    def _code(self, chapter: Chapter, element: Any) -> None:
        lines = "".join(element.itertext()).strip("\n").split("\n")
        is_cell = "cell-code" in classes(element) or _within(element, "div", "cell-code")
        if not is_cell:
            chapter.add("text", within="pre", text="\n".join(line.rstrip() for line in lines))
            return
        fold = next((node for node in element.iterancestors("details")), None)
        shown = "shown" if fold is None else "folded" if fold.get("open") is None else "unfolded"
        number = str(len(chapter.items.get("code", ())) + 1)
        chapter.add("code", number=number, shown=shown, line=lines[0].strip())

    def _marks(self, chapter: Chapter, element: Any) -> None:
        """What is in the words of an element, and nothing else: links, citations, formulas."""
        for child in element:
            if isinstance(child.tag, str) and not is_ignored(child):
                self._inline(chapter, child)

    def _inline(self, chapter: Chapter, element: Any) -> None:
        if not isinstance(element.tag, str) or is_ignored(element) or is_note_mark(element):
            return
        own, text = classes(element), words(element)
        if is_math(element):
            is_block = element.get("display") == "block" or "display" in own
            chapter.add("math", tex=formula(element), display="block" if is_block else "")
            return
        if "citation" in own:
            text = without_letter(text) if self._whole else text
            chapter.add("citations", keys=element.get("data-cites", ""), text=text)
            return
        if element.tag == "img":
            chapter.add("images", alt=squeezed(element.get("alt", "")), width=_width(element))
        elif element.tag == "a" and (href := element.get("href")):
            kind = "references" if "quarto-xref" in own else "links"
            kind = "values" if "stat" in own else kind
            item = chapter.add(kind, text=text, target=href)
            self._addressed.append((self._page, href, item))
        elif element.tag == "span" and (given := own_classes(element)):
            chapter.add("classes", tag="span", name=given, text=_start(text))
        self._marks(chapter, element)


def _is_note(element: Any) -> bool:
    if element.get("role") in {"doc-footnote", "doc-endnote"}:
        return True
    return element.tag == "li" and _NOTE.match(element.get("id", "")) is not None


def _is_float(element: Any) -> bool:
    """Whether an element is a figure, or a table with a label."""
    if element.tag == "figure":
        # Quarto's own stands in a div that has its id.
        return not _within(element, "div", "quarto-float")
    return element.tag == "div" and "quarto-float" in classes(element)


def _within(element: Any, tag: str, name: str = "") -> bool:
    """Whether an element stands in one with this tag and class."""
    return any(not name or name in classes(node) for node in element.iterancestors(tag))


def _collapse(element: Any) -> str:
    """How a callout folds: `true` if it is closed at first, `false` if open, else nothing."""
    if element.tag == "details":
        return "true" if element.get("open") is None else "false"
    fold = next(iter(element.xpath(".//*[contains(@class, 'callout-collapse')]")), None)
    return "" if fold is None else "false" if "show" in classes(fold) else "true"


def _width(element: Any) -> str:
    """The share of the page that an author asked an image to take."""
    style = re.search(r"width:\s*([\d.]+)%", element.get("style", ""))
    share = style[1] if style else element.get("width", "").partition("%")[0]
    asked = style or element.get("width", "").endswith("%")
    return f"{float(share):g}%" if asked else ""


def _key(entry: Any) -> str:
    return str(entry.get("id", "")).removeprefix("ref-")


def _digits(id: str) -> str:
    return "".join(filter(str.isdigit, id))


def _start(text: str) -> str:
    """Enough words to know a div by."""
    return text if len(text) <= 40 else f"{text[:39]}…"
