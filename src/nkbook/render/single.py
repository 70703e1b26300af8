"""The book as one tree, for formats that are one document: EPUB and PDF.

Parts and chapters become headings of level 1 with the class `part` or `chapter`; what a format
needs to know of a heading stands in its attributes (`number`, `label`, `part`). Every id is unique.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nkbook.render import ast, pandoc
from nkbook.render.ast import Node
from nkbook.render.chapter import Book, Chapter
from nkbook.render.embeds import link_embeds
from nkbook.render.language import mark_korean
from nkbook.render.view import point_links, visible_blocks

REFERENCES = "book-references"
"""The id of the chapter that lists the references, where no chapter of the book does."""

Names = Mapping[tuple[int, str], str]


def single_document(
    book: Book, form: str, back: Callable[[list[Node]], list[Node]] | None = None
) -> list[Node]:
    """All chapters in order as one tree, with citations resolved and links that stay inside it.

    `back` may give chapters that stand behind those of the book, made from its tree.
    """
    names = unique_names(book)
    blocks: list[Node] = []
    group, part, count = "", "", 0
    for index, chapter in enumerate(book.chapters):
        title = chapter_group(chapter)
        if chapter.entry.kind == "part":
            head = ast.header(1, ast.attr(chapter.id, ["part"]), chapter.title)
            own = [head, *visible_blocks(book, chapter, form)]
            blocks += _joined(own, book, index, names)
            group, part = title, names[index, chapter.id]
            continue
        if title and title != group:
            count += 1
            part = f"part-{count}"
            blocks.append(ast.header(1, ast.attr(part, ["part"]), ast.inlines(title)))
        group = title
        attributes = ast.attr(
            chapter.id,
            ["chapter", chapter.entry.kind],
            number=chapter.number,
            label=chapter.label,
            part=part if title else "",
        )
        own = [
            ast.header(1, attributes, chapter.title),
            *visible_blocks(book, chapter, form),
        ]
        blocks += _joined(own, book, index, names)
    blocks += back(blocks) if back else []
    blocks = _without_dead_links(_with_references(link_embeds(blocks), book, form))
    walked: list[Node] = ast.walk(mark_korean(blocks, book.project.lang), _free_columns)
    return walked


def chapter_group(chapter: Chapter) -> str:
    """The title under which a chapter stands in the contents, or an empty string."""
    if chapter.entry.kind == "appendix":
        return chapter.language.word("Appendices")
    return chapter.part


def _free_columns(node: Node) -> list[Node] | None:
    """Columns of one width for all, which pandoc gives to wide tables, are as wide as need be."""
    if node["t"] != "Table":
        return None
    attributes, caption, columns, *rest = node["c"]
    if len({str(width) for _, width in columns}) == 1:
        columns = [[alignment, {"t": "ColWidthDefault"}] for alignment, _ in columns]
    return [{"t": "Table", "c": [attributes, caption, columns, *rest]}]


def unique_names(book: Book) -> Names:
    """A unique id for every id of every chapter: the chapter's id in front where two clash."""
    taken = {f"part-{n}" for n in range(1, len(book.chapters) + 1)} | {REFERENCES}
    # Ids that references can name keep their place before ids that were made from a heading.
    order = sorted(book.anchors.items(), key=lambda item: item[1].kind == "anchor")
    names: dict[tuple[int, str], str] = {}
    for (index, old), _ in order:
        new, number = old, 1
        while new in taken:
            new = f"{book.chapters[index].id}-{old}" + (f"-{number}" if number > 1 else "")
            number += 1
        taken.add(new)
        names[index, old] = new
    return names


def _joined(blocks: list[Node], book: Book, index: int, names: Names) -> list[Node]:
    """A chapter's blocks with ids, numbers and links that hold for the whole book."""
    chapter = book.chapters[index]
    numbers = {heading.id: heading.number for heading in chapter.headings}

    def visit(node: Node) -> list[Node] | None:
        if ast.attributes(node) is None:
            return None
        copy = ast.walk_inside(node, visit)
        attributes = ast.attributes(copy) or []
        name, classes, pairs = attributes
        if node["t"] == "Header" and "chapter" not in classes:
            pairs = [*pairs, ["number", numbers.get(name, "")]]
        attributes[:] = [names.get((index, name), name), classes, pairs]
        return [copy]

    renamed: list[Node] = ast.walk(blocks, visit)
    return point_links(
        renamed,
        chapter_href=lambda number, fragment: (
            "#" + names.get((number, fragment or book.chapters[number].id), fragment)
        ),
        file_href=lambda _: None,
        image_href=lambda address: address,
    )


def _with_references(blocks: list[Node], book: Book, form: str) -> list[Node]:
    """Citations resolved, with one list of references for the whole book."""
    project = book.project
    if not project.bibliography or not (project.nocite or any(ast.nodes(blocks, "Cite"))):
        return blocks
    if not any(ast.identifier(node) == "refs" for node in ast.nodes(blocks, "Div")):
        attributes = ast.attr(REFERENCES, ["chapter", "references"], number="", label="", part="")
        blocks = [
            *blocks,
            ast.header(1, attributes, ast.inlines(project.references_title(form))),
            ast.div(ast.attr("refs"), []),
        ]
    return pandoc.cite(
        blocks,
        project.bibliography,
        project.csl,
        project.lang,
        project.nocite,
        place=f"the {form} edition",
    )


def _without_dead_links(blocks: list[Node]) -> list[Node]:
    """Links to what another format shows, but not this one, become plain text."""
    present = ast.identifiers(blocks)

    def visit(node: Node) -> list[Node] | None:
        if node["t"] == "Link":
            _, content, (address, _) = node["c"]
            if address.startswith("#") and address[1:] not in present:
                return list(ast.walk(content, visit))
        return None

    walked: list[Node] = ast.walk(blocks, visit)
    return walked
