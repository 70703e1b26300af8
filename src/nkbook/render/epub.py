"""The ebook: an EPUB 3 with one file for each part and chapter.

Pandoc writes the text, as for the website; the package around it is our own, because it needs what
pandoc does not write: footnotes that open in place, roles, landmarks, lists of figures and tables.
Templates and the style are in `assets/ebook/`.
"""

from __future__ import annotations

import posixpath
import re
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import typst
from lxml import etree, html

from nkbook.clock import day, edition_commit
from nkbook.errors import Findings
from nkbook.paths import ASSETS
from nkbook.render import ast, pandoc
from nkbook.render.ast import Node
from nkbook.render.chapter import KINDS, Book
from nkbook.render.single import require_alt_text, single_document
from nkbook.render.view import float_parts
from nkbook.render.web import web_blocks

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

_PROLOG = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>'
_SPLIT = "<!--nk-split-->"
_TYPE = "{http://www.idpf.org/2007/ops}type"
_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}

_GLOBAL = re.compile(r"(?:id|class|dir|hidden|lang|role|style|tabindex|title)$|aria-|data-|\{")
"""Attributes that any element may have."""

_FRONT = ("cover", "title", "colophon")
_SECTIONS = {
    "part": ("bodymatter", "part", "doc-part"),
    "home": ("bodymatter", "chapter", "doc-chapter"),
    "chapter": ("bodymatter", "chapter", "doc-chapter"),
    "appendix": ("backmatter", "appendix", "doc-appendix"),
    "references": ("backmatter", "bibliography", "doc-bibliography"),
}
"""By kind of page: `epub:type` of the body, `epub:type` of the section, role of the section."""


@dataclass
class _Page:
    """One content document: a part's title or a chapter."""

    file: str
    kind: str
    id: str
    label: str
    part: str
    blocks: list[Node]


@dataclass(frozen=True)
class _Entry:
    """A line of the contents."""

    id: str
    label: str
    href: str
    children: list[_Entry] = field(default_factory=list)


def write_epub(book: Book, staging: Path, target: Path, date: datetime) -> None:
    """Write the whole book to `target`; its images are read from `staging`. Raises `BookError`."""
    tree = single_document(book, "epub")
    require_alt_text(tree, "the EPUB edition")
    pages = _pages(tree)
    images = _images(tree, staging)
    moment = date.astimezone(UTC)
    project = book.project
    context: dict[str, Any] = {
        "title": project.title,
        "subtitle": project.subtitle,
        "authors": project.authors,
        "description": project.description,
        "licence": project.licence,
        "lang": project.lang,
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{project.title}\n{project.output_file}")),
        "date": moment,
        "edition": day(moment),
        "commit": edition_commit(project.root),
        "figures": bool(images),
        "maths": any(ast.nodes(tree, "Math")),
        "contents": _contents(pages, int(project.option("epub", "toc-depth", 2))),
        "lists": _float_lists(pages),
        "landmarks": _landmarks(pages),
    }
    render = _Templates(context)
    documents = {f"text/{name}.xhtml": render.front(name) for name in _FRONT}
    documents["nav.xhtml"] = render("nav.xhtml.j2")
    documents |= _documents(pages, render)
    spine = [
        *(f"text/{name}.xhtml" for name in _FRONT),
        "nav.xhtml",
        *(page.file for page in pages),
    ]
    files = {
        **{name: text.encode() for name, text in documents.items()},
        "toc.ncx": render("toc.ncx.j2").encode(),
        "style.css": (ASSETS / "ebook" / "style.css").read_bytes(),
        "cover.png": _cover(context),
        **images,
        **_fonts(),
    }
    items = [_item(name, documents.get(name, "")) for name in sorted(files)]
    ids = {item["file"]: item["id"] for item in items}
    package = render("package.opf.j2", items=items, spine=[ids[name] for name in spine])
    container = (ASSETS / "ebook" / "container.xml").read_bytes()
    _zip(
        target,
        moment,
        {
            "META-INF/container.xml": container,
            "EPUB/package.opf": package.encode(),
            **{f"EPUB/{name}": data for name, data in files.items()},
        },
    )


class _Templates:
    """The templates of `assets/ebook/`, with what all of them know."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self.context = context
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(ASSETS / "ebook"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def __call__(self, name: str, **more: Any) -> str:
        return self.environment.get_template(name).render({**self.context, **more}).lstrip()

    def page(self, heading: str, matter: str, body: str) -> str:
        """A content document around `body`, which is XHTML."""
        return self("page.xhtml.j2", heading=heading, matter=matter, body=body)

    def front(self, name: str) -> str:
        """A page before the contents."""
        body = self(f"{name}.xhtml.j2")
        return self.page(str(self.context["title"]), "frontmatter", body)


# The tree as content documents ------------------------------------------------------------------


def _pages(tree: list[Node]) -> list[_Page]:
    """The tree cut at its parts and chapters."""
    pages: list[_Page] = []
    for node in tree:
        if node["t"] == "Header" and {"part", "chapter"} & set(node["c"][1][1]):
            _, (name, classes, pairs), _ = node["c"]
            kind = classes[-1]
            words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
            file = f"text/{len(pages) + 1:02d}-{words or kind}.xhtml"
            pages.append(
                _Page(file, kind, name, _numbered(node), dict(pairs).get("part", ""), [node])
            )
        else:
            pages[-1].blocks.append(node)
    return pages


def _numbered(node: Node) -> str:
    """A heading's text with its number."""
    _, (_, _, pairs), title = node["c"]
    return f"{dict(pairs).get('number', '')} {ast.stringify(title)}".strip()


def _documents(pages: Sequence[_Page], render: _Templates) -> dict[str, str]:
    """Every page as XHTML, by file."""
    places = _places(pages)
    blocks: list[Node] = []
    for page in pages:
        # The website's markup asks a chapter for nothing but its id and the headings' numbers.
        numbers = {
            name: dict(pairs).get("number", "")
            for _, (name, _, pairs), _ in (node["c"] for node in ast.nodes(page.blocks, "Header"))
        }
        own = _with_notes(_addressed(page, places))
        blocks += [*web_blocks(own, page.id, numbers), ast.raw("html", _SPLIT)]
    text = pandoc.write(
        blocks,
        ["--to", "html5", "--mathml", "--syntax-highlighting", "none", "--wrap", "none"],
        place="the EPUB edition",
    )
    findings = Findings()
    documents = {}
    for page, body in zip(pages, text.split(_SPLIT), strict=False):
        matter, kind, role = _SECTIONS[page.kind]
        section = (
            f'<section epub:type="{kind}" role="{role}" class="{page.kind}" '
            f'aria-labelledby="{page.id}">\n{_well_formed(body.strip())}\n</section>'
        )
        root = etree.fromstring(render.page(page.label, matter, section).encode())
        _refine(root, page.label, findings)
        documents[page.file] = etree.tostring(root, encoding="unicode", doctype=_PROLOG)
    findings.raise_any()
    return documents


def _places(pages: Sequence[_Page]) -> dict[str, str]:
    """The file of every id."""
    return {
        name: page.file
        for page in pages
        for node in ast.nodes(page.blocks)
        if (name := ast.identifier(node))
    }


def _addressed(page: _Page, places: Mapping[str, str]) -> list[Node]:
    """A page's blocks with links and images that are right from its file."""

    def visit(node: Node) -> list[Node] | None:
        if node["t"] not in {"Link", "Image"}:
            return None
        attributes, content, (address, title) = node["c"]
        if node["t"] == "Image":
            address = quote(posixpath.join("..", address.lstrip("/")))
        elif address.startswith("#") and places[address[1:]] != page.file:
            address = posixpath.basename(places[address[1:]]) + address
        return [{"t": node["t"], "c": [attributes, ast.walk(content, visit), [address, title]]}]

    walked: list[Node] = ast.walk(page.blocks, visit)
    return walked


def _with_notes(blocks: list[Node]) -> list[Node]:
    """Footnotes in the form that readers open in place, collected at the end of the chapter."""
    notes: list[Node] = []
    count = 0

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
        return walked
    start = '<section epub:type="footnotes" class="footnotes" aria-label="Notes">'
    return [*walked, ast.raw("html", start), *notes, ast.raw("html", "</section>")]


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
        classes = element.get("class", "").split()
        if tag == "aside" and "callout" in classes:
            kind, role = ("tip", "doc-tip") if "callout-tip" in classes else ("notice", "note")
            element.set(_TYPE, kind)
            element.set("role", role)
        if len(element) == 0 and not element.text and tag not in _VOID:
            element.text = ""


# Navigation -------------------------------------------------------------------------------------


def _contents(pages: Sequence[_Page], depth: int) -> list[_Entry]:
    """Parts, chapters and sections down to `depth` (a chapter's title is level 1)."""
    entries: list[_Entry] = []
    parts: dict[str, _Entry] = {}
    for page in pages:
        entry = _Entry(f"nav-{page.id}", page.label, page.file)
        if page.kind == "part":
            parts[page.id] = entry
        (parts[page.part].children if page.part else entries).append(entry)
        stack = [(1, entry.children)]
        for node in ast.nodes(page.blocks[1:], "Header"):
            level, (name, classes, _), _ = node["c"]
            if level > depth or not name or "unlisted" in classes:
                continue
            section = _Entry(f"nav-{name}", _numbered(node), f"{page.file}#{name}")
            while len(stack) > 1 and stack[-1][0] >= level:
                stack.pop()
            stack[-1][1].append(section)
            stack.append((level, section.children))
    return entries


def _float_lists(pages: Sequence[_Page]) -> list[dict[str, Any]]:
    """The lists of figures and of tables, as far as the book has any."""
    found: dict[str, list[_Entry]] = {"fig": [], "tbl": []}
    for page in pages:
        for node in ast.nodes(page.blocks, "Div"):
            if parts := float_parts(node):
                name, kind, number, caption, _ = parts
                label = f"{KINDS[kind]} {number}: {ast.stringify(caption)}"
                found[kind].append(_Entry(f"nav-{name}", label, f"{page.file}#{name}"))
    titles = (("fig", "loi", "Figures"), ("tbl", "lot", "Tables"))
    return [
        {"type": name, "title": title, "entries": found[kind]}
        for kind, name, title in titles
        if found[kind]
    ]


def _landmarks(pages: Sequence[_Page]) -> list[dict[str, str]]:
    first = next((page.file for page in pages), "nav.xhtml")
    marks = [
        ("cover", "Cover", "text/cover.xhtml"),
        ("titlepage", "Title page", "text/title.xhtml"),
        ("toc", "Contents", "nav.xhtml#contents"),
        ("bodymatter", "Beginning of the text", first),
    ]
    marks += [
        ("bibliography", page.label, page.file) for page in pages if page.kind == "references"
    ]
    return [{"type": kind, "label": label, "href": href} for kind, label, href in marks]


# The package ------------------------------------------------------------------------------------


def _images(tree: list[Node], staging: Path) -> dict[str, bytes]:
    """The images that the tree shows, by their path in the package."""
    findings = Findings()
    files: dict[str, bytes] = {}
    for node in ast.nodes(tree, "Image"):
        path = node["c"][2][0].lstrip("/")
        if Path(path).suffix.lower() not in MEDIA_TYPES:
            findings.add(
                "NB702",
                "the EPUB edition",
                f"readers cannot show “{path}”",
                "Convert the image to SVG, PNG, JPEG or WebP.",
            )
        else:
            files[path] = (staging / path).read_bytes()
    findings.raise_any()
    return files


def _fonts() -> dict[str, bytes]:
    """The web fonts: small subsets, so that Hangul is there on readers that have none."""
    folder = ASSETS / "fonts"
    files = [folder / "fonts.css", *sorted(folder.glob("web/*.woff2"))]
    return {f"fonts/{file.relative_to(folder).as_posix()}": file.read_bytes() for file in files}


def _cover(context: Mapping[str, Any]) -> bytes:
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


def _item(file: str, text: str) -> dict[str, str]:
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


def _zip(target: Path, moment: datetime, files: Mapping[str, bytes]) -> None:
    """The container: `mimetype` first and stored, then the files by name, all of one date."""
    stamp = (max(moment.year, 1980), *moment.timetuple()[1:6])
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in [("mimetype", b"application/epub+zip"), *sorted(files.items())]:
            entry = zipfile.ZipInfo(name, stamp)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            stored = name == "mimetype" or name.endswith((".png", ".jpg", ".woff2"))
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, compresslevel=9)
