"""The book's tree cut into pages, each a file: parts, chapters, and pieces of long chapters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.web import caption_parts

LONG = 7_000
"""Words, about 150 kB as XHTML: a page that has as many ends before its next section.

Readers lay a whole file out before they show its first screen; old ones refuse 300 kB.
"""

_OWN_KINDS = {
    "afterword",
    "conclusion",
    "epilogue",
    "foreword",
    "glossary",
    "introduction",
    "preface",
    "prologue",
}
"""Kinds of chapter that EPUB and ARIA know by the same name; a chapter is one by its id."""

_BEFORE = {"foreword", "preface"}
_SEMANTICS = {
    "part": ("bodymatter", "part"),
    "home": ("bodymatter", "chapter"),
    "chapter": ("bodymatter", "chapter"),
    "appendix": ("backmatter", "appendix"),
    "data": ("backmatter", "appendix"),
    "references": ("backmatter", "bibliography"),
}
"""By kind of page: `epub:type` of the body and of the section."""


@dataclass
class Page:
    """One content document: a part's title, a chapter, or a piece of a chapter that is long."""

    file: str
    kind: str
    id: str
    label: str
    part: str
    chapter: str
    """The id of the chapter whose piece it is; its own for a whole chapter or a first piece."""
    blocks: list[Node]

    @property
    def is_continued(self) -> bool:
        """Whether the chapter began on another page."""
        return self.id != self.chapter

    @property
    def matter(self) -> str:
        """The `epub:type` of its body."""
        return "frontmatter" if self.type in _BEFORE else _SEMANTICS[self.kind][0]

    @property
    def type(self) -> str:
        """The `epub:type` of its section: `sec-glossary` is the id of a glossary."""
        name = self.chapter.removeprefix("sec-")
        return name if name in _OWN_KINDS else _SEMANTICS[self.kind][1]


def cut(tree: list[Node]) -> list[Page]:
    """The tree cut at its parts and chapters, and within long chapters at sections."""
    pages: list[Page] = []
    weight = 0
    for node in tree:
        is_heading = node["t"] == "Header"
        level, (name, classes, pairs), _ = node["c"] if is_heading else (0, ast.attr(), [])
        starts = bool({"part", "chapter"} & set(classes))
        if starts or (level == 2 and name and weight >= LONG):
            page = Page(
                file=_file(len(pages) + 1, name),
                kind=classes[-1] if starts else pages[-1].kind,
                id=name,
                label=numbered(node),
                part=dict(pairs).get("part", "") if starts else pages[-1].part,
                chapter=name if starts else pages[-1].chapter,
                blocks=[],
            )
            pages.append(page)
            weight = 0
        pages[-1].blocks.append(node)
        weight += len(ast.stringify(node).split())
    for page in pages:
        if page.kind == "part":
            page.blocks.append(_chapters(page.id, pages))
    return pages


def numbered(heading: Node) -> str:
    """A heading's text with its number."""
    _, (_, _, pairs), title = heading["c"]
    return f"{dict(pairs).get('number', '')} {ast.stringify(title)}".strip()


def places(pages: Sequence[Page]) -> dict[str, Page]:
    """The page of every id."""
    return {name: page for page in pages for name in ast.identifiers(page.blocks)}


def _file(number: int, name: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return f"text/{number:02d}-{words or 'page'}.xhtml"


def headline(caption: list[Node]) -> list[Node]:
    """A caption's first sentence as a title: without citations, notes, links and full stop."""
    words = _bare(caption_parts(caption)[0])
    while words and (words[-1]["t"] == "Space" or words[-1] == {"t": "Str", "c": "."}):
        words.pop()
    if words and words[-1]["t"] == "Str":
        words[-1] = {"t": "Str", "c": words[-1]["c"].removesuffix(".")}
    return words


def _bare(words: list[Node]) -> list[Node]:
    def visit(node: Node) -> list[Node] | None:
        if node["t"] in {"Cite", "Note"}:
            return []
        return list(ast.walk(node["c"][1], visit)) if node["t"] == "Link" else None

    walked: list[Node] = ast.walk(words, visit)
    return walked


def _chapters(part: str, pages: Sequence[Page]) -> Node:
    """What a part holds, for its title page."""
    links = []
    for page in pages:
        if page.part == part and not page.is_continued:
            _, (_, _, pairs), title = page.blocks[0]["c"]
            number = ast.inlines(f"{dict(pairs)['number']} ".lstrip())
            links.append([ast.plain([ast.link([*number, *_bare(title)], f"#{page.id}")])])
    return ast.div(ast.attr("", ["part-chapters"]), [{"t": "BulletList", "c": links}])
