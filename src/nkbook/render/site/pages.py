"""The website: one page for each chapter, static, with no request to any other host."""

from __future__ import annotations

import html
import posixpath
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jinja2

from nkbook import __version__
from nkbook.clock import day, edition_commit, last_changed
from nkbook.paths import ASSETS
from nkbook.render import ast, pandoc
from nkbook.render.ast import Node
from nkbook.render.chapter import Book, Heading
from nkbook.render.figures import svg_size
from nkbook.render.site.addresses import relative, root_of
from nkbook.render.site.bundle import write_bundle
from nkbook.render.site.cards import Card, draw_cards
from nkbook.render.site.citation import citation
from nkbook.render.site.feeds import FEED, changes_feed, robots, sitemap
from nkbook.render.site.headers import REFERRER, host_files, policy
from nkbook.render.site.icons import APPLE, draw_icons
from nkbook.render.site.inline import InlineStyles
from nkbook.render.site.manifest import NAME as MANIFEST
from nkbook.render.site.manifest import manifest
from nkbook.render.site.metadata import Describer, card_path, quotations
from nkbook.render.site.notes import closable_entries
from nkbook.render.site.search import collect_documents, write_documents
from nkbook.render.site.tokens import colour
from nkbook.render.view import point_links, visible_blocks
from nkbook.render.web import web_blocks

_SPLIT = "<!--nk-split-->"


@dataclass(frozen=True)
class Download:
    """A file that the home page offers."""

    label: str
    format: str
    file: str
    size: int
    purpose: str = ""
    """What it is good for, in a few words."""

    @property
    def size_text(self) -> str:
        """The size as readers know it: “2.4 MB”."""
        kilobytes = self.size / 1000
        return f"{kilobytes / 1000:.1f} MB" if kilobytes >= 1000 else f"{max(1, kilobytes):.0f} kB"


@dataclass(frozen=True)
class _Page:
    """A chapter's pieces as HTML."""

    title: str
    headings: tuple[str, ...]
    lead: str
    """What stands beside the book's title: the division `.lead` of the home page."""
    body: str
    blocks: list[Node]
    """The chapter as readers see it, before it becomes HTML: what search reads."""


class Site:
    """Renders the pages of a book once and writes them as often as the downloads change."""

    def __init__(self, book: Book, staging: Path, date: datetime, jobs: int = 2) -> None:
        self.book = book
        self.staging = staging
        self.date = date
        self.commit = edition_commit(book.project.root)
        loader = jinja2.FileSystemLoader(ASSETS / "site")
        self.templates = jinja2.Environment(
            loader=loader,
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals |= {
            "policy": policy(meta=True),
            "referrer": REFERRER,
            "colour": colour,
            "apple_icon": APPLE,
        }
        self.styles = InlineStyles()
        with ThreadPoolExecutor(jobs) as pool:
            self.pages = list(pool.map(self._render, range(len(book.chapters))))
        self._contexts = [self._page_context(index) for index in range(len(book.chapters))]
        self.templates.globals["describe"] = Describer(book.project, staging, self._contexts)

    def write_assets(self) -> None:
        """Copy styles, fonts, scripts and the book's own pictures into the site."""
        project = self.book.project
        for name in filter(None, (project.cover_image, project.favicon)):
            (self.staging / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(project.root / name, self.staging / name)
        assets = self.staging / "assets"
        write_bundle(assets, self.styles.sheet())
        blocks = (page.blocks for page in self.pages)
        documents = collect_documents(zip(self.book.chapters, blocks, strict=True))
        write_documents(documents, assets / "search-documents.js")
        icons = draw_icons(project.root / project.favicon) if project.favicon else {}
        self._write_files({**icons, MANIFEST: manifest(project, icons)})

    def write_cards(self) -> None:
        """Write the pictures that stand for pages where they are shared, if they can be shared."""
        project = self.book.project
        if not project.site_url:
            return
        mark = project.root / project.favicon
        cards = [
            Card(project.title, more=project.subtitle)
            if page["kind"] == "home"
            else Card(page["title"], project.title, _kicker(page))
            for page in self._contexts
        ]
        drawn = draw_cards(
            cards, mark.read_text(encoding="utf-8") if mark.suffix == ".svg" else "", project.lang
        )
        paths = (card_path(page["href"]) for page in self._contexts)
        self._write_files(dict(zip(paths, drawn, strict=True)))

    def write_pages(self, downloads: Sequence[Download]) -> None:
        """Write every page, and the home page with these downloads."""
        for index, chapter in enumerate(self.book.chapters):
            target = self.staging / chapter.entry.href
            target.parent.mkdir(parents=True, exist_ok=True)
            template = "home.html.j2" if chapter.entry.kind == "home" else "page.html.j2"
            context = {
                "book": self._book_context(index, downloads),
                "page": self._contexts[index],
            }
            text = self.templates.get_template(template).render(context)
            target.write_text(text, encoding="utf-8")
        self._write_files(host_files(self.book.project.site_url))
        self._write_feeds()

    def _write_feeds(self) -> None:
        """Write what tells machines where the pages are and which have changed."""
        project = self.book.project
        changes = {page["href"]: page["changed_at"] for page in self._contexts}
        files = {"robots.txt": robots(project.site_url)}
        if project.site_url:
            pages = sorted(
                file.relative_to(self.staging).as_posix() for file in self.staging.rglob("*.html")
            )
            files["sitemap.xml"] = sitemap(project.site_url, pages, changes)
            files[FEED] = changes_feed(project, self._contexts)
        self._write_files(files)

    def _write_files(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            target = self.staging / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)

    def _render(self, index: int) -> _Page:
        book, chapter = self.book, self.book.chapters[index]
        here = chapter.entry.href
        place = chapter.document.file
        blocks = visible_blocks(book, chapter, "html")
        seen = self._with_references(blocks, place)
        blocks = closable_entries(seen)
        numbers = {heading.id: heading.number for heading in chapter.headings}
        blocks = web_blocks(
            blocks, chapter.id, numbers, lambda i, label: self._menu(i, label, here)
        )
        blocks = ast.walk(blocks, _anchored)
        lead = [node for node in blocks if chapter.entry.kind == "home" and _leads(node)]
        blocks = [*lead, ast.raw("html", _SPLIT), *(node for node in blocks if node not in lead)]
        extras: list[Node] = []
        for content in (chapter.title, *(list(h.content) for h in chapter.headings)):
            content = ast.walk(content, _unlinked)
            extras += [ast.plain(content), ast.raw("html", _SPLIT)]
        blocks = point_links(
            [*extras, *blocks],
            chapter_href=lambda number, fragment: relative(
                book.chapters[number].entry.href, here, fragment
            ),
            file_href=lambda path: relative(path, here) if self._ships(path) else None,
            image_href=lambda path: relative(path.lstrip("/"), here),
        )
        blocks = ast.walk(blocks, lambda node: self._sized(node, here))
        text = pandoc.write(
            blocks,
            ["--to", "html5", "--section-divs", "--mathml", "--wrap", "none", "--eol", "lf"],
            place=place,
        )
        text = self.styles.lift(text, place)
        title, *headings, beside, body = map(str.strip, text.split(_SPLIT))
        return _Page(title, tuple(headings), beside, body, seen)

    def _with_references(self, blocks: list[Node], place: str) -> list[Node]:
        project = self.book.project
        if not project.bibliography or not any(ast.nodes(blocks, "Cite")):
            return blocks
        cited = pandoc.cite(blocks, project.bibliography, project.csl, project.lang, place=place)
        if cited and cited[-1]["t"] == "Div" and cited[-1]["c"][0][0] == "refs":
            heading = ast.header(2, ast.attr("references"), ast.inlines("References"))
            cited = [*cited[:-1], heading, cited[-1]]
        return cited

    def _ships(self, path: str) -> bool:
        return (self.staging / path).is_file()

    def _menu(self, identifier: str, label: str, here: str) -> str:
        if not any(figure.id == identifier for figure in self.book.figures):
            return ""
        kinds = (("SVG", ".svg"), ("PNG", ".png"), ("Data (CSV)", ".csv"), ("Provenance", ".json"))
        links = "".join(
            f'<a href="{relative(f"figures/{identifier}{suffix}", here)}" download>{name}</a>'
            for name, suffix in kinds
        )
        return (
            f'<nav class="figure-menu" aria-label="{html.escape(label)}: downloads">{links}</nav>'
        )

    def _sized(self, node: Node, here: str) -> list[Node] | None:
        """Give an image its size, so that the page does not jump while it loads."""
        if node["t"] != "Image":
            return None
        (identifier, classes, pairs), content, (address, title) = node["c"]
        file = self.staging / posixpath.normpath(
            posixpath.join(posixpath.dirname(here), unquote(address))
        )
        size = svg_size(file.read_bytes()) if file.suffix == ".svg" and file.is_file() else None
        extra = [] if "loading" in dict(pairs) else [["loading", "lazy"]]
        if size and not {"width", "height"} & dict(pairs).keys():
            extra += [["width", str(size[0])], ["height", str(size[1])]]
        return [
            {
                "t": "Image",
                "c": [[identifier, classes, [*pairs, *extra]], content, [address, title]],
            }
        ]

    def _book_context(self, index: int, downloads: Sequence[Download]) -> Mapping[str, Any]:
        project = self.book.project
        root = root_of(self.book.chapters[index].entry.href)
        return {
            "title": project.title,
            "subtitle": project.subtitle,
            "authors": list(project.authors),
            "description": project.description,
            "lang": project.lang,
            "licence": project.licence,
            "edition": day(self.date),
            "version": __version__,
            "commit": self.commit,
            "favicon": root + project.favicon if project.favicon else "",
            "feed": project.site_url + FEED if project.site_url else "",
            "cover": root + project.cover_image if project.cover_image else "",
            "cover_alt": project.cover_image_alt,
            "downloads": [
                {
                    "label": item.label,
                    "format": item.format,
                    "href": root + item.file,
                    "size": item.size_text if item.size else "",
                    "purpose": item.purpose,
                }
                for item in downloads
            ],
            "chapters": self._navigation(index),
            "reading_time": self._reading_time(),
        }

    def _reading_time(self) -> str:
        """“26 chapters, about 4 hours to read”; nothing for a book of a chapter or two."""
        chapters = [c for c in self.book.chapters if c.entry.kind == "chapter" and c.number]
        hours = sum(chapter.minutes for chapter in chapters) / 60
        if len(chapters) < 3 or hours < 1:
            return ""
        about = f"{hours:.0f} hour{'s' * (round(hours) > 1)}"
        return f"{len(chapters)} chapters, about {about} to read"

    def _navigation(self, current: int) -> list[dict[str, Any]]:
        here = self.book.chapters[current].entry.href
        out: list[dict[str, Any]] = []
        for index, chapter in enumerate(self.book.chapters):
            item = {
                "kind": chapter.entry.kind,
                "title": chapter.title_text,
                "title_html": self.pages[index].title,
                "number": chapter.number,
                "href": relative(chapter.entry.href, here) or ".",
                "current": index == current,
                "description": chapter.description,
                "minutes": chapter.minutes,
                "children": [],
            }
            group = "Appendices" if chapter.entry.kind == "appendix" else chapter.entry.part
            if not group:
                out.append(item)
                continue
            if not out or out[-1]["kind"] != "part" or out[-1]["title"] != group:
                words = html.escape(group, quote=False)
                out.append({"kind": "part", "title": group, "title_html": words, "children": []})
            out[-1]["children"].append(item)
        return out

    def _page_context(self, index: int) -> Mapping[str, Any]:
        book, chapter, page = self.book, self.book.chapters[index], self.pages[index]
        entry = chapter.entry
        changed = last_changed(book.project.root, book.project.root / entry.file)
        depth = int(book.project.option("html", "toc-depth", 3))
        return {
            "kind": entry.kind,
            "title": chapter.title_text,
            "title_html": page.title,
            "number": chapter.number,
            "label": chapter.label,
            "part": entry.part,
            "id": chapter.id,
            "href": entry.href,
            "root": root_of(entry.href),
            "description": chapter.description,
            "standfirst": str(chapter.document.front.get("description", "")),
            "lead_html": page.lead,
            "body_html": page.body,
            "toc": _contents(chapter.headings, page.headings, depth),
            "previous": self._neighbour(index, -1),
            "next": self._neighbour(index, 1),
            "minutes": chapter.minutes,
            "changed": day(changed),
            "changed_at": changed,
            "changed_iso": changed.date().isoformat(),
            "quotations": quotations(chapter.blocks),
            "cite": citation(book.project, chapter.title_text, chapter.id, self.date),
            "source_href": posixpath.basename(entry.file),
        }

    def _neighbour(self, index: int, step: int) -> Mapping[str, str] | None:
        if not 0 <= index + step < len(self.book.chapters):
            return None
        other = self.book.chapters[index + step]
        here = self.book.chapters[index].entry.href
        return {
            "href": relative(other.entry.href, here),
            "title": other.title_text,
            "label": other.label,
        }


def _kicker(page: Mapping[str, Any]) -> str:
    """What stands above a chapter's title on its card: “Isolation · Chapter 2”."""
    return " · ".join(filter(None, (page["part"], page["label"])))


def _contents(
    headings: Sequence[Heading], titles: Sequence[str], depth: int
) -> list[dict[str, Any]]:
    """Headings as a tree, down to `depth` (the chapter's title is level 1)."""
    out: list[dict[str, Any]] = []
    stack: list[tuple[int, list[dict[str, Any]]]] = [(1, out)]
    for heading, title in zip(headings, titles, strict=True):
        if heading.level > depth or not heading.id or not heading.listed:
            continue
        item: dict[str, Any] = {
            "id": heading.id,
            "title_html": title,
            "children": [],
        }
        while len(stack) > 1 and stack[-1][0] >= heading.level:
            stack.pop()
        stack[-1][1].append(item)
        stack.append((heading.level, item["children"]))
    return out


def _anchored(node: Node) -> list[Node] | None:
    """A heading that links to itself, so that a reader can point at it."""
    if node["t"] != "Header" or not (identifier := node["c"][1][0]):
        return None
    level, attributes, content = node["c"]
    label = 'aria-label="Link to this section"'
    mark = f'<a class="heading-link" href="#{html.escape(identifier)}" {label}>#</a>'
    return [ast.header(level, attributes, [*content, ast.raw_inline("html", mark)])]


def _leads(node: Node) -> bool:
    return node["t"] == "Div" and "lead" in node["c"][0][1]


def _unlinked(node: Node) -> list[Node] | None:
    """Titles in contents are links themselves: they hold no other link and no note."""
    match node["t"]:
        case "Note":
            return []
        case "Link":
            return list(ast.walk(node["c"][1], _unlinked))
    return None
