"""The website: one page for each chapter, static, with no request to any other host."""

from __future__ import annotations

import functools
import html
import itertools
import posixpath
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jinja2

from nkbook import __version__
from nkbook.clock import day, edition_commit, last_changed
from nkbook.paths import ASSETS
from nkbook.render import ast, pandoc
from nkbook.render.ast import Node
from nkbook.render.chapter import Book, Chapter
from nkbook.render.checksums import CHECKSUMS, sha256
from nkbook.render.downloads import Download, offer
from nkbook.render.elements import tabset_parts
from nkbook.render.embeds import other_hosts
from nkbook.render.figures import svg_size
from nkbook.render.language import mark_korean, mark_korean_text
from nkbook.render.matter import authors
from nkbook.render.project import Entry
from nkbook.render.provenance import PROVENANCE
from nkbook.render.single import chapter_group
from nkbook.render.site.addresses import relative, root_of
from nkbook.render.site.aliases import find_aliases
from nkbook.render.site.bundle import head_script, write_bundle
from nkbook.render.site.cards import Card, draw_cards
from nkbook.render.site.citation import citation
from nkbook.render.site.contents import Contents
from nkbook.render.site.feeds import FEED, UNLISTED, changes_feed, robots, sitemap
from nkbook.render.site.figures import GALLERY, Sheet, figure_sheets
from nkbook.render.site.headers import REFERRER, host_files, policy
from nkbook.render.site.headings import anchored, heading_tree, unlinked, unlinked_only
from nkbook.render.site.icons import APPLE, draw_icons
from nkbook.render.site.inline import InlineStyles
from nkbook.render.site.manifest import NAME as MANIFEST
from nkbook.render.site.manifest import manifest
from nkbook.render.site.margin import measure_notes
from nkbook.render.site.metadata import Describer, card_path, quotations
from nkbook.render.site.notes import closable_entries, set_beside
from nkbook.render.site.offline import OFFLINE, offline_files
from nkbook.render.site.options import footer_html, page_actions, placed_footer
from nkbook.render.site.references import Citations
from nkbook.render.site.rows import FEWEST, has_rows, make_room
from nkbook.render.site.search import collect_documents, write_documents
from nkbook.render.site.tokens import colour
from nkbook.render.view import point_links, view_option
from nkbook.render.web import web_blocks

_SPLIT = "<!--nk-split-->"

_VOID = re.compile(r"(<(?:br|col|hr|img)\b[^<>]*?) />")
"""Pandoc closes empty elements as XML does. In HTML the slash means nothing."""


@dataclass(frozen=True)
class _Page:
    """A chapter's pieces as HTML."""

    headline: str
    """The title at the head of the page, with its notes."""
    title: str
    headings: tuple[str, ...]
    lead: str
    """What stands at the head of the page: the division `.lead` of the home page beside the book's
    title; subtitle, authors, date and abstract below that of a chapter."""
    body: str
    blocks: list[Node]
    """The chapter as readers see it, before it becomes HTML: what search reads."""


class Site:
    """Renders the chapters of a book when it is made, and writes pages when all else is there.

    With the site `before`, of a book with the same chapters, only those at the positions in
    `changed` are rendered.
    """

    def __init__(
        self,
        book: Book,
        staging: Path,
        date: datetime,
        jobs: int = 2,
        *,
        before: Site | None = None,
        changed: Collection[int] = (),
    ) -> None:
        self.book = book
        self.staging = staging
        self.date = date
        self.commit = edition_commit(book.project.root)
        self.hosts = other_hosts([block for c in book.chapters for block in c.blocks])
        loader = jinja2.FileSystemLoader(ASSETS / "site")
        self.templates = jinja2.Environment(
            loader=loader,
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals |= {
            "policy": policy(meta=True, hosts=self.hosts),
            "head_script": head_script(),
            "referrer": REFERRER,
            "colour": colour,
            "apple_icon": APPLE,
            "checksums": CHECKSUMS,
            "provenance": PROVENANCE,
        }
        self.templates.filters["korean"] = partial(mark_korean_text, lang=book.project.lang)
        self.styles: InlineStyles = before.styles if before else InlineStyles()
        self._before = before
        self._changed = range(len(book.chapters)) if before is None else changed
        as_before = before and before.book.figures == book.figures
        self.sheets: list[Sheet] = before.sheets if before and as_before else figure_sheets(book)
        self.footer = footer_html(book.project)
        self.citations = Citations(book)
        with ThreadPoolExecutor(jobs) as pool:
            rendered = dict(zip(self._changed, pool.map(self._render, self._changed), strict=True))
        self.pages: list[_Page] = [
            before.pages[index] if before and index not in rendered else rendered[index]
            for index in range(len(book.chapters))
        ]
        self._chapters: list[Mapping[str, Any]] = []
        self._figures: list[Mapping[str, Any]] = []
        self._aliases: Mapping[str, Chapter] = {}
        titles = [page.title for page in self.pages]
        self._contents = Contents(book, titles, self.templates, gallery=bool(self.sheets))
        self.templates.globals["contents"] = self._contents.menu

    def compose(self) -> None:
        """Put every page together, now that what they offer lies in the staging folder."""
        before = self._before
        self._chapters = [
            before._chapters[index]
            if before and index not in self._changed
            else self._page_context(index)
            for index in range(len(self.book.chapters))
        ]
        self._figures = before._figures if before else self._figure_contexts()
        self._before = None
        pages = {page["href"] for page in (*self._chapters, *self._figures)}
        self._aliases = find_aliases(self.book, pages | UNLISTED)
        describe = Describer(self.book.project, self.staging, self._chapters)
        self.templates.globals["describe"] = describe

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
            for page in self._chapters
        ]
        drawn = draw_cards(
            cards, mark.read_text(encoding="utf-8") if mark.suffix == ".svg" else "", project.lang
        )
        paths = (card_path(page["href"]) for page in self._chapters)
        self._write_files(dict(zip(paths, drawn, strict=True)))

    def write_pages(self, downloads: Sequence[Download]) -> None:
        """Write every page, and the home page with these downloads."""
        for page in (*self._chapters, *self._figures):
            self._write_files({page["href"]: self._whole(page, downloads)})
        self._write_stand_ins()
        self._write_feeds()
        self._write_files(host_files(self.book.project.site_url, self.hosts))
        self._write_files(offline_files(self.staging))

    def write_changed(self) -> None:
        """Write the pages of the changed chapters in place of those that are there."""
        for index in self._changed:
            page = self._chapters[index]
            target = self.staging / page["href"]
            temporary = target.with_name(f".{target.name}")
            temporary.write_text(self._whole(page, []), encoding="utf-8")
            temporary.replace(target)

    def _whole(self, page: Mapping[str, Any], downloads: Sequence[Download]) -> str:
        template = "home.html.j2" if page["kind"] == "home" else "page.html.j2"
        context = {"book": self._book_context(page["href"], downloads), "page": page}
        return self.templates.get_template(template).render(context)

    def _write_stand_ins(self) -> None:
        """Write the pages for what a server or a device does not have, and for old addresses."""
        template = self.templates.get_template("stand-in.html.j2")
        # A server shows its page at any address: only whole addresses lead away from there.
        base = urlsplit(self.book.project.site_url).path or "/"
        for name, kind, title, root in (
            ("404.html", "missing", "This page is not in the book", base),
            (OFFLINE, "offline", "This page is not on this device", ""),
        ):
            book = {**self._book_context(name, [])}
            book["favicon"] = root + book["favicon"] if book["favicon"] else ""
            page = {**self._plain_context("", title), "kind": kind, "root": root}
            self._write_files({name: template.render(book=book, page=page)})
        for name, chapter in self._aliases.items():
            page = {
                **self._plain_context("", chapter.title_text),
                "kind": "moved",
                "root": root_of(name),
                "moved": relative(chapter.entry.href, name),
            }
            text = template.render(book=self._book_context(name, []), page=page)
            self._write_files({name: text})

    def _write_feeds(self) -> None:
        """Write what tells machines where the pages are and which have changed."""
        project = self.book.project
        changes = {page["href"]: page["changed_at"] for page in self._chapters}
        files = {"robots.txt": robots(project.site_url)}
        if project.site_url:
            found = {
                file.relative_to(self.staging).as_posix() for file in self.staging.rglob("*.html")
            }
            pages = sorted(found - self._aliases.keys())
            files["sitemap.xml"] = sitemap(project.site_url, pages, changes)
            files[FEED] = changes_feed(project, self._chapters)
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
        seen = mark_korean(self.citations.resolve(index), book.project.lang)
        blocks = closable_entries(seen)
        option = partial(view_option, book, chapter, None, "html")
        blocks = set_beside(blocks, option, sum(1 for _ in ast.nodes(chapter.title, "Note")))
        numbers = {heading.id: heading.number for heading in chapter.headings}
        blocks = web_blocks(
            measure_notes(blocks), chapter.id, numbers, lambda i, _: self._menu(i, here)
        )
        blocks = make_room(ast.walk(blocks, anchored))
        opening = "lead" if chapter.entry.kind == "home" else "chapter-matter"
        lead = [node for node in blocks if node["t"] == "Div" and opening in node["c"][0][1]]
        blocks = [*lead, ast.raw("html", _SPLIT), *(node for node in blocks if node not in lead)]
        headline = mark_korean(ast.walk(chapter.title, unlinked_only), book.project.lang)
        extras: list[Node] = [ast.plain(headline), ast.raw("html", _SPLIT)]
        for content in (chapter.title, *(list(h.content) for h in chapter.headings)):
            content = mark_korean(ast.walk(content, unlinked), book.project.lang)
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
        text = _VOID.sub(r"\1>", self.styles.lift(text, place))
        head, title, *headings, beside, body = map(str.strip, text.split(_SPLIT))
        return _Page(head, title, tuple(headings), beside, body, seen)

    def _ships(self, path: str) -> bool:
        return (self.staging / path).is_file()

    def _menu(self, identifier: str, here: str) -> str:
        sheet = next((s for s in self.sheets if s.figure.id == identifier), None)
        return str(self._pieces.more(sheet, root_of(here))) if sheet else ""

    @functools.cached_property
    def _pieces(self) -> Any:
        return self.templates.get_template("_figures.html.j2").module

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

    def _book_context(self, here: str, downloads: Sequence[Download]) -> Mapping[str, Any]:
        project = self.book.project
        root = root_of(here)
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
                    "detail": item.detail,
                    "purpose": item.purpose,
                }
                for item in downloads
            ],
            "chapters": self._contents.entries(here),
            "gallery": relative(GALLERY, here) if self.sheets else "",
            "figure_count": len(self.sheets),
            "reading_time": self._reading_time(),
            "footer": placed_footer(self.footer, root),
        }

    def _reading_time(self) -> str:
        """“26 chapters, about 4 hours to read”; nothing for a book of a chapter or two."""
        chapters = [c for c in self.book.chapters if c.entry.kind == "chapter" and c.number]
        hours = sum(chapter.minutes for chapter in chapters) / 60
        if len(chapters) < 3 or hours < 1:
            return ""
        about = f"{hours:.0f} hour{'s' * (round(hours) > 1)}"
        return f"{len(chapters)} chapters, about {about} to read"

    def _page_context(self, index: int) -> Mapping[str, Any]:
        book, chapter, page = self.book, self.book.chapters[index], self.pages[index]
        entry = chapter.entry
        changed = last_changed(book.project.root, book.project.root / entry.file)
        given = chapter.document.front.get("toc-depth")
        depth = given if isinstance(given, int) else book.project.option("html", "toc-depth", 3)
        return {
            "kind": entry.kind,
            "title": chapter.title_text,
            "title_html": page.headline,
            "number": chapter.number,
            "label": chapter.label,
            "trail": self._trail(chapter),
            "id": chapter.id,
            "href": entry.href,
            "root": root_of(entry.href),
            "description": chapter.description,
            "standfirst": str(chapter.document.front.get("description", "")),
            "standfirst_html": "",
            "lead_html": page.lead,
            "body_html": page.body,
            "toc": heading_tree(chapter.headings, page.headings, depth),
            "previous": self._neighbour(index, -1),
            "next": self._neighbour(index, 1),
            "actions": page_actions(book.project, entry.file),
            "minutes": chapter.minutes,
            "offprint": self._offprint(entry),
            "moved": "",
            "has_rows": has_rows(chapter.blocks),
            "has_tabs": any(map(tabset_parts, ast.nodes(chapter.blocks, "Div"))),
            "changed": day(changed),
            "changed_at": changed,
            "changed_iso": changed.date().isoformat(),
            "quotations": quotations(chapter.blocks),
            "cite": citation(
                book.project, chapter.title_text, chapter.id, self.date, authors(chapter.document)
            ),
        }

    def _trail(self, chapter: Chapter) -> list[Mapping[str, str]]:
        """The part that a chapter stands in, with its page if it has one."""
        title, own = chapter_group(chapter), chapter.entry
        if not title or own.kind == "part":
            return []
        pages = [c.entry for c in self.book.chapters if c.entry.kind == "part"]
        href = next((relative(e.href, own.href) for e in pages if e.part == own.part), "")
        return [{"title": title, "href": href}]

    def _offprint(self, entry: Entry) -> Mapping[str, str] | None:
        """The chapter as a PDF of its own, if this edition has it."""
        name = entry.offprint
        file = self.staging / name
        if not name or not file.is_file():
            return None
        return {"href": file.name, "size": offer("PDF", file).size_text}

    def _figure_contexts(self) -> list[Mapping[str, Any]]:
        """The pages of figures, the one that shows all first."""
        gallery = [self._gallery_context()] if self.sheets else []
        return [*gallery, *map(self._figure_context, range(len(self.sheets)))]

    def _gallery_context(self) -> Mapping[str, Any]:
        groups = [
            (chapter, [(sheet, svg_size(self._picture(sheet))) for sheet in sheets])
            for chapter, sheets in itertools.groupby(self.sheets, lambda sheet: sheet.chapter)
        ]
        return {
            **self._plain_context(GALLERY, "All figures"),
            "kind": "gallery",
            "has_rows": len(self.sheets) >= FEWEST,
            "has_tabs": False,
            "standfirst": "Every figure of the book, with its data, its sources and its code.",
            "description": f"All {len(self.sheets)} figures of {self.book.project.title}, "
            "with the data behind each.",
            "body_html": str(self._pieces.gallery(groups, "../", len(self.sheets) >= FEWEST)),
        }

    def _figure_context(self, index: int) -> Mapping[str, Any]:
        sheet = self.sheets[index]
        place = relative(sheet.chapter.entry.href, sheet.href, sheet.figure.id)
        name = f"{sheet.label}: {sheet.title}"
        sections = (
            ("words", "In words"),
            ("data", "Data"),
            *([("sources", "Sources")] if sheet.sources_html else []),
            ("code", "Code"),
            ("provenance", "Provenance"),
        )
        files = [self.staging / f"figures/{sheet.figure.id}{suffix}" for suffix in (".svg", ".csv")]
        digests = {file.name: sha256(file) for file in files}
        body = self._pieces.body(sheet, svg_size(self._picture(sheet)), place, digests)
        return {
            **self._plain_context(sheet.href, sheet.title),
            "kind": "figure",
            "title_html": sheet.title_html,
            "label": sheet.label,
            "trail": [{"title": "All figures", "href": relative(GALLERY, sheet.href)}],
            "description": sheet.caption,
            "image": f"figures/{sheet.figure.id}.png",
            "image_alt": sheet.figure.alt,
            "data": f"figures/{sheet.figure.id}.csv",
            "standfirst_html": sheet.caption_html,
            "body_html": self.styles.lift(str(body), sheet.href),
            "toc": [{"id": id, "title_html": title, "children": []} for id, title in sections],
            "previous": self._figure_neighbour(index, -1),
            "next": self._figure_neighbour(index, 1),
            "cite": citation(self.book.project, name, sheet.figure.id, self.date),
        }

    def _plain_context(self, href: str, title: str) -> dict[str, Any]:
        """What every page says of itself, for those that are not chapters."""
        return {
            "title": title,
            "title_html": html.escape(title),
            "number": "",
            "label": "",
            "trail": [],
            "id": "",
            "href": href,
            "root": root_of(href),
            "lead_html": "",
            "standfirst": "",
            "standfirst_html": "",
            "toc": [],
            "previous": None,
            "next": None,
            "actions": [],
            "minutes": 0,
            "offprint": None,
            "has_rows": False,
            "has_tabs": False,
            "moved": "",
            "changed": "",
            "changed_iso": "",
            "cite": None,
        }

    def _picture(self, sheet: Sheet) -> bytes:
        return (self.staging / "figures" / f"{sheet.figure.id}.svg").read_bytes()

    def _figure_neighbour(self, index: int, step: int) -> Mapping[str, str] | None:
        if not 0 <= index + step < len(self.sheets):
            return None
        other = self.sheets[index + step]
        href = relative(other.href, self.sheets[index].href)
        return {"href": href, "title": other.title, "label": other.label}

    def _neighbour(self, index: int, step: int) -> Mapping[str, str] | None:
        wanted = self.book.project.metadata["book"].get("page-navigation", True)
        if not wanted or not 0 <= index + step < len(self.book.chapters):
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
    part = [step["title"] for step in page["trail"] if page["kind"] == "chapter"]
    return " · ".join(filter(None, (*part, page["label"])))
