"""Reads the structure of a built website or EPUB, made by either engine."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree, html

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
from nkbook.render.constructs import CALLOUTS

_HEADING = re.compile(r"h[1-6]$")
_NOTE = re.compile(r"fn-?\d+$")
_BLOCKS = {
    *("address", "article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "figure"),
    *("figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "main", "ol", "p", "pre"),
    *("section", "table", "ul"),
}
_CONTEXTS = {"li", "dt", "dd", "blockquote"}
_ABC = re.compile(r"^[a-z]+:", re.IGNORECASE)


def read_site(folder: Path) -> Structure:
    """The structure of a website; raises `OSError` where a page is missing."""
    styles = _lifted_styles(folder)
    home = _page(folder, "index.html", styles)
    reader = _Reader()
    for part, href in _contents(home):
        name = posixpath.normpath(unquote(href))
        root = home if name == "index.html" else _page(folder, name, styles)
        title = _title(root)
        reader.begin(name, title, part, _kicker(root), *root.xpath(_HOLDERS))
        title.drop_tree()
        for body in root.xpath(_BODIES):
            reader.read(name, body)
    return reader.structure()


def read_epub(file: Path) -> Structure:
    """The structure of an EPUB; raises `OSError` or `zipfile.BadZipFile` where it is none."""
    reader = _Reader(whole=True)
    part = ""
    with zipfile.ZipFile(file) as archive:
        for name in _spine(archive):
            root = _document(archive.read(name))
            body = root.find("body")
            title = next((node for node in body.iter("h1") if not _within(node, "nav")), None)
            if title is not None:
                own = classes(title)
                if "part" in own:
                    part = words(title)
                is_chapter = {"home", "chapter", "appendix"} & own or _is_level_one(title)
                if not is_chapter or own & {"references", "data"} or _lists_references(title):
                    reader.leave()
                else:
                    reader.begin(name, title, "" if "home" in own else part)
                    title.getparent().remove(title)
            reader.read(name, body)
    return reader.structure()


class _Reader:
    """Collects the items of one chapter after the other."""

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole
        """Whether the edition has one bibliography."""
        self._chapters: list[Chapter] = []
        self._chapter: Chapter | None = None
        self._bibliography: dict[str, str] = {}
        self._pages: dict[str, tuple[str, set[str]]] = {}
        """The title of the chapter on each page, and the ids that mean the chapter itself."""
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
            self._page, self._notes = page, 0
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
        if _ABC.match(href) or href.startswith("//"):
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
            self._notes += 1
            text = re.sub(r"^\d+\. ", "", words(element))
            chapter.add("notes", number=_digits(element.get("id", "")), text=text)
            self._marks(chapter, element)
        elif "callout" in own:
            self._callout(chapter, element, context)
        elif tag == "table":
            rows = [" | ".join(map(words, row.iter("th", "td"))) for row in element.iter("tr")]
            caption = words(element.find("caption"))
            self._float_or_not(chapter, element, "tables", caption, " / ".join(rows))
            self._marks(chapter, element)
        elif tag == "pre":
            self._code(chapter, element)
        elif tag == "figcaption":
            self._marks(chapter, element)
        elif self._is_figure(element):
            caption = words(next(element.iter("figcaption"), None))
            self._float_or_not(chapter, element, "figures", caption, "")
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

    def _is_figure(self, element: Any) -> bool:
        if element.tag == "figure":
            # Quarto's own stands in a div that has its id.
            return not _within(element, "div", "quarto-float")
        return "quarto-float" in classes(element) and element.tag == "div"

    def _float_or_not(
        self, chapter: Chapter, element: Any, kind: str, caption: str, rows: str
    ) -> None:
        """A figure, or a table: with a label both are floats, and a table may stand in a float."""
        id = element.get("id", "")
        kind = "tables" if id.startswith("tbl-") else kind
        holder = next((node for node in element.iterancestors() if _is_table_float(node)), None)
        if kind == "tables" and rows and holder is not None:
            table = chapter.items["tables"][-1]
            table["rows"] = " // ".join(filter(None, (table.get("rows"), rows)))
            return
        label, text = float_caption(caption, id)
        alt = " / ".join(squeezed(image.get("alt", "")) for image in element.iter("img"))
        alt = alt if kind == "figures" else ""
        chapter.add(kind, id=id, label=label, caption=text, alt=alt, rows=rows)

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


# Where things stand in a website and in an EPUB ------------------------------------------------


_LIFTED = re.compile(r"\.(s-[0-9a-f]{8}):not\(#_\)\s*\{(.*?)\}")


def _lifted_styles(folder: Path) -> dict[str, str]:
    """The styles that the policy of our website keeps in its sheet and not on elements."""
    sheets = (file.read_text(encoding="utf-8") for file in folder.glob("assets/**/*.css"))
    return {name: style for sheet in sheets for name, style in _LIFTED.findall(sheet)}


def _page(folder: Path, name: str, styles: Mapping[str, str]) -> Any:
    # With the encoding told: pages name it themselves, but not always early enough.
    root = html.fromstring((folder / name).read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
    for element in root.iter():
        if isinstance(element.tag, str) and (lifted := classes(element) & styles.keys()):
            element.set("style", styles[lifted.pop()])
    return root


def _contents(home: Any) -> Iterator[tuple[str, str]]:
    """Part and address of each chapter, in order, as the home page lists them."""
    if sidebar := home.xpath("//*[@id='quarto-sidebar']"):
        for link in sidebar[0].xpath(".//a[contains(@class, 'sidebar-link') and @href]"):
            sections = link.xpath("ancestor::li[contains(@class, 'sidebar-item-section')]")
            part = sections[0].xpath(".//span[@class='menu-text']")[0] if sections else None
            yield words(part), link.get("href")
        return
    yield "", "index.html"
    for link in home.xpath("//*[@id='contents']//ol//a[@href]"):
        section = link.xpath("ancestor::section[@class='home-part']/h3")
        yield words(section[0]) if section else "", link.get("href")


def _title(root: Any) -> Any:
    """The heading of a chapter. On Quarto's home page, the title above it is the book's."""
    found = root.xpath(
        "//main//section[contains(@class, 'level1')]/h1|//*[@id='home-title']|//article//h1"
    ) or root.xpath("//main//h1")
    return found[0] if found else None


_HOLDERS = "//article/@id|//section[@class='home-body']/@id"
"""Where a page of ours has the id of its chapter."""


def _kicker(root: Any) -> str:
    """The number in the line above a title of ours, such as “Chapter 2”."""
    kicker = words(next(iter(root.xpath("//article//p[@class='kicker']")), None))
    return kicker.rpartition(" ")[2]


_BODIES = "//*[@id='quarto-document-content']|//*[@class='hero-lead' or @class='prose']"
"""What holds the words of a chapter; our home page has a picture of its own above them."""


def _spine(archive: zipfile.ZipFile) -> Iterator[str]:
    """The files of an EPUB in the order in which they are read."""
    container: Any = etree.fromstring(archive.read("META-INF/container.xml"))
    package_file = container.find(".//{*}rootfile").get("full-path")
    package: Any = etree.fromstring(archive.read(package_file))
    files = {item.get("id"): item.get("href") for item in package.iterfind(".//{*}item")}
    for itemref in package.iterfind(".//{*}itemref"):
        yield posixpath.join(posixpath.dirname(package_file), unquote(files[itemref.get("idref")]))


def _document(text: bytes) -> Any:
    """A content document, its tags without their namespaces."""
    try:
        root = etree.fromstring(text)
    except etree.XMLSyntaxError:
        # Quarto writes what is not XML: an attribute without a value where code is unfolded.
        return html.fromstring(text, parser=html.HTMLParser(encoding="utf-8"))
    for element in root.iter("{*}*"):
        element.tag = etree.QName(element).localname
    return root


def _is_level_one(title: Any) -> bool:
    return "level1" in classes(title.getparent())


def _lists_references(title: Any) -> bool:
    """Whether the references are all that stands below a title, as Quarto may end an EPUB."""
    return [node.get("id") for node in title.itersiblings()] == ["refs"]


def _is_note(element: Any) -> bool:
    if element.get("role") in {"doc-footnote", "doc-endnote"}:
        return True
    return element.tag == "li" and _NOTE.match(element.get("id", "")) is not None


def _is_table_float(element: Any) -> bool:
    return str(element.get("id", "")).startswith("tbl-")


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
