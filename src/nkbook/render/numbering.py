"""Numbers of sections, figures and all else that has a label, and what references to them print.

Quarto's rules: chapters are numbered through all parts, appendices by letter; sections, figures and
all else with a label carry the chapter's number; an unnumbered chapter has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.chapter import Book, Chapter, Heading, Target, letters
from nkbook.render.elements import is_part, numbered_kind, unnumbered_kind
from nkbook.render.labels import Words
from nkbook.render.project import Project


def numbered_depth(project: Project, chapter: Chapter) -> int:
    """Down to which level headings print their numbers; 0 if none does."""
    settings = {**project.metadata, **chapter.document.front}
    if not settings.get("number-sections", True):
        return 0
    depth = settings.get("number-depth", 9)
    return depth if isinstance(depth, int) else 9


def number_chapter(chapter: Chapter, index: int, words: Words, depth: int) -> Iterator[Target]:
    """Number a chapter's sections and elements in place, and give every id it holds.

    Headings print their numbers down to the level `depth`.
    """
    yield Target(chapter.id, index, "chapter", chapter.number, chapter.title_text)
    deepest = max((node["c"][0] for node in ast.nodes(chapter.blocks, "Header")), default=1)
    levels = [0] * deepest
    counts: Counter[str] = Counter()
    whole, parts = "", 0
    prefix = f"{chapter.ordinal()}." if chapter.count else ""
    further = 0
    inner = set(_inner_headings(chapter.blocks))
    for node in ast.nodes(chapter.blocks):
        name = ast.identifier(node)
        if node["t"] == "Header":
            level, (_, classes, _), content = node["c"]
            number = ""
            if chapter.count and "unnumbered" not in classes and level == 1:
                further += 1
                levels, counts = [0] * deepest, Counter()
                number = chapter.ordinal(further)
                prefix = f"{number}."
            elif chapter.count and "unnumbered" not in classes:
                levels[level - 1] += 1
                levels[level:] = [0] * (deepest - level)
                number = prefix + ".".join(map(str, levels[1:level]))
            number = number if depth else ""
            listed = not {"unnumbered", "unlisted"} <= {*classes} and name not in inner
            printed = number if level <= depth else ""
            chapter.headings.append(Heading(name, level, printed, tuple(content), listed))
            yield Target(name, index, "sec", number, ast.stringify(content))
        elif kind := numbered_kind(node):
            pairs = node["c"][0][2]
            if is_part(node):
                parts += 1
                mark = f"({letters(parts).lower()})"
                number = f"{whole}\u00a0{mark}"
                pairs += [["mark", mark]]
            else:
                counts[kind] += 1
                whole, parts = f"{prefix}{counts[kind]}", 0
                number = whole
            label = f"{words.titles[kind]}\u00a0{number}"
            pairs += [["number", number], ["label", label], ["delimiter", words.delimiter]]
            yield Target(name, index, kind, number)
        elif kind := unnumbered_kind(node):
            node["c"][0][2] += [["label", words.titles[kind]]]
            if name:
                yield Target(name, index, "anchor")
        elif name:
            yield Target(name, index, "anchor")


_SEEN_THROUGH = frozenset({"nk-cell", "content-visible", "content-hidden"})
"""Classes of divisions that editions do not have: what is in them stands by itself."""


def _inner_headings(blocks: list[Node]) -> Iterator[str]:
    """Ids of headings in divisions that open with something else, such as one column of a layout.

    As in pandoc, no table of contents names them.
    """
    for node in blocks:
        if node["t"] == "Div":
            (_, classes, _), inner = node["c"]
            if (inner and inner[0]["t"] == "Header") or not _SEEN_THROUGH.isdisjoint(classes):
                yield from _inner_headings(inner)
            else:
                yield from map(ast.identifier, ast.nodes(inner, "Header"))


def reference_text(book: Book, target: Target, item: Mapping[str, Any]) -> list[Node]:
    """What a cross-reference prints: “Figure 2.1”, “Section 2.3”, “Chapter 2”, “Appendix A”."""
    if item["citationMode"]["t"] == "SuppressAuthor":
        return ast.inlines(target.number)
    if item["citationPrefix"]:
        words = [*item["citationPrefix"], *ast.inlines("\u00a0" + target.number)]
        return list(words)
    if not target.number:
        return ast.inlines(target.title)
    chapter = book.chapters[target.chapter]
    if target.kind == "chapter":
        return ast.inlines(chapter.label.replace(" ", "\u00a0"))
    name = book.project.words.prefixes[target.kind]
    if target.kind == "sec" and "." not in target.number:
        # A further heading of level 1 is a chapter by its number.
        further = "Appendix" if chapter.entry.kind == "appendix" else "Chapter"
        name = book.project.language.word(further)
    return ast.inlines(f"{name}\u00a0{target.number}")
