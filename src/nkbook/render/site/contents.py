"""The contents of the book, as every page shows them beside its text."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Any

import jinja2
from markupsafe import Markup

from nkbook.render.chapter import Book
from nkbook.render.language import mark_korean_text
from nkbook.render.single import chapter_group
from nkbook.render.site.addresses import relative
from nkbook.render.site.figures import GALLERY

_MANY = 200
"""Entries that pages can list without being longer by their contents than by their text."""
_AROUND = 10
"""How many entries before and behind the page's own stand there in a book that has more."""

Entry = Mapping[str, Any]


class Contents:
    """The parts and chapters of a book, with the addresses that they have from a page."""

    def __init__(
        self, book: Book, titles: Sequence[str], templates: jinja2.Environment, *, gallery: bool
    ) -> None:
        self.book = book
        self.titles = titles
        """The chapters' titles as HTML."""
        self.gallery = gallery
        self._templates = templates
        self._entries: dict[str, list[Entry]] = {}
        self._menus: dict[tuple[str, str], Markup] = {}

    def entries(self, here: str) -> list[Entry]:
        """Parts with their chapters, and the chapters that stand in none, for the page `here`."""
        folder = posixpath.dirname(here)
        if folder not in self._entries:
            self._entries[folder] = self._listed(posixpath.join(folder, "-"))
        return self._entries[folder]

    def menu(self, here: str, identifier: str) -> Markup:
        """The list beside the text of the page `here`, whose title has the id `identifier`."""
        folder = posixpath.dirname(here)
        key = folder, identifier
        if len(self.book.chapters) > _MANY:
            html = self._menu(self._near(here), here, identifier)
        else:
            # Pages of a folder differ in nothing but which of the links is their own.
            if key not in self._menus:
                self._menus[key] = self._menu(self.entries(here), here, identifier)
            html = self._menus[key]
        own = Markup('<a href="{}"').format(relative(here, posixpath.join(folder, "-")))
        return html.replace(own, own + Markup(' aria-current="page"'), 1)

    def _menu(self, entries: list[Entry], here: str, identifier: str) -> Markup:
        macros: Any = self._templates.get_template("_contents.html.j2").module
        gallery = relative(GALLERY, here) if self.gallery else ""
        whole = ""
        if len(self.book.chapters) > _MANY:
            whole = relative(self.book.chapters[0].entry.href, here, "contents")
        return Markup(macros.menu(entries, gallery, whole, identifier))

    def _near(self, here: str) -> list[Entry]:
        """The entries around that of a page; those at the beginning, where it has none."""
        found = [
            child
            for entry in self.entries(here)
            for child in (entry["children"] if entry["kind"] == "part" else [entry])
        ]
        own = next((n for n, entry in enumerate(found) if entry["page"] == here), 0)
        return found[max(0, own - _AROUND) : own + _AROUND + 1]

    def _listed(self, here: str) -> list[Entry]:
        out: list[Any] = []
        lang = self.book.project.lang
        for chapter, title in zip(self.book.chapters, self.titles, strict=True):
            item = {
                "kind": chapter.entry.kind,
                "title": chapter.title_text,
                "title_html": title,
                "number": chapter.number,
                "page": chapter.entry.href,
                "href": relative(chapter.entry.href, here),
                "description": chapter.description,
                "minutes": chapter.minutes,
                "children": [],
            }
            group = chapter_group(chapter)
            if chapter.entry.kind == "part" or not group:
                out.append(item)
                continue
            if not out or out[-1]["kind"] != "part" or out[-1]["title"] != group:
                words = mark_korean_text(group, lang)
                part = {"kind": "part", "title": group, "title_html": words, "href": ""}
                out.append({**part, "page": "", "children": []})
            out[-1]["children"].append(item)
        return out
