"""Chapters for Jupyter's own converter: `jupyter nbconvert` reads Markdown, but not Quarto's.

The preprocessor of this module writes a chapter again in plain Markdown (GitHub's): values stand
in the place of shortcodes, cross-references and citations say what they say in the book, cell
options are taken out of the code, and each figure knows its number, caption and alternative text.
The templates in `assets/nbconvert/` print it. `assets/nbconvert/config.py` joins the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from nkbook.errors import BookError, Finding, Findings
from nkbook.paths import ASSETS, find_root
from nkbook.render import ast, pandoc
from nkbook.render.assembly import build_book
from nkbook.render.ast import Node
from nkbook.render.chapter import Book, Chapter
from nkbook.render.document import Cell, load_documents
from nkbook.render.execution import Result
from nkbook.render.labels import CALLOUTS, KINDS, is_reference
from nkbook.render.lowering import lower
from nkbook.render.numbering import reference_text
from nkbook.render.portable import run_hooks
from nkbook.render.project import load_project, load_variables
from nkbook.render.shortcodes import expand
from nkbook.render.view import visible_blocks

_PART = "nk-part"
_FENCE = ":" * 40
"""Around a part; no chapter's own div has as many colons."""
_REFERENCES = "References"

Texts = dict[str, list[str]]
"""What each part of a chapter says, in plain Markdown; a new text begins at each heading."""


class ChapterPreprocessor(Preprocessor):
    """Writes a chapter of a book in what nbconvert understands."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """The chapter in plain Markdown, and where its slides begin.

        Leaves with the findings where the book is at fault: nbconvert would print a traceback.
        """
        place = resources["metadata"]
        file = (Path(place["path"]) / f"{place['name']}.ipynb").resolve()
        try:
            return _plain_chapter(nb, file), resources
        except BookError as error:
            raise SystemExit(str(error)) from error


def _plain_chapter(nb: NotebookNode, file: Path) -> NotebookNode:
    root = find_root(file.parent)
    project = load_project(root)
    run_hooks(project, project.pre_render)
    findings = Findings()
    variables = load_variables(root, findings)
    documents = load_documents(project, findings)
    findings.raise_any()
    name = file.relative_to(root).as_posix()
    if name not in {item.file for item in documents}:
        hint = "List it in _quarto.yml."
        raise BookError([Finding(name, "NB904", "is not a chapter of this book", hint)])
    # Of the other chapters all is known but what only their code makes. `nkbook build` tells of
    # faults in them.
    given = Result({number: cell.get("outputs", []) for number, cell in enumerate(nb.cells, 1)})
    results = {name: given}
    unknown = Findings()
    lowered = {
        item.file: lower(item, results.get(item.file), project, variables, unknown)
        for item in documents
    }
    book = build_book(project, documents, lowered, set(), unknown)
    chapter = book.chapters[book.positions[name]]
    cells = list(zip(chapter.document.cells, nb.cells, strict=True))
    parts = {
        key: expand(
            text,
            place=chapter.document.place(cell),
            folder=file.parent,
            root=root,
            variables=variables,
            metadata=project.metadata,
            findings=findings,
        )
        for cell, held in cells
        for key, text in _parts(cell, held)
    }
    findings.raise_any()
    texts = _texts(book, chapter, parts)
    nb.cells = [
        *(made for cell, held in cells for made in _cells(book, cell, held, texts)),
        *(_text_cell(_REFERENCES.lower(), text) for text in texts[_REFERENCES]),
    ]
    _begin_slides(nb.cells)
    nb.metadata["title"] = chapter.title_text
    nb.metadata["nkbook"] = {
        "book": project.title,
        "label": chapter.label,
        "lang": project.lang,
        "tokens": (ASSETS / "tokens.css").read_text(encoding="utf-8"),
    }
    return nb


def _parts(cell: Cell, held: NotebookNode) -> Iterator[tuple[str, str]]:
    """The texts of a cell in Quarto's Markdown: its own, its caption, those that its code gave."""
    if cell.kind == "markdown":
        yield f"{cell.number}", cell.source
    if cell.caption:
        yield f"{cell.number}-caption", cell.caption
    for number, output in enumerate(held.get("outputs", ())):
        data = output.get("data", {})
        if cell.options.get("output") == "asis" and output.get("name") == "stdout":
            yield f"{cell.number}-output-{number}", output["text"]
        elif "text/markdown" in data and "image/svg+xml" not in data:
            yield f"{cell.number}-output-{number}", data["text/markdown"]


def _texts(book: Book, chapter: Chapter, parts: Mapping[str, str]) -> Texts:
    """The parts of a chapter in plain Markdown, and its references."""
    place = chapter.document.file
    fenced = (f'{_FENCE} {{{_PART}="{key}"}}\n\n{text}\n\n{_FENCE}' for key, text in parts.items())
    blocks = pandoc.parse("\n\n".join(fenced), place=place)
    blocks = _resolve(book, chapter, blocks)
    project = book.project
    blocks = pandoc.cite(blocks, project.bibliography, project.csl, project.lang, place=place)
    # An ebook's view: what a website shows with scripts is not for paper and slides.
    blocks = visible_blocks(book, replace(chapter, blocks=blocks), "epub")
    marked: list[Node] = []
    for block in blocks:
        attributes, body = block["c"]
        key = ast.pairs_of(attributes).get(_PART, _REFERENCES)
        if key == _REFERENCES:
            body = [ast.header(2, ast.attr(), ast.inlines(_REFERENCES)), block] if body else []
        for index, node in enumerate(body):
            if index == 0 or (node["t"] == "Header" and node["c"][0] <= 2):
                marked.append(ast.raw("html", f"<!--{_PART} {key}-->"))
            marked.append(node)
    plain = [_simplified(node) for node in marked]
    text = pandoc.write(
        [node for nodes in plain for node in nodes],
        ["--to", "gfm", "--wrap", "none"],
        place=place,
    )
    texts: Texts = {key: [] for key in (*parts, _REFERENCES)}
    _, *found = re.split(rf"^<!--{_PART} (.+)-->$", text, flags=re.MULTILINE)
    for key, said in zip(found[::2], found[1::2], strict=True):
        texts[key].append(said.strip())
    return texts


def _resolve(book: Book, chapter: Chapter, blocks: list[Node]) -> list[Node]:
    """Cross-references in words; links only where they lead to this chapter or out of the book."""
    index = book.positions[chapter.document.file]

    def linked(content: list[Node], name: str) -> list[Node]:
        here = (index, name) in book.anchors
        return [ast.link(content, f"#{name}")] if here else content

    def visit(node: Node) -> list[Node] | None:
        if node["t"] == "Cite":
            items = node["c"][0]
            # Pandoc reads “@fig-x [@key]” as one citation; the two say different things.
            others = [item for item in items if not is_reference(item["citationId"])]
            out: list[Node] = []
            for item in items:
                name = item["citationId"]
                if is_reference(name):
                    target = book.targets.get(name)
                    words = linked(reference_text(book, target, item), name) if target else []
                    # What another chapter's code makes has no number here.
                    words = words or ast.inlines(KINDS[name.partition("-")[0]])
                    out += [*(ast.inlines(", ") if out else []), *words]
            if out and others:
                normal = [{**item, "citationMode": {"t": "NormalCitation"}} for item in others]
                out += [{"t": "Space"}, {"t": "Cite", "c": [normal, []]}]
            return out or None
        if node["t"] == "Link":
            _, content, (address, _) = node["c"]
            if re.match(r"(?:https?|mailto):", address):
                return None
            inner = ast.walk(content, visit)
            return linked(inner, address[1:]) if address.startswith("#") else inner
        return None

    walked: list[Node] = ast.walk(blocks, visit)
    return walked


def _simplified(block: Node) -> list[Node]:
    """A block without attributes that say something to Quarto only; ids and classes stay."""

    def visit(node: Node) -> list[Node] | None:
        match node["t"]:
            case "Header":
                level, (name, _, _), content = node["c"]
                inner = ast.walk(content, visit)
                return [ast.header(level, ast.attr(), _anchored(name, inner))]
            case "Span":
                (name, classes, _), content = node["c"]
                inner = ast.walk(content, visit)
                return [ast.span([name, classes, []], inner)] if name or classes else inner
            case "Div":
                (name, classes, pairs), body = node["c"]
                inner = ast.walk(body, visit)
                title = _callout_title(classes, dict(pairs))
                if not inner and not title:
                    return []
                head = [ast.para([{"t": "Strong", "c": ast.inlines(title)}])] if title else []
                return [ast.div([name, classes, []], [*head, *inner])]
        return None

    simplified: list[Node] = ast.walk([block], visit)
    return simplified


def _anchored(name: str, content: list[Node]) -> list[Node]:
    """The words of a heading with its id, which GitHub's Markdown has no place for."""
    return [ast.span(ast.attr(name), content)] if name else content


def _callout_title(classes: list[str], pairs: Mapping[str, str]) -> str:
    kinds = [CALLOUTS[kind] for kind in CALLOUTS if f"callout-{kind}" in classes]
    return pairs.get("title", kinds[0]) if kinds else ""


def _cells(book: Book, cell: Cell, held: NotebookNode, texts: Texts) -> list[NotebookNode]:
    """What is printed of a cell: one cell of text for each heading in it, or its code."""
    if cell.kind == "markdown":
        made = [
            _text_cell(f"cell-{cell.number}-{index}", text)
            for index, text in enumerate(texts[f"{cell.number}"])
        ]
        for first in made[:1]:
            first.metadata = held.metadata
        return made
    if cell.kind == "raw" or cell.options.get("include") is False:
        return []
    held.source = cell.source
    if not cell.options.get("echo", book.project.option("html", "echo", True)):
        held.metadata["transient"] = {"remove_source": True}
    if cell.options.get("output") is False:
        held.outputs = []
    for number, output in enumerate(held.outputs):
        said = texts.get(f"{cell.number}-output-{number}", [])
        if said:
            output.update(output_type="display_data", data={"text/markdown": "\n\n".join(said)})
            output.setdefault("metadata", {})
    target = book.targets.get(cell.label)
    figure = bool(target and target.kind == "fig")
    held.metadata["nkbook"] = {
        "id": cell.label,
        "label": f"{KINDS['fig']} {target.number}" if target and figure else "",
        "caption": "\n\n".join(texts.get(f"{cell.number}-caption", [])),
        "alt": cell.alt,
    }
    return [held]


def _text_cell(id: str, text: str) -> NotebookNode:
    return NotebookNode(cell_type="markdown", id=id, source=text, metadata=NotebookNode())


def _begin_slides(cells: Sequence[NotebookNode]) -> None:
    """Slides begin at `#` and `##`; a figure has one of its own. What an author says holds."""
    after_figure = True
    for cell in cells:
        figure = bool(cell.metadata.get("nkbook", {}).get("label"))
        if re.match(r"##? ", cell.source) and cell.cell_type == "markdown":
            cell.metadata.setdefault("slideshow", {"slide_type": "slide"})
        elif figure or after_figure:
            cell.metadata.setdefault("slideshow", {"slide_type": "subslide"})
        after_figure = figure
