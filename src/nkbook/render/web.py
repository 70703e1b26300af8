"""Markup shared by the website and the EPUB: figures, tables, callouts, numbered headings."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping

from nkbook.render import ast
from nkbook.render.ast import Node
from nkbook.render.columns import Note, note_parts
from nkbook.render.elements import (
    Equation,
    Float,
    Tab,
    callout_parts,
    equation_parts,
    float_parts,
    tabset_parts,
    theorem_parts,
)
from nkbook.render.labels import FLOATS
from nkbook.render.layout import Row, layout_rows

_SENTENCE = re.compile(r"[^.\s]{2}[.?!](?= )")
"""The end of a sentence, which is no abbreviation."""

FigureExtra = Callable[[str, str], str]


def web_blocks(
    blocks: list[Node],
    name: str,
    numbers: Mapping[str, str],
    figure_extra: FigureExtra | None = None,
) -> list[Node]:
    """Blocks with floats, callouts and headings in the form that our styles expect.

    `name` begins the ids of callouts that have none; `numbers` are those of headings, by id.
    A caption opens with what its figure or table shows, so it comes first, like a headline.
    `figure_extra(id, label)` may give HTML to stand below a figure's picture.
    """
    counter = 0

    def visit(node: Node) -> list[Node] | None:
        nonlocal counter
        if note := note_parts(node):
            return _note(note)
        if found := float_parts(node):
            return _float(found)
        if equation := equation_parts(node):
            return [_equation(equation)]
        if theorem := theorem_parts(node):
            attributes = ast.attr(theorem.id, theorem.classes)
            return [ast.div(attributes, ast.walk(theorem.blocks, visit))]
        if tabset := tabset_parts(node):
            grouped = {"data-group": tabset.group} if tabset.group else {}
            attributes = ast.attr(tabset.id, ["tabset"], **grouped)
            return [ast.div(attributes, [*ast.walk(tabset.before, visit), *map(_tab, tabset.tabs)])]
        if (rows := layout_rows(node)) is not None:
            return [ast.div(ast.attr("", ["panel"]), map(_row, rows))]
        if callout := callout_parts(node):
            counter += 1
            identifier = node["c"][0][0] or f"{name}-callout-{counter}"
            return _callout(identifier, *callout)
        if node["t"] == "Header":
            level, attributes, content = node["c"]
            number = numbers.get(attributes[0], "")
            # These classes speak to engines, not to styles.
            classes = [c for c in attributes[1] if c not in {"unnumbered", "unlisted"}]
            carried = [pair for pair in attributes[2] if pair[0].startswith("data-")]
            attributes = [attributes[0], classes, carried]
            return [ast.header(level, attributes, [*_number(number), *ast.walk(content, visit)])]
        if node["t"] == "Table":
            return [
                ast.raw("html", '<div class="table-scroll" tabindex="0" role="group">'),
                node,
                ast.raw("html", "</div>"),
            ]
        return None

    def _float(found: Float) -> list[Node]:
        caption, body = ast.walk(found.caption, visit), ast.walk(found.body, visit)
        mark = ast.inlines(found.mark)
        if found.delimiter:
            delimiter = ast.inlines(found.delimiter)
            mark.append(ast.span(ast.attr("", ["float-colon"]), delimiter))
        title = [
            ast.raw("html", "<figcaption>"),
            ast.plain(
                [
                    ast.span(ast.attr("", ["float-label"]), mark),
                    *([{"t": "Space"}, *_headlined(caption)] if caption else []),
                ]
            ),
            ast.raw("html", "</figcaption>"),
        ]
        is_figure = found.kind == "fig"
        css = FLOATS[found.kind].lower()
        extra = figure_extra(found.id, found.label) if figure_extra and is_figure else ""
        start = ast.raw("html", f'<figure id="{html.escape(found.id)}" class="{css}">')
        end = ast.raw("html", f"{extra}</figure>")
        return [start, *title, *(map(_plain, body) if is_figure else body), end]

    def _note(note: Note) -> list[Node]:
        # A page may hold many, so they are no landmarks to jump between.
        role = "doc-footnote" if note.number else "note"
        name = f' id="{html.escape(note.id)}"' if note.id else ""
        inner = ast.walk(note.blocks, visit)
        if note.number:
            mark = ast.raw_inline("html", f"<sup>{note.number}</sup> ")
            if inner and inner[0]["t"] in {"Para", "Plain"}:
                inner[0] = ast.para([mark, *inner[0]["c"]])
            else:
                inner.insert(0, ast.para([mark]))
        reach = f' style="--reach: {note.reach}"' if note.reach else ""
        start = ast.raw("html", f'<aside{name} class="margin" role="{role}"{reach}>')
        return [start, *inner, ast.raw("html", "</aside>")]

    def _tab(tab: Tab) -> Node:
        # As a heading of pandoc's it would open a section, which tabs are not.
        title = [
            ast.raw("html", f'<h{tab.level} class="tab-title">'),
            ast.plain(ast.walk(tab.title, visit)),
            ast.raw("html", f"</h{tab.level}>"),
        ]
        return ast.div(ast.attr(tab.id, ["tab"]), [*title, *ast.walk(tab.body, visit)])

    def _row(row: Row) -> Node:
        columns = " ".join(f"minmax(0, {share:g}fr)" for share in row.shares)
        attributes = ast.attr("", ["panel-row", f"panel-{row.valign}"])
        attributes[2] += [["style", f"--columns: {columns}"]]
        cells = (ast.div(ast.attr("", ["panel-cell"]), ast.walk(cell, visit)) for cell in row.cells)
        return ast.div(attributes, cells)

    def _callout(
        identifier: str, kind: str, title: list[Node], body: list[Node], collapse: str
    ) -> list[Node]:
        tag = "details" if collapse else "aside"
        # A page may hold many, so they are no landmarks to jump between.
        role = "" if collapse else ' role="note"'
        heading = "summary" if collapse else "p"
        opened = ' open=""' if collapse == "false" else ""
        inner = ast.walk(body, visit)
        escaped = html.escape(identifier)
        return [
            ast.raw(
                "html",
                f'<{tag} id="{escaped}" class="callout callout-{kind}"{opened}{role}'
                f' aria-labelledby="{escaped}-title">'
                f'<{heading} class="callout-title" id="{escaped}-title">',
            ),
            ast.plain(title),
            ast.raw("html", f'</{heading}><div class="callout-body">'),
            *inner,
            ast.raw("html", f"</div></{tag}>"),
        ]

    walked: list[Node] = ast.walk(blocks, visit)
    return walked


def caption_parts(caption: list[Node]) -> tuple[list[Node], list[Node]]:
    """A caption's first sentence, the finding, and what follows it."""
    for index, node in enumerate(caption):
        if node["t"] != "Str":
            continue
        before, after = caption[:index], caption[index + 1 :]
        if end := _SENTENCE.search(node["c"]):
            rest = node["c"][end.end() + 1 :]
            return [*before, *ast.inlines(node["c"][: end.end()])], [*ast.inlines(rest), *after]
        if after and after[0]["t"] in {"Space", "SoftBreak"} and _SENTENCE.search(node["c"] + " "):
            return [*before, node], after[1:]
    return caption, []


def _headlined(caption: list[Node]) -> list[Node]:
    """A caption whose first sentence is marked as its title if more follows."""
    title, rest = caption_parts(caption)
    if not rest:
        return caption
    return [ast.span(ast.attr("", ["float-title"]), title), {"t": "Space"}, *rest]


def _equation(equation: Equation) -> Node:
    number = ast.span(ast.attr("", ["equation-number"]), ast.inlines(f"({equation.number})"))
    return ast.span(ast.attr(equation.id, ["equation"]), [equation.formula, number])


def _number(number: str) -> list[Node]:
    if not number:
        return []
    return [
        ast.span(ast.attr("", ["header-section-number"]), ast.inlines(number)),
        {"t": "Space"},
    ]


def _plain(block: Node) -> Node:
    return ast.plain(block["c"]) if block["t"] == "Para" else block
