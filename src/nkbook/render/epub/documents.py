"""The content documents: pages of the tree as XHTML that readers show, speak and link."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote, unquote

from lxml import etree, html

from nkbook.errors import Findings
from nkbook.render import ast, pandoc
from nkbook.render.ast import Node
from nkbook.render.epub.data import data_id
from nkbook.render.epub.pages import Page
from nkbook.render.epub.templates import Templates
from nkbook.render.web import web_blocks

_PROLOG = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>'
_SPLIT = "<!--nk-split-->"
_TYPE = "{http://www.idpf.org/2007/ops}type"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}

_GLOBAL = re.compile(r"(?:id|class|dir|hidden|lang|role|style|tabindex|title)$|aria-|data-|\{")
"""Attributes that any element may have."""

_NOTICES = {"callout-warning", "callout-caution", "callout-important"}
_WARNED = "{http://www.w3.org/1999/xhtml}section"


def write_documents(
    pages: Sequence[Page],
    places: Mapping[str, Page],
    images: Collection[str],
    render: Templates,
) -> dict[str, str]:
    """Every page as XHTML, by file. Raises `BookError` for what an EPUB cannot hold."""
    blocks: list[Node] = []
    notes: dict[str, int] = {}
    for page in pages:
        # The website's markup asks a chapter for nothing but its id and the headings' numbers.
        numbers = {
            name: dict(pairs).get("number", "")
            for _, (name, _, pairs), _ in (node["c"] for node in ast.nodes(page.blocks, "Header"))
        }
        # A long chapter's notes are counted through its pages.
        before = notes.get(page.chapter, 0)
        own, notes[page.chapter] = _with_notes(_addressed(page, places), before)
        blocks += web_blocks(own, page.id, numbers, _data_link(places))
        blocks.append(ast.raw("html", _SPLIT))
    text = pandoc.write(
        blocks,
        ["--to", "html5", "--mathml", "--syntax-highlighting", "none", "--wrap", "none"],
        place="the EPUB edition",
    )
    findings = Findings()
    roots = {}
    for page, body in zip(pages, text.split(_SPLIT), strict=False):
        kind = "" if page.is_continued else f'epub:type="{page.type}" role="doc-{page.type}" '
        section = (
            f'<section {kind}class="{page.kind}" aria-labelledby="{page.id}">\n'
            f"{_well_formed(body.strip())}\n</section>"
        )
        root = etree.fromstring(render.page(page.label, page.matter, section).encode())
        _refine(root, page.label, findings)
        roots[page.file] = root
    _check_links(pages, roots, images, findings)
    findings.raise_any()
    return {
        file: etree.tostring(root, encoding="unicode", doctype=_PROLOG)
        for file, root in roots.items()
    }


def _addressed(page: Page, places: Mapping[str, Page]) -> list[Node]:
    """A page's blocks with links and images that are right from its file."""

    def visit(node: Node) -> list[Node] | None:
        if node["t"] not in {"Link", "Image"}:
            return None
        attributes, content, (address, title) = node["c"]
        if node["t"] == "Image":
            address = quote(posixpath.join("..", address.lstrip("/")))
        elif address.startswith("#"):
            target = places[address[1:]]
            name, classes, pairs = attributes
            # Pandoc gives a reference on the same page its role.
            has_role = target is page and address.startswith("#ref-")
            role = [] if has_role else _role(target, address[1:])
            attributes = [name, classes, [*pairs, *role]]
            if target is not page:
                address = posixpath.basename(target.file) + address
        return [{"t": node["t"], "c": [attributes, ast.walk(content, visit), [address, title]]}]

    walked: list[Node] = ast.walk(page.blocks, visit)
    return walked


def _role(target: Page, name: str) -> list[list[str]]:
    """What a link is to those who hear it: one to a reference, or to a word of the glossary."""
    if name.startswith("ref-"):
        return [["role", "doc-biblioref"]]
    is_term = target.type == "glossary" and name != target.id
    return [["role", "doc-glossref"]] if is_term else []


def _data_link(places: Mapping[str, Page]) -> Callable[[str, str], str]:
    """What stands below a figure's picture: the way to its data."""

    def write(identifier: str, label: str) -> str:
        name = data_id(identifier)
        if name not in places:
            return ""
        href = f"{posixpath.basename(places[name].file)}#{name}"
        return f'<p class="figure-data"><a href="{escape(href)}">Data of {label}</a></p>'

    return write


def _with_notes(blocks: list[Node], count: int) -> tuple[list[Node], int]:
    """Footnotes in the form that readers open in place, collected at the end of the page.

    `count` notes stand before these; returns the number of the last one, too.
    """
    notes: list[Node] = []

    def visit(node: Node) -> list[Node] | None:
        nonlocal count
        if node["t"] == "Div" and "callout" in " ".join(node["c"][0][1]):
            # A reader that cannot unfold must not hide: what folds on the web is open here.
            (name, classes, pairs), body = node["c"]
            pairs = [pair for pair in pairs if pair[0] != "collapse"]
            return [ast.div([name, classes, pairs], ast.walk(body, visit))]
        if node["t"] != "Note":
            return None
        count += 1
        number = count
        mark = f'<a epub:type="noteref" role="doc-noteref" id="fnref-{number}" href="#fn-{number}">'
        back = ast.raw_inline(
            "html", f'<a role="doc-backlink" href="#fnref-{number}">{number}.</a> '
        )
        body = ast.walk(node["c"], visit)
        if body and body[0]["t"] in {"Para", "Plain"}:
            body[0] = ast.para([back, *body[0]["c"]])
        else:
            body.insert(0, ast.para([back]))
        notes.extend(
            [
                ast.raw(
                    "html", f'<aside epub:type="footnote" role="doc-footnote" id="fn-{number}">'
                ),
                *body,
                ast.raw("html", "</aside>"),
            ]
        )
        return [ast.raw_inline("html", f"{mark}<sup>{number}</sup></a>")]

    walked: list[Node] = ast.walk(blocks, visit)
    if not notes:
        return walked, count
    start = '<section epub:type="footnotes" class="footnotes" aria-label="Notes">'
    return [*walked, ast.raw("html", start), *notes, ast.raw("html", "</section>")], count


def _well_formed(fragment: str) -> str:
    """HTML as XHTML. What an author wrote by hand may need a parser that forgives."""
    try:
        etree.fromstring(f'<div xmlns:epub="x">{fragment}</div>')
    except etree.XMLSyntaxError:
        root = html.fragment_fromstring(fragment, create_parent="div")
        text = etree.tostring(root, encoding="unicode", method="xml")
        return text.removeprefix("<div>").removesuffix("</div>")
    return fragment


def _refine(root: Any, place: str, findings: Findings) -> None:
    """Roles, and only what an EPUB may hold."""
    for element in root.iter("{*}*"):
        tag = etree.QName(element).localname
        if tag in {"script", "iframe", "object", "embed", "form"}:
            findings.add(
                "NB705",
                place,
                f"an EPUB cannot hold a <{tag}> element",
                'Put it in a div `{.content-visible when-format="html"}` that the EPUB leaves out.',
            )
        for name in ("src", "poster", "data"):
            if "//" in element.get(name, ""):
                findings.add(
                    "NB706",
                    place,
                    f"<{tag}> fetches “{element.get(name)}” from another host",
                    "Keep a copy inside the project.",
                )
        if tag in {"div", "span"}:
            for name in list(element.attrib):
                if not _GLOBAL.match(name):
                    element.set(f"data-{name}", element.attrib.pop(name))
        if tag == "img" and element.get("alt") is None:
            findings.add(
                "NB701",
                place,
                f"the image “{element.get('src')}” has no alt text",
                'Say what it shows: `alt="…"`, or `alt=""` for an ornament.',
            )
        if tag == "th" and not element.get("scope"):
            in_head = etree.QName(element.getparent().getparent()).localname == "thead"
            element.set("scope", "col" if in_head else "row")
        if tag in {"td", "th"} and element.get("style") == "text-align: left;":
            del element.attrib["style"]  # as they are anyway: a fifth of a long table
        if tag == "math" and (source := element.findtext(".//{*}annotation")):
            element.set("alttext", source)
        if language := element.get("lang"):
            # Readers of today ask `lang`, those of yesterday `xml:lang`.
            element.set(_XML_LANG, language)
        classes = set(element.get("class", "").split())
        if tag == "aside" and "callout-tip" in classes:
            element.set(_TYPE, "tip")
            element.set("role", "doc-tip")
        elif tag == "aside" and _NOTICES & classes:
            # An aside may be a tip by its role, and not a notice.
            element.tag = _WARNED
            element.set(_TYPE, "notice")
            element.set("role", "doc-notice")
            del element.attrib["aria-labelledby"]  # its title is its first line; names must differ
        if len(element) == 0 and not element.text and tag not in _VOID:
            element.text = ""


def _check_links(
    pages: Sequence[Page], roots: Mapping[str, Any], images: Collection[str], findings: Findings
) -> None:
    """Links and pictures that an author wrote as HTML, which nothing has looked at before."""
    ids = {file: {node.get("id") for node in root.iter()} for file, root in roots.items()}
    for page in pages:
        for element in roots[page.file].iterfind(".//{*}body//{*}*"):
            for attribute in ("href", "src"):
                address = element.get(attribute, "")
                if not address or re.match(r"[a-z]+:|//", address, re.IGNORECASE):
                    continue
                path, _, fragment = unquote(address).partition("#")
                file = posixpath.normpath(posixpath.join("text", path)) if path else page.file
                if (
                    file in images
                    or fragment in ids.get(file, ())
                    or (file in ids and not fragment)
                ):
                    continue
                findings.add(
                    "NB709",
                    page.label,
                    f"“{address}” leads nowhere inside the EPUB",
                    "In HTML written by hand, name an id of the same chapter; or write Markdown.",
                )
