"""The ways into the book: contents, lists of figures and tables, landmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nkbook.render import ast
from nkbook.render.elements import float_parts
from nkbook.render.epub.pages import Page, headline, numbered


@dataclass(frozen=True)
class Entry:
    """A line of the contents."""

    id: str
    label: str
    href: str
    is_part: bool = False
    """Whether the lines below it are chapters. Sections are for the reader's own menu: the printed
    contents would take twenty screens of a phone with them."""
    children: list[Entry] = field(default_factory=list)


def contents(pages: Sequence[Page], depth: int) -> list[Entry]:
    """Parts, chapters and sections down to `depth` (a chapter's title is level 1)."""
    entries: list[Entry] = []
    found: dict[str, Entry] = {}
    for page in pages:
        blocks = page.blocks
        if not page.is_continued:
            entry = Entry(f"nav-{page.id}", page.label, page.file, page.kind == "part")
            found[page.id] = entry
            (found[page.part].children if page.part else entries).append(entry)
            blocks = blocks[1:]
        stack = [(1, found[page.chapter].children)]
        for node in ast.nodes(blocks, "Header"):
            level, (name, classes, _), _ = node["c"]
            if level > depth or not name or "unlisted" in classes:
                continue
            section = Entry(f"nav-{name}", numbered(node), f"{page.file}#{name}")
            while len(stack) > 1 and stack[-1][0] >= level:
                stack.pop()
            stack[-1][1].append(section)
            stack.append((level, section.children))
    return entries


def float_lists(pages: Sequence[Page]) -> list[dict[str, Any]]:
    """The lists of figures and of tables, as far as the book has any."""
    found: dict[str, list[Entry]] = {"fig": [], "tbl": []}
    for page in pages:
        for node in ast.nodes(page.blocks, "Div"):
            shown = float_parts(node)
            if shown and not shown.is_part and shown.kind in found:
                label = shown.label.replace("\u00a0", " ")
                title = ast.stringify(headline(shown.caption))
                href = f"{page.file}#{shown.id}"
                entry = Entry(f"nav-{shown.id}", f"{label}: {title}", href)
                found[shown.kind].append(entry)
    titles = (("fig", "loi", "Figures"), ("tbl", "lot", "Tables"))
    return [
        {"type": name, "title": title, "entries": found[kind]}
        for kind, name, title in titles
        if found[kind]
    ]


def landmarks(pages: Sequence[Page], lists: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The places that a reader's own buttons lead to."""
    first = next((page.file for page in pages), "nav.xhtml")
    marks = [
        ("cover", "Cover", "text/cover.xhtml"),
        ("titlepage", "Title page", "text/title.xhtml"),
        ("toc", "Contents", "nav.xhtml#contents"),
        *((found["type"], found["title"], f"nav.xhtml#{found['type']}") for found in lists),
        ("bodymatter", "Beginning of the text", first),
    ]
    marks += [
        (page.type, page.label, page.file)
        for page in pages
        if page.type in {"bibliography", "glossary"} and not page.is_continued
    ]
    return [{"type": kind, "label": label, "href": href} for kind, label, href in marks]
