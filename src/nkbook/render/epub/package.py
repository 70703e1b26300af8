"""The package: images, fonts, cover, lines of the manifest, metadata that the project adds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import typst
from lxml import etree

from nkbook.errors import BookError, Finding
from nkbook.paths import ASSETS
from nkbook.render.addresses import is_own
from nkbook.render.ast import Node
from nkbook.render.chapter import Book
from nkbook.render.images import book_images
from nkbook.render.project import Project

MEDIA_TYPES = {
    ".css": "text/css",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".ncx": "application/x-dtbncx+xml",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xhtml": "application/xhtml+xml",
}
"""What every EPUB 3 reader can show, by suffix."""

COVER_PPI = 254
"""Ten pixels a millimetre: a cover of 160 x 240 mm has 1600 x 2400 pixels."""


_PATH = re.compile(rb"<path (?![^>]*\bd=)")
"""EPUB goes by SVG 1.1, where a path has a `d`; Matplotlib leaves out that of a space."""


def images(book: Book, tree: list[Node], staging: Path) -> dict[str, bytes]:
    """The images that the tree shows, by their path in the package."""
    found = book_images(book, tree, staging)
    return {
        path: _PATH.sub(b'<path d="" ', data) if path.endswith(".svg") else data
        for path, data in found.items()
    }


def fonts() -> dict[str, bytes]:
    """The web fonts: small subsets, so that Hangul is there on readers that have none."""
    folder = ASSETS / "fonts"
    files = [folder / "fonts.css", *sorted(folder.glob("web/*.woff2"))]
    return {f"fonts/{file.relative_to(folder).as_posix()}": file.read_bytes() for file in files}


def cover(context: Mapping[str, Any]) -> bytes:
    """The cover as PNG, which every library and shelf can show."""
    inputs = {"title": context["title"], "subtitle": context["subtitle"]}
    inputs["authors"] = "\n".join(context["authors"])
    compiler = typst.Compiler(
        str(ASSETS / "ebook" / "cover.typ"),
        root=str(ASSETS),
        font_paths=[str(ASSETS / "fonts" / "print")],
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )
    drawn = compiler.compile(format="png", ppi=COVER_PPI)
    assert isinstance(drawn, bytes)
    return drawn


def item(file: str, text: str) -> dict[str, str]:
    """A line of the manifest."""
    properties = {"nav.xhtml": "nav", "cover.png": "cover-image"}.get(file, "")
    if "<math" in text:
        properties = "mathml"
    name = re.sub(r"[^A-Za-z0-9]+", "-", file)
    return {
        "id": {"cover.png": "cover-image", "toc.ncx": "ncx"}.get(file, f"item-{name}"),
        "file": file,
        "href": quote(file),
        "type": MEDIA_TYPES[Path(file).suffix.lower()],
        "properties": properties,
    }


def extra_metadata(project: Project) -> list[dict[str, str]]:
    """The `<meta>` elements of the project's `epub-metadata` file: id, refines, property, text.

    What only a project can know stands there, such as that its checks prove a claim of conformance.
    Raises `BookError` where the file cannot be read.
    """
    name = str(project.option("epub", "epub-metadata", ""))
    if not name:
        return []
    try:
        if not is_own(project.root, project.root / name):
            raise FileNotFoundError(f"the project has no file {name}")
        text = (project.root / name).read_text(encoding="utf-8")
        # As for pandoc, it holds elements without one around them.
        root = etree.fromstring(
            f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{text}</metadata>'
        )
    except (OSError, UnicodeDecodeError, etree.XMLSyntaxError) as error:
        hint = 'It holds <meta property="…">…</meta> elements and nothing around them.'
        raise BookError([Finding(name, "NB708", f"cannot be read: {error}", hint)]) from error
    found = []
    for element in root.iterchildren("*"):
        if element.tag != "meta" or not element.get("property") or not element.text:
            message = f"the portable engine takes no <{element.tag}> like this"
            hint = 'It takes <meta property="…">…</meta>; the rest is in `_quarto.yml`.'
            raise BookError([Finding(name, "NB708", message, hint)])
        names = ("id", "refines", "property", "scheme")
        found.append({key: element.get(key, "") for key in names} | {"text": element.text.strip()})
    return found
