"""What authors embed in HTML that they write by hand: pictures, frames and scripts.

A picture becomes one of the book's, so that every format has it. A frame is for the website; an
EPUB and a PDF, which hold all that they show, have a link in its place. A script of another host,
or one that stands in the text, runs nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import html

from nkbook.errors import Findings
from nkbook.render import ast
from nkbook.render.addresses import BRING_HERE, elsewhere, host_of
from nkbook.render.ast import Node
from nkbook.render.document import Document

_TAG = re.compile(r"<(?P<name>img|iframe|script)\b[^>]*>(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
_END = re.compile(r"\s*</iframe\s*>\s*", re.IGNORECASE)
_ADDRESS = r"<{}\b[^>]*?\bsrc\s*=\s*[\"']?(?P<address>https?://[^\s\"'>]+)"
_SOURCES = {
    "img-src": re.compile(_ADDRESS.format("img"), re.IGNORECASE),
    "frame-src": re.compile(_ADDRESS.format("iframe"), re.IGNORECASE),
}


def read_embeds(blocks: list[Node], document: Document, findings: Findings) -> list[Node]:
    """Blocks with pictures of HTML as pictures, and without scripts that nothing runs."""

    def visit(node: Node) -> list[Node] | None:
        if (element := _element(node)) is None:
            return None
        address = str(element.get("src") or "")
        if element.tag == "img":
            image = _picture(element)
            return [ast.para([image])] if node["t"] == "RawBlock" else [image]
        if element.tag == "iframe":
            if host_of(address):
                message = elsewhere("frame", address)
                findings.add("NB607", document.find(address), message, BRING_HERE)
            return None
        if address and not re.match(r"(?:https?:)?//", address):
            return None
        what = f"the script {f'“{address}”' if address else 'in the text'} is left out"
        findings.remark("NB305", document.find(address or "<script"), f"{what}: no edition runs it")
        return []

    read: list[Node] = ast.walk(blocks, visit)
    return read


def other_hosts(blocks: list[Node]) -> dict[str, set[str]]:
    """The hosts that the website fetches pictures and frames from, by directive of its policy."""
    found: dict[str, set[str]] = {}
    for directive, address in _addresses(blocks):
        if host := host_of(address):
            found.setdefault(directive, set()).add(host)
    return found


def _addresses(blocks: list[Node]) -> Iterator[tuple[str, str]]:
    for node in ast.nodes(blocks, "Image", "RawBlock", "RawInline"):
        if node["t"] == "Image":
            yield "img-src", node["c"][2][0]
            continue
        for directive, source in _SOURCES.items():
            yield from ((directive, match["address"]) for match in source.finditer(node["c"][1]))


def link_embeds(blocks: list[Node]) -> list[Node]:
    """Blocks in which a frame, or a picture of another host, is a link to it.

    For editions that hold all that they show.
    """

    def visit(node: Node) -> list[Node] | None:
        if node["t"] == "Link":
            # A link holds no other: there the words alone stand for a picture.
            attributes, content, target = node["c"]
            return [{"t": "Link", "c": [attributes, ast.walk(content, words), target]}]
        if node["t"] == "Image" and host_of(address := node["c"][2][0]):
            attributes = ast.attr("", ["picture-link"])
            return [ast.link(ast.inlines(_alt(node)), address, attributes)]
        if node["t"] in {"RawBlock", "RawInline"}:
            return raw(node)
        return None

    def words(node: Node) -> list[Node] | None:
        if node["t"] != "Image" or not host_of(node["c"][2][0]):
            return None
        return [ast.span(ast.attr("", ["picture-link"]), ast.inlines(_alt(node)))]

    def raw(node: Node) -> list[Node] | None:
        if _END.fullmatch(node["c"][1]):
            return []
        if (element := _element(node)) is None or element.tag == "img":
            return None
        address = str(element.get("src") or "")
        if element.tag == "script" or not host_of(address):
            return []
        title = ast.inlines(str(element.get("title") or address))
        link = ast.link(title, address, ast.attr("", ["frame-link"]))
        return [ast.para([link])] if node["t"] == "RawBlock" else [link]

    linked: list[Node] = ast.walk(blocks, visit)
    return linked


def _alt(image: Node) -> str:
    """What a resolved picture says to those who do not see it."""
    return ast.pairs_of(image["c"][0])["alt"]


def _element(node: Node) -> Any:
    """The picture, frame or script that a piece of HTML is; `None` for any other node."""
    if node["t"] not in {"RawBlock", "RawInline"} or node["c"][0] != "html":
        return None
    match = _TAG.fullmatch(node["c"][1].strip())
    if match is None or not re.fullmatch(
        r"\s*|.*</(?:iframe|script)\s*>", match["rest"], re.DOTALL
    ):
        return None
    element = html.fragment_fromstring(node["c"][1].strip())
    # With more than one element it is a page of its own, which stays as it is.
    return element if element.tag == match["name"].lower() and element.tail is None else None


def _picture(element: Any) -> Node:
    names = {name: str(element.get(name)) for name in ("width", "height") if element.get(name)}
    attributes = ast.attr(
        element.get("id", ""), element.get("class", "").split(), alt=element.get("alt", ""), **names
    )
    target = [str(element.get("src") or ""), str(element.get("title") or "")]
    return {"t": "Image", "c": [attributes, [], target]}
