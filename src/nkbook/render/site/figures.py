"""What stands behind each figure: its data as a table, its sources, its code, a page of its own.

A figure is one that a cell drew with evidence (`FigureRecord`). Its page has a permanent address,
`figures/<id>.html`, beside the files that readers take along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nkbook.render import ast, pandoc
from nkbook.render.ast import Node
from nkbook.render.chapter import Book, Chapter
from nkbook.render.elements import Float, float_parts
from nkbook.render.lowering import FigureRecord
from nkbook.render.plotted import Table, data_table
from nkbook.render.site.addresses import relative
from nkbook.render.view import point_links
from nkbook.render.web import caption_parts

GALLERY = "figures/index.html"

_SPLIT = "<!--nk-split-->"


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
        (records[shown.id], chapter, shown.label, shown.caption)
        for chapter in book.chapters
        for shown in _floats(chapter.blocks)
        if shown.kind == "fig" and shown.id in records
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


def _floats(blocks: Sequence[Node]) -> Iterator[Float]:
    return filter(None, map(float_parts, ast.nodes(blocks, "Div")))


def _cited(
    book: Book, found: Sequence[tuple[FigureRecord, Chapter, str, list[Node]]]
) -> tuple[list[list[Node]], Mapping[str, list[Node]], Mapping[str, str]]:
    """Captions without citations to resolve, references by key, and printed names by key."""
    keys = sorted({key for figure, *_ in found for key in figure.sources})
    captions = [ast.plain(caption) for *_, caption in found]
    project = book.project
    if not project.bibliography:
        return [node["c"] for node in captions], {}, {}
    cites = [ast.plain([ast.cite(key)]) for key in keys]
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


def _unreferred(node: Node) -> list[Node] | None:
    """A link to an entry of a chapter's references leads nowhere on another page."""
    if node["t"] == "Link" and node["c"][2][0].startswith("#ref-"):
        return list(node["c"][1])
    return None


def _split() -> Node:
    return ast.raw("html", _SPLIT)
