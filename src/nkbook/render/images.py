"""Pictures for the ebook and the printed book: what they cannot show is repaired or refused.

A browser forgives what e-readers and printers do not: they ignore scripts, movement and HTML in a
drawing, fetch nothing, and choke on photographs as they come from a camera. The website keeps
every picture as its author made it.
"""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path, PurePosixPath

from lxml import etree
from PIL import Image, ImageOps

from nkbook.errors import Findings
from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.chapter import Book

LONGEST = 3200
"""Pixels along the longer side of a picture: 600 dots an inch at the width of the printed text."""

_RASTER = {".gif", ".jpeg", ".jpg", ".png", ".webp"}

_UNSEEN = {
    "foreignObject": "text set by HTML (foreignObject)",
    "animate": "movement",
    "animateMotion": "movement",
    "animateTransform": "movement",
    "set": "movement",
    "audio": "sound",
    "video": "a film",
}
"""Elements of a drawing that browsers show, but not e-readers or printers; what does more than show
itself was refused before (`active.py`)."""

_REDRAW = "Export the drawing again as plain shapes and text, or as PNG."


def book_images(book: Book, tree: list[Node], staging: Path) -> dict[str, bytes]:
    """The images that `tree` shows, by their path from the root of the edition.

    Raises `BookError` with every image that cannot be shown and the cell where it stands.
    """
    findings = Findings()
    images: dict[str, bytes] = {}
    shown = {
        node["c"][2][0].lstrip("/"): chapter
        for chapter in book.chapters
        for node in ast.nodes(chapter.blocks, "Image")
    }
    for node in ast.nodes(tree, "Image"):
        path = node["c"][2][0].lstrip("/")
        if path not in images:
            data = (staging / path).read_bytes()
            name = PurePosixPath(path).name
            place = shown[path].document.find(name) if path in shown else path
            images[path] = _ready(path, data, place, findings)
    findings.raise_any()
    return images


def _ready(path: str, data: bytes, place: str, findings: Findings) -> bytes:
    suffix = PurePosixPath(path).suffix.lower()
    name = PurePosixPath(path).name
    if suffix == ".svg":
        return _drawing(name, data, place, findings)
    if suffix in _RASTER:
        return _photograph(name, data, place, findings)
    hint = "Convert the image to SVG, PNG, JPEG or WebP."
    findings.add("NB702", place, f"readers cannot show “{name}”", hint)
    return data


def _drawing(name: str, data: bytes, place: str, findings: Findings) -> bytes:
    """An SVG whose size readers know, or a finding for each thing in it that they cannot show."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    root = etree.fromstring(data, parser)
    tags = {etree.QName(element).localname for element in root.iter("{*}*")}
    for words in sorted({_UNSEEN[tag] for tag in tags & _UNSEEN.keys()}):
        message = f"“{name}” has {words}, which an ebook or a printed page cannot show"
        findings.add("NB707", place, message, _REDRAW)
    sides = [
        re.fullmatch(r"([\d.]+)(?:px|pt)?", root.get(side, "")) for side in ("width", "height")
    ]
    if root.get("viewBox") or not all(sides):
        return data
    # Without it, readers that make a drawing smaller cut it off instead.
    root.set("viewBox", " ".join(["0 0", *(side[1] for side in sides if side)]))
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _photograph(name: str, data: bytes, place: str, findings: Findings) -> bytes:
    """A picture of pixels, made smaller where it is larger than any page can show."""
    try:
        with warnings.catch_warnings():
            # Pillow warns of pictures so large that they may be meant to fill the memory.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                if max(image.size) <= LONGEST:
                    image.verify()
                    return data
                form = image.format
                smaller = ImageOps.exif_transpose(image)
                smaller.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    except (OSError, SyntaxError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        hint = "Open it in an image editor and save it again, at most 5,000 pixels wide."
        findings.add("NB707", place, f"“{name}” cannot be read as a picture", hint)
        return data
    out = io.BytesIO()
    smaller.save(out, form, optimize=True, quality=88)
    return out.getvalue()
