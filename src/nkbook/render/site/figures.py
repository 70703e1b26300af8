"""What stands behind each figure: its data as a table, its sources, its code, a page of its own.

A figure is one that a cell drew with evidence (`FigureRecord`). Its page has a permanent address,
`figures/<id>.html`, beside the files that readers take along.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nkbook.render import ast, pandoc
from nkbook.render.ast import Node
from nkbook.render.chapter import KINDS, Book, Chapter
from nkbook.render.lowering import FigureRecord
from nkbook.render.site.addresses import relative
from nkbook.render.view import float_parts, point_links
from nkbook.render.web import caption_parts

GALLERY = "figures/index.html"

ROWS_IN_CHAPTER = 24
"""A table with more rows than these stands on the figure's page only: chapters load fast."""

_FEW_WORDS = 36
"""Characters that a cell of a table holds in one line."""

_KEYS = {"series", "statistic", "place"}
"""Columns that name a row of the data for programs; readers have its label and its year."""

_SPLIT = "<!--nk-split-->"


@dataclass(frozen=True)
class Column:
    """A column of a data table."""

    label: str
    kind: str
    """`number`, `text` where a cell is longer than a few words, or nothing."""


@dataclass(frozen=True)
class Table:
    """Plotted data as readers see them. What is the same in every row is said once, before it."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    constants: tuple[tuple[str, str], ...]
    unit: str

    @property
    def is_short(self) -> bool:
        """Whether a chapter shows it below the picture."""
        return 0 < len(self.rows) <= ROWS_IN_CHAPTER


@dataclass(frozen=True)
class Sheet:
    """A figure with all that stands behind it, in HTML where the name says so."""

    figure: FigureRecord
    chapter: Chapter
    label: str
    """“Figure 22.1”."""
    title: str
    title_html: str
    caption: str
    """The whole caption without markup."""
    caption_html: str
    """The caption after its first sentence."""
    sources_html: tuple[str, ...]
    code_html: str
    table: Table

    @property
    def href(self) -> str:
        """The address of the figure's page, from the root of the site."""
        return f"figures/{self.figure.id}.html"


def figure_sheets(book: Book) -> list[Sheet]:
    """The sheets of all figures that have evidence, in the order of the book."""
    records = {figure.id: figure for figure in book.figures}
    found = [
        (records[identifier], chapter, f"{KINDS[kind]}\u00a0{number}", caption)
        for chapter in book.chapters
        for identifier, kind, number, caption in _floats(chapter.blocks)
        if kind == "fig" and identifier in records
    ]
    if not found:
        return []
    captions, references, names = _cited(book, found)
    parts: list[Node] = []
    for (figure, _, _, _), caption in zip(found, captions, strict=True):
        title, rest = caption_parts(caption)
        parts += [ast.plain(title), _split(), ast.plain(rest), _split()]
        parts += [{"t": "CodeBlock", "c": [ast.attr("", ["python"]), figure.code]}, _split()]
        for key in figure.sources:
            parts += [*references.get(key, [ast.plain(ast.inlines(key))]), _split()]
    parts = point_links(
        parts,
        chapter_href=lambda number, fragment: relative(
            book.chapters[number].entry.href, GALLERY, fragment
        ),
        file_href=lambda path: relative(path, GALLERY),
        image_href=lambda path: relative(path.lstrip("/"), GALLERY),
    )
    arguments = ["--to", "html5", "--mathml", "--wrap", "none", "--eol", "lf"]
    texts = iter(pandoc.write(parts, arguments, place="figures").split(_SPLIT))
    sheets = []
    for (figure, chapter, label, _), caption in zip(found, captions, strict=True):
        title_html, caption_html, code_html = (next(texts).strip() for _ in range(3))
        sheets.append(
            Sheet(
                figure=figure,
                chapter=chapter,
                label=label,
                title=ast.stringify(caption_parts(caption)[0]).rstrip("."),
                caption=ast.stringify(caption),
                title_html=title_html.rstrip("."),
                caption_html=caption_html,
                sources_html=tuple(next(texts).strip() for _ in figure.sources),
                code_html=code_html,
                table=data_table(figure, names),
            )
        )
    return sheets


def data_table(figure: FigureRecord, sources: Mapping[str, str]) -> Table:
    """The plotted data of a figure; `sources` are the printed names of sources by key."""
    shown = [index for index, name in enumerate(figure.columns) if name not in _KEYS]
    rows = [
        tuple(_cell(figure.columns[index], row[index], sources) for index in shown)
        for row in figure.rows
    ]
    columns = [
        Column(_words(figure.columns[index]), _kind(row[index] for row in figure.rows))
        for index in shown
    ]
    same = {
        index
        for index in range(len(columns))
        if len(rows) > 1 and len({r[index] for r in rows}) < 2
    }
    return Table(
        columns=tuple(c for index, c in enumerate(columns) if index not in same),
        rows=tuple(tuple(c for index, c in enumerate(r) if index not in same) for r in rows),
        constants=tuple((columns[i].label, rows[0][i]) for i in sorted(same) if rows[0][i]),
        unit=figure.unit,
    )


def _floats(blocks: Sequence[Node]) -> Iterator[tuple[str, str, str, list[Node]]]:
    for node in ast.nodes(blocks, "Div"):
        if parts := float_parts(node):
            identifier, kind, number, caption, _ = parts
            yield identifier, kind, number, caption


def _cited(
    book: Book, found: Sequence[tuple[FigureRecord, Chapter, str, list[Node]]]
) -> tuple[list[list[Node]], Mapping[str, list[Node]], Mapping[str, str]]:
    """Captions without citations to resolve, references by key, and printed names by key."""
    keys = sorted({key for figure, *_ in found for key in figure.sources})
    captions = [ast.plain(caption) for *_, caption in found]
    project = book.project
    if not project.bibliography:
        return [node["c"] for node in captions], {}, {}
    cites = [ast.plain([_cite(key)]) for key in keys]
    blocks = pandoc.cite(
        [*captions, *cites], project.bibliography, project.csl, project.lang, place="figures"
    )
    names = {
        key: ast.stringify(node["c"]).strip("()")
        for key, node in zip(keys, blocks[len(captions) :], strict=False)
    }
    references = {
        ast.identifier(entry).removeprefix("ref-"): entry["c"][1]
        for entry in ast.nodes(blocks, "Div")
        if "csl-entry" in entry["c"][0][1]
    }
    plain = ast.walk([node["c"] for node in blocks[: len(captions)]], _unreferred)
    return plain, references, names


def _cite(key: str) -> Node:
    item = {
        "citationId": key,
        "citationPrefix": [],
        "citationSuffix": [],
        "citationMode": {"t": "NormalCitation"},
        "citationNoteNum": 0,
        "citationHash": 0,
    }
    return {"t": "Cite", "c": [[item], []]}


def _unreferred(node: Node) -> list[Node] | None:
    """A link to an entry of a chapter's references leads nowhere on another page."""
    if node["t"] == "Link" and node["c"][2][0].startswith("#ref-"):
        return list(node["c"][1])
    return None


def _cell(name: str, value: Any, sources: Mapping[str, str]) -> str:
    if value is None:
        return ""
    if not _is_number(value):
        keys = str(value).split(";") if name == "source" else [str(value)]
        return "; ".join(sources.get(key, key) for key in keys)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if name == "year" else f"{value:,}"


def _kind(cells: Iterable[Any]) -> str:
    found = list(cells)
    if any(map(_is_number, found)):
        return "number"
    return "text" if any(len(str(cell)) > _FEW_WORDS for cell in found) else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _words(name: str) -> str:
    """A column's name as words: `as_of` is “As of”."""
    text = re.sub(r"[_\s]+", " ", name).strip()
    return text[:1].upper() + text[1:]


def _split() -> Node:
    return ast.raw("html", _SPLIT)
