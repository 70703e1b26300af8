"""What the figures plot, as tables at the back of the book, for whoever cannot see a picture.

Each figure leads to its table and each table back to its figure. A row's sources are citations, so
that they lead on to the references.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.chapter import Book
from nkbook.render.checksums import sha256
from nkbook.render.elements import float_parts
from nkbook.render.epub.pages import headline
from nkbook.render.figures import csv_bytes
from nkbook.render.lowering import FigureRecord
from nkbook.render.plotted import Table, data_table

DATA = "plotted-data"
"""The id of the chapter."""

_PREFIX = "data-of-"

_WIDTH = {"t": "ColWidthDefault"}


def data_id(figure: str) -> str:
    """The id of the table behind a figure."""
    return _PREFIX + figure


def data_places(ids: Collection[str]) -> list[str]:
    """Those of `ids` that are tables behind figures."""
    return [name for name in ids if name.startswith(data_id("fig-"))]


def data_chapter(book: Book, tree: list[Node]) -> list[Node]:
    """The chapter for the figures that `tree` shows; nothing where none has data."""
    records = {figure.id: figure for figure in book.figures if figure.rows}
    cites = bool(book.project.bibliography)
    sections: list[Node] = []
    heading: Node | None = None
    for node in ast.nodes(tree, "Header", "Div"):
        if node["t"] == "Header":
            if "chapter" in node["c"][1][1]:
                heading = node
            continue
        shown = float_parts(node)
        if shown and (figure := records.get(shown.id)):
            if heading:
                sections.append(_heading(heading))
                heading = None
            label = ast.link(ast.inlines(shown.label), f"#{shown.id}")
            title = [label, *ast.inlines(": "), *headline(shown.caption)]
            sections.append(ast.header(3, ast.attr(data_id(shown.id), ["unlisted"]), title))
            sections.append(_table(data_table(figure, {}), figure, cites))
            sections.append(_origin(figure))
    if not sections:
        return []
    attributes = ast.attr(DATA, ["chapter", "data"], number="", label="", part="")
    words = "What each figure plots, by chapter. The number of a figure leads back to it."
    return [
        ast.header(1, attributes, ast.inlines("Plotted data")),
        ast.para(ast.inlines(words)),
        *sections,
    ]


def _origin(figure: FigureRecord) -> Node:
    """Which cell drew a figure from which records, as the page of the figure on the site says."""
    cell = [ast.code(figure.id), *ast.inlines(" of "), ast.code(figure.chapter)]
    words = [*ast.inlines("Drawn by the cell "), *cell]
    for kind, records in figure.drawn_from.items():
        words += ast.inlines(f"; from {kind} ")
        for index, id in enumerate(records):
            words += [*ast.inlines(", " if index else ""), ast.code(id)]
    checksum = ast.code(sha256(csv_bytes(figure)))
    return ast.para([*words, *ast.inlines(". SHA-256 of the data: "), checksum, *ast.inlines(".")])


def _heading(chapter: Node) -> Node:
    _, (identifier, _, pairs), title = chapter["c"]
    number = dict(pairs).get("number", "")
    return ast.header(2, ast.attr(data_id(identifier), number=number), title)


def _table(table: Table, figure: FigureRecord, cites: bool) -> Node:
    """The table as pandoc's node; the first column names the row if it can.

    A phone is narrow: what is noted of a row stands in one column with its source.
    """
    columns = list(table.columns)
    names = [column.name for column in columns]
    source = names.index("source") if "source" in names else -1
    note = names.index("note") if "note" in names and source >= 0 else -1
    shown = [index for index in range(len(columns)) if index != note]

    def cell(content: list[Node]) -> list[Any]:
        return [ast.attr(), {"t": "AlignDefault"}, 1, 1, [ast.plain(content)]]

    def content(row: tuple[str, ...], index: int) -> list[Node]:
        if index != source:
            return ast.inlines(row[index])
        words = _sources(row[index], figure, cites)
        after = f". {row[note]}" if note >= 0 and row[note] else ""
        return [*words, *ast.inlines(after)]

    labels = ["Source, note" if i == source and note >= 0 else columns[i].label for i in shown]
    align = [
        [{"t": "AlignRight" if columns[i].kind == "number" else "AlignLeft"}, _WIDTH] for i in shown
    ]
    rows = [[ast.attr(), [cell(content(row, i)) for i in shown]] for row in table.rows]
    head = [ast.attr(), [[ast.attr(), [cell(ast.inlines(label)) for label in labels]]]]
    caption = [None, [ast.plain(_caption(table, figure, cites))]]
    named = all(row[shown[0]] for row in table.rows)
    body = [ast.attr(), int(named), [], rows]
    attributes = ast.attr("", ["data"])
    return {"t": "Table", "c": [attributes, caption, align, head, [body], [ast.attr(), []]]}


def _caption(table: Table, figure: FigureRecord, cites: bool) -> list[Node]:
    """The unit, the number of rows, and what is the same in all of them."""
    text = table.unit[:1].upper() + table.unit[1:]
    if len(table.rows) > 1:
        text += f"; {len(table.rows)} rows"
    content = ast.inlines(text)
    for index, (column, value) in enumerate(table.constants):
        before = ", " if index else "; in all rows "
        content += ast.inlines(f"{before}{column.label.lower()}: ")
        is_source = column.name == "source"
        content += _sources(value, figure, cites) if is_source else ast.inlines(value)
    return content


def _sources(text: str, figure: FigureRecord, cites: bool) -> list[Node]:
    """Keys of sources as citations. What the figure does not name as a source stays as it is."""
    words: list[Node] = []
    for index, key in enumerate(text.split("; ")):
        is_key = cites and key in figure.sources
        words += ast.inlines("; ") if index else []
        words += (
            [ast.cite(key, "AuthorInText", ast.inlines(f"@{key}"))] if is_key else ast.inlines(key)
        )
    return words
