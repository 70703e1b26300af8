"""Reads the words of chapters item by item, from HTML of either engine."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from nkbook.parity.normal import (
    classes,
    float_caption,
    formula,
    inline,
    is_beside,
    is_ignored,
    is_linked_picture,
    is_math,
    is_note_mark,
    own_classes,
    squeezed,
    title_parts,
    without_letter,
    words,
)
from nkbook.parity.structure import Chapter, Item, Structure
from nkbook.render.labels import CALLOUTS

_HEADING = re.compile(r"h[1-6]$")
_NOTE = re.compile(r"fn-?\d+$")
_OUR_MARK = re.compile(r"\s*\S+ \(\d+\)(?=\s*$)")
"""How we mark a line of code that is explained below: a comment with a number."""
_SCHEME = re.compile(r"[a-z]+:", re.IGNORECASE)
_BLOCKS = {
    *("address", "article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "figure"),
    *("figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "main", "ol", "p", "pre"),
    *("section", "summary", "table", "ul"),
}
_MARGIN = ("margin",)
_CONTEXTS = {"li", "dt", "dd", "blockquote"}


class Reader:
    """Collects the items of one chapter after the other."""

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole
        """Whether the edition has one bibliography."""
        self._chapters: list[Chapter] = []
        self._chapter = self._first = Chapter("")
        """The chapter that is read, and the first of its page, which has the notes of the page."""
        self._is_inside = False
        """Whether what follows belongs to a chapter."""
        self._bibliography: dict[str, str] = {}
        self._pages: dict[str, str] = {}
        """The title of the chapter with which each page begins."""
        self._places: dict[tuple[str, str], str] = {}
        """The title of the chapter that an id on a page means."""
        self._page = ""
        self._addressed: list[tuple[str, str, dict[str, str]]] = []

    def begin(self, page: str, title: Any, part: str, number: str = "", *ids: str) -> None:
        """A chapter begins on a page; these ids mean the chapter, too."""
        self._begin(page, title, part, number, *ids)
        self._first = self._chapter
        self._pages[page] = self._chapter.title
        self._is_inside = True

    def _begin(self, page: str, title: Any, part: str, number: str = "", *ids: str) -> None:
        own, text = title_parts(title)
        self._chapter = Chapter(text, own or number, part)
        self._chapters.append(self._chapter)
        for id in (*ids, *title.xpath("descendant-or-self::*/@id|parent::section/@id")):
            self._places[page, id] = text

    def leave(self) -> None:
        """What follows is no chapter."""
        self._is_inside = False

    def read_head(self, head: Any) -> None:
        """Read what a page prints below its title: subtitle, authors, date and abstract."""
        self._matter("subtitle", head.xpath(".//*[contains(@class, 'subtitle')]"))
        contents = head.xpath(
            ".//*[@class='quarto-title-meta-contents']/p|.//*[@class='byline']//span"
        )
        dates = [node for node in contents if "date" in classes(node)]
        self._matter("author", [node for node in contents if node not in dates])
        self._matter("date", dates)
        self._matter("abstract", head.xpath(".//*[@class='abstract']"))

    def read_links(self, kind: str, page: str, links: Iterable[Any]) -> None:
        """Read links around the text; of a chapter its title is told, of a file its suffix."""
        for link in links:
            href = link.get("href")
            if kind == "downloads":
                self._add(kind, name=posixpath.splitext(href)[1])
                continue
            numbers = {"chapter-number", "header-section-number", "neighbour-label"}
            item = self._add(kind, text=words(link, numbers), target=href)
            self._addressed.append((page, href, item))

    def read_footer(self, parts: Iterable[Any]) -> None:
        """Read the footer that an author wrote for every page."""
        text = squeezed(" ".join(words(part, {"toc-actions"}) for part in parts))
        if text:
            self._add("footer", text=text)

    def read(self, page: str, body: Any) -> None:
        """Read what a page holds of the chapter that began last."""
        for entry in body.iter("div") if self._whole else ():
            if "csl-entry" in classes(entry):
                self._bibliography[_key(entry)] = without_letter(words(entry))
        if self._is_inside:
            self._pages.setdefault(page, self._chapter.title)
            self._page = page
            self._visit(body, ())

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
        if not parts.fragment:
            return f"chapter {self._pages[file]}"
        title = self._places.get((file, parts.fragment))
        return f"chapter {title}" if title is not None else f"#{parts.fragment}"

    def _add(self, kind: str, /, **words: str) -> Item:
        return self._chapter.add(kind, **words)

    def _matter(self, name: str, elements: Iterable[Any]) -> None:
        for element in elements:
            self._add("matter", name=name, text=words(element, {"abstract-title", "block-title"}))
            self._marks(element)

    # One element after the other -----------------------------------------------------------

    def _visit(self, element: Any, context: tuple[str, ...]) -> None:
        """Read an element's children; `context` are the lists and quotations around it."""
        if element.tag in _CONTEXTS:
            context = (*context, element.tag)
        run: list[str] = [element.text or ""]
        for child in element:
            if isinstance(child.tag, str) and not is_ignored(child):
                if child.tag in _BLOCKS:
                    self._text(run, context)
                    run = []
                    self._block(child, context)
                elif any(node.tag in _BLOCKS for node in child.iter()):
                    # HTML lets a link or a span hold blocks.
                    self._text(run, context)
                    run = []
                    self._visit(child, context)
                else:
                    run.extend(inline(child))
                    self._inline(child)
            run.append(child.tail or "")
        self._text(run, context)

    def _text(self, run: list[str], context: tuple[str, ...]) -> None:
        text = squeezed("".join(run))
        if text and context == _MARGIN:
            self._first.add("notes", text=text)
        elif text:
            self._add("text", within=" ".join(context), text=text)

    def _block(self, element: Any, context: tuple[str, ...]) -> None:
        tag, own = element.tag, classes(element)
        context = _MARGIN if is_beside(element) else context
        # A section has the classes of its heading, and only some editions have sections.
        if tag == "div" and (given := own_classes(element)):
            self._add("classes", tag="div", name=given, text=_start(words(element)))
        if _HEADING.match(tag):
            self._heading(element)
        elif "csl-entry" in own:
            if not self._whole:
                self._first.add("bibliography", key=_key(element), text=words(element))
        elif _is_note(element):
            text = re.sub(r"^\d+\.? ", "", words(element))
            self._first.add("notes", number=_digits(element.get("id", "")), text=text)
            self._marks(element)
        elif "chapter-matter" in own:
            self._own_head(element, context)
        elif "panel-tabset" in own or "tabset" in own:
            self._tabset(element, context)
        elif (tag == "div" and "code-annotated" in own) or _lists_annotations(element):
            self._annotations(element)
        elif "callout" in own:
            self._callout(element, context)
        elif tag == "table":
            self._table(element)
        elif tag == "pre":
            self._code(element)
        elif tag == "figcaption":
            self._marks(element)
        elif _is_float(element):
            self._float(element)
            self._visit(element, context)
        else:
            if "testimony" in own:
                speaker = next(iter(element.xpath(".//*[@class='testimony-speaker']")), None)
                text = words(element.find(".//blockquote"))
                self._add("testimonies", text=text, attribution=words(speaker))
            self._visit(element, context)

    def _heading(self, element: Any) -> None:
        if "tab-title" in classes(element):
            return  # ours: read with its set of tabs
        parent = element.getparent()
        # In Quarto the id is the section's; in an EPUB of ours, the heading's.
        id = element.get("id") or element.get("data-anchor-id") or ""
        if not id and parent.tag in {"section", "div"} and parent.index(element) == 0:
            id = parent.get("id", "")
        if id == "references" and parent.find("div[@id='refs']") is not None:
            return  # ours: the list has a heading; in Quarto only where it is asked for
        if element.tag == "h1":
            # As Quarto's EPUB has it: a further heading of level 1 begins a chapter.
            self._begin(self._page, element, self._chapter.part)
            self._marks(element)
            return
        number = words(next(iter(element.xpath("*[@class='header-section-number']")), None))
        text = words(element, {"header-section-number"})
        self._add("headings", level=element.tag[1], number=number, text=text, id=id)
        self._marks(element)

    def _own_head(self, element: Any, context: tuple[str, ...]) -> None:
        """What an EPUB of ours prints below a title; in Quarto's, these are paragraphs like all."""
        for part in element.xpath("*[@class='subtitle' or @class='abstract']"):
            for paragraph in part.xpath("p[not(*[@class='abstract-title'])]"):
                self._text([*inline(paragraph)], context)
                self._marks(paragraph)
        for name in ("author", "date"):
            self._matter(name, element.xpath(f".//*[@class='{name}']"))

    def _tabset(self, element: Any, context: tuple[str, ...]) -> None:
        """The titles of tabs, which Quarto has in a list, and what the tabs hold."""
        lists = element.xpath("ul[li/a]") if "panel-tabset" in classes(element) else []
        titles = lists[0].iter("li") if lists else element.xpath("*/*[@class='tab-title']")
        names = " / ".join(map(words, titles))
        self._add("tabs", titles=names, group=element.get("data-group", ""))
        for node in lists:
            node.drop_tree() if hasattr(node, "drop_tree") else element.remove(node)
        self._visit(element, context)

    def _annotations(self, element: Any) -> None:
        """Annotated code with the list below it, or that list alone."""
        for item in element.xpath(".//dd|.//ol/li"):
            self._add("annotations", text=words(item))
            self._marks(item)
        for code in element.xpath(".//pre"):
            self._code(code)

    def _float(self, element: Any) -> None:
        id = element.get("id", "")
        parent = element.getparent()
        if not id and "quarto-layout-panel" in classes(parent):
            id = parent.get("id", "")  # Quarto's figure of parts stands in a panel that has its id
        captions = element.xpath("figcaption|figure/figcaption")
        label, caption = float_caption(words(captions[0]) if captions else "", id)
        if id.startswith("tbl-"):
            self._add("tables", id=id, label=label, caption=caption)
        else:
            if not id and not captions:
                return  # a picture alone, which only Quarto takes for a figure
            alt = " / ".join(squeezed(image.get("alt", "")) for image in element.iter("img"))
            self._add("figures", id=id, label=label, caption=caption, alt=alt)

    def _table(self, element: Any) -> None:
        # A head without words is written by one engine and left out by another.
        cells = ([*map(words, row.iter("th", "td"))] for row in element.iter("tr"))
        text = " / ".join(" | ".join(row) for row in cells if any(row))
        if (
            any(_is_float(node) for node in element.iterancestors())
            and "tables" in self._chapter.items
        ):
            # It belongs to the float that has its label; one may hold several.
            table = self._chapter.items["tables"][-1]
            table["rows"] = " // ".join(filter(None, (table.get("rows"), text)))
        else:
            self._add("tables", caption=words(element.find("caption")), rows=text)
        self._marks(element)

    def _callout(self, element: Any, context: tuple[str, ...]) -> None:
        own = classes(element)
        kind = next((kind for kind in CALLOUTS if f"callout-{kind}" in own), "")
        titles = element.xpath(
            ".//*[contains(@class, 'callout-title-container')]"
            "|.//*[contains(concat(' ', @class, ' '), ' callout-title ')]"
        )
        self._add(
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
            self._marks(titles[0])
        if bodies:
            self._visit(bodies[0], context)

    def _code(self, element: Any) -> None:
        lines = "".join(_code(element)).strip("\n").split("\n")
        is_cell = "cell-code" in classes(element) or _within(element, "div", "cell-code")
        names = element.xpath("ancestor::div[@class='code-with-filename']/descendant::strong[1]")
        file = words(names[0]) if names else ""
        if not is_cell:
            text = "\n".join(line.rstrip() for line in lines)
            self._add("text", within="pre", text=text, file=file)
            return
        fold = next((node for node in element.iterancestors("details")), None)
        shown = "shown" if fold is None else "folded" if fold.get("open") is None else "unfolded"
        number = str(len(self._chapter.items.get("code", ())) + 1)
        self._add("code", number=number, shown=shown, line=lines[0].strip(), file=file)

    def _marks(self, element: Any) -> None:
        """What is in the words of an element, and nothing else: links, citations, formulas."""
        for child in element:
            if isinstance(child.tag, str) and not is_ignored(child):
                self._inline(child)

    def _inline(self, element: Any) -> None:
        if not isinstance(element.tag, str) or is_ignored(element) or is_note_mark(element):
            return
        own, text = classes(element), words(element)
        if is_beside(element):
            self._first.add("notes", text=text)
        if is_math(element):
            is_block = element.get("display") == "block" or "display" in own
            self._add("math", tex=formula(element), display="block" if is_block else "")
            return
        if "citation" in own:
            text = without_letter(text) if self._whole else text
            self._add("citations", keys=element.get("data-cites", ""), text=text)
            return
        if is_linked_picture(element):
            self._add("images", alt=text)
        elif element.tag == "img":
            self._add("images", alt=squeezed(element.get("alt", "")), width=_width(element))
        elif element.tag == "a" and (href := element.get("href")) and "lightbox" not in own:
            kind = "references" if "quarto-xref" in own else "links"
            kind = "values" if "stat" in own else kind
            item = self._add(kind, text=text, target=href)
            self._addressed.append((self._page, href, item))
        elif element.tag == "span" and (given := own_classes(element)):
            self._add("classes", tag="span", name=given, text=_start(text))
        self._marks(element)


def _code(element: Any) -> Iterator[str]:
    """The code of a block without the marks of its annotations."""
    is_ours = any("code-annotated" in classes(node) for node in element.iterancestors("div"))
    for line in _characters(element).splitlines(keepends=True):
        yield _OUR_MARK.sub("", line) if is_ours else line


def _characters(element: Any) -> str:
    inner = (
        "" if "code-annotation-anchor" in classes(child) else _characters(child)
        for child in element
    )
    tails = (child.tail or "" for child in element)
    return (element.text or "") + "".join(map("".join, zip(inner, tails, strict=True)))


def _lists_annotations(element: Any) -> bool:
    """Whether an element is Quarto's list of what annotations of code say."""
    return element.tag == "dl" and bool(element.xpath("dd/*[@data-code-annotation]"))


def _is_note(element: Any) -> bool:
    if element.get("role") in {"doc-footnote", "doc-endnote"}:
        return True
    # In the margin of Quarto's pages it is no item of a list.
    return element.tag in {"li", "div"} and _NOTE.match(element.get("id", "")) is not None


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
