"""Reads the structure of a built website or EPUB, made by either engine."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import etree, html

from nkbook.parity.normal import classes, words
from nkbook.parity.reader import Reader
from nkbook.parity.structure import Structure


def read_site(folder: Path) -> Structure:
    """The structure of a website; raises `OSError` where a page is missing."""
    styles = _lifted_styles(folder)
    home = _page(folder, "index.html", styles)
    reader = Reader()
    for part, href, entry in _contents(home):
        name = posixpath.normpath(unquote(href))
        root = home if name == "index.html" else _page(folder, name, styles)
        title = _title(root, entry, is_home=root is home)
        reader.begin(name, title, part, _kicker(root), *root.xpath(_HOLDERS))
        for head in root.xpath(_HEADS) if root is not home else ():
            reader.read_head(head)
        title.drop_tree()
        # The home page is the whole book's: it lists what readers take along, and ours has no
        # contents or neighbours of its own.
        for kind, links in _AROUND.items():
            if (root is home) == (kind == "downloads"):
                reader.read_links(kind, name, root.xpath(links))
        reader.read_footer(root.xpath(_FOOTERS))
        for body in root.xpath(_BODIES):
            reader.read(name, body)
    return reader.structure()


def read_epub(file: Path) -> Structure:
    """The structure of an EPUB; raises `OSError` or `zipfile.BadZipFile` where it is none."""
    reader = Reader(whole=True)
    part = ""
    with zipfile.ZipFile(file) as archive:
        for name in _spine(archive):
            root = _document(archive.read(name))
            body = root.find("body")
            titles = body.xpath(".//h1[not(ancestor::nav)]")
            if titles:
                title = titles[0]
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


_LIFTED = re.compile(r"\.(s-[0-9a-f]{8}):not\(#_\)\s*\{(.*?)\}")


def _lifted_styles(folder: Path) -> dict[str, str]:
    """The styles that the policy of our website keeps in its sheet and not on elements."""
    sheets = (file.read_text(encoding="utf-8") for file in folder.glob("assets/**/*.css"))
    return {name: style for sheet in sheets for name, style in _LIFTED.findall(sheet)}


_AROUND = {
    "contents": "//nav[@id='TOC']//a[starts-with(@href, '#')]|//nav[@class='contents']//a",
    "neighbours": "//div[contains(@class, 'nav-page')]/a|//a[contains(@class, 'neighbour')]",
    # Quarto has them twice: in the contents and, for phones, in the footer.
    "actions": "(//*[contains(@class, 'toc-actions')])[1]//a|//ul[@class='page-actions']//a",
    "downloads": "//a[contains(@title, 'Download')]|//ul[@class='downloads']//a",
}
"""Links around the text of a page, by the kind of item that tells of them."""

_FOOTERS = "//*[starts-with(@class, 'nav-footer-')]|//*[@class='site-footer-own']"


def _page(folder: Path, name: str, styles: Mapping[str, str]) -> Any:
    # With the encoding told: pages name it themselves, but not always early enough.
    root = html.fromstring((folder / name).read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
    for element in root.iter():
        if isinstance(element.tag, str) and (lifted := classes(element) & styles.keys()):
            element.set("style", styles[lifted.pop()])
    return root


def _contents(home: Any) -> Iterator[tuple[str, str, Any]]:
    """Part, address and title of each chapter, in order, as the home page lists them."""
    if sidebar := home.xpath("//*[@id='quarto-sidebar']"):
        for link in sidebar[0].xpath(".//a[contains(@class, 'sidebar-link') and @href]"):
            sections = link.xpath("ancestor::li[contains(@class, 'sidebar-item-section')]")
            part = sections[0].xpath(".//span[@class='menu-text']")[0] if sections else None
            yield words(part), link.get("href"), link
        return
    yield "", "index.html", None
    for link in home.xpath("//*[@id='contents']//*[self::ol or self::h3]//a[@href]"):
        section = link.xpath("ancestor::section[@class='home-part']/h3")
        yield words(section[0]) if section else "", link.get("href"), link


def _title(root: Any, entry: Any, *, is_home: bool) -> Any:
    """The heading of a chapter.

    On Quarto's home page, the title above it is the book's; the chapter's own may stand in the
    contents only.
    """
    if not is_home:
        return root.xpath("//*[@id='title-block-header']//h1|//article//h1")[0]
    own = "//main//section[contains(@class, 'level1')]/h1|//*[@id='home-title']"
    return next(iter(root.xpath(own)), entry)


_HOLDERS = "//article/@id|//section[@class='home-body']/@id"
"""Where a page of ours has the id of its chapter."""


def _kicker(root: Any) -> str:
    """The number in the line above a title of ours, such as “Chapter 2”."""
    kicker = words(next(iter(root.xpath("//main//p[@class='kicker']")), None))
    return kicker.rpartition(" ")[2]


_HEADS = "//*[@id='title-block-header']|//header/*[@class='chapter-matter']"
"""What a page prints below the title of its chapter."""

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
