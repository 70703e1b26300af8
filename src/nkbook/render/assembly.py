"""Makes the book of its chapters: reads, numbers and resolves them, all or those that changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

from nkbook.characters import find_lookalike
from nkbook.errors import Findings
from nkbook.render import ast, pandoc
from nkbook.render.active import take_active
from nkbook.render.ast import Node
from nkbook.render.chapter import Book, Chapter, Target
from nkbook.render.code import annotate
from nkbook.render.columns import place_notes, widen
from nkbook.render.constructs import check_constructs
from nkbook.render.document import Document
from nkbook.render.elements import lower_elements
from nkbook.render.embeds import read_embeds
from nkbook.render.formulas import settle_formulas
from nkbook.render.lowering import Lowered
from nkbook.render.numbering import number_chapter, numbered_depth
from nkbook.render.outputs import read_html
from nkbook.render.project import Entry, Project
from nkbook.render.resolution import resolve_chapter


def build_book(
    project: Project,
    documents: Sequence[Document],
    lowered: Mapping[str, Lowered],
    citations: set[str],
    findings: Findings,
) -> Book:
    """Number everything and resolve every reference within the book.

    `citations` are the keys of the bibliography. Faults are added to `findings`; raises `BookError`
    with all of them where pandoc cannot read a chapter.
    """
    entries = {entry.file: entry for entry in project.entries}
    counters = {"chapter": 0, "appendix": 0}
    chapters: list[Chapter] = []
    # Pandoc works outside of Python: threads fill all cores.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        read = [pool.submit(_read, lowered[document.file], document.file) for document in documents]
    for document, reading in zip(documents, read, strict=True):
        text, entry = lowered[document.file], entries[document.file]
        with findings.collecting():
            blocks = reading.result()
            chapters.append(_draft(project, entry, document, text, blocks, counters, findings))

    if len(chapters) < len(documents):
        # References to what could not be read would all be reported, too.
        findings.raise_any()

    titles = {c.entry.file: c.title_text for c in chapters if c.entry.kind == "part"}
    for chapter in chapters:
        chapter.part = titles.get(chapter.entry.part, chapter.entry.part)

    return _number_all(project, chapters, {}, citations, findings)


def renew_book(
    book: Book,
    documents: Mapping[int, Document],
    lowered: Mapping[str, Lowered],
    citations: set[str],
    findings: Findings,
) -> Book | None:
    """The book with these chapters, by position, as they are now; `None` where all may change.

    What others say of them, such as the numbers of their figures, stays as it was.
    """
    chapters = list(book.chapters)
    for index, document in documents.items():
        old, text = chapters[index], lowered[document.file]
        counters = dict.fromkeys(("chapter", "appendix"), old.count - 1)
        blocks = _read(text, document.file)
        new = _draft(book.project, old.entry, document, text, blocks, counters, findings)
        if (new.id, new.number, bool(new.count)) != (old.id, old.number, bool(old.count)):
            return None
        new.part, chapters[index] = old.part, new
    known = {key: target for key, target in book.anchors.items() if key[0] not in documents}
    return _number_all(book.project, chapters, known, citations, findings)


def _number_all(
    project: Project,
    chapters: list[Chapter],
    known: Mapping[tuple[int, str], Target],
    citations: set[str],
    findings: Findings,
) -> Book:
    """Number chapters and resolve their references, but for those whose ids are `known`."""
    targets: dict[str, Target] = {}
    anchors = dict(known)
    settled: dict[int, list[Target]] = {}
    for (index, _), target in known.items():
        settled.setdefault(index, []).append(target)
    for index, chapter in enumerate(chapters):
        own: Iterable[Target] = settled.get(index, ())
        if index not in settled:
            own = number_chapter(chapter, index, project.words, numbered_depth(project, chapter))
        for target in own:
            if target.is_label and (letter := find_lookalike(target.id)):
                message = f"the id “{target.id}” has a letter that only looks Latin ({letter})"
                place = chapter.document.find(target.id)
                findings.add("NB610", place, message, "Type the id again.")
            # Only labels must be unique in the book; ids made from headings are a page's own.
            if target.id in targets and target.is_label:
                other = chapters[targets[target.id].chapter].entry.file
                findings.add(
                    "NB601",
                    chapter.document.find(target.id),
                    f"the id “{target.id}” is used twice (also in {other})",
                    "Give one of the two another id.",
                )
            targets.setdefault(target.id, target)
            anchors[index, target.id] = target
    book = Book(project, chapters, targets, anchors)
    for index, chapter in enumerate(chapters):
        if index not in settled:
            chapter.blocks = resolve_chapter(book, index, citations, findings)
    return book


def _draft(
    project: Project,
    entry: Entry,
    document: Document,
    text: Lowered,
    blocks: list[Node],
    counters: dict[str, int],
    findings: Findings,
) -> Chapter:
    """A chapter before its elements have numbers. Raises `BookError`."""
    blocks = read_embeds(blocks, document, findings)
    check_constructs(document, blocks, findings)
    chapter = _chapter(project, entry, document, blocks, counters)
    chapter.blocks = settle_formulas(chapter.blocks, document, findings)
    chapter.figures, chapter.media = text.figures, text.media
    take_active([*chapter.blocks, ast.plain(chapter.title)], document.find, findings)
    return chapter


def _read(text: Lowered, file: str) -> list[Node]:
    return read_html(pandoc.parse(text.markdown, place=file), file)


def _chapter(
    project: Project,
    entry: Entry,
    document: Document,
    blocks: list[Node],
    counters: dict[str, int],
) -> Chapter:
    first = next((i for i, n in enumerate(blocks) if n["t"] == "Header" and n["c"][0] == 1), None)
    identifier, classes, title = "", [], _front_title(document)
    if first is not None and not title:
        (identifier, classes, _), title = blocks[first]["c"][1], blocks[first]["c"][2]
        blocks = blocks[:first] + blocks[first + 1 :]
    name = PurePosixPath(document.file).stem
    # As in Quarto, a home page with a title of its own is a chapter.
    counts = bool(title) and "unnumbered" not in classes and entry.kind != "part"
    counter = "appendix" if entry.kind == "appendix" else "chapter"
    counters[counter] += counts
    blocks = widen(place_notes(blocks))
    chapter = Chapter(
        entry=entry,
        document=document,
        title=title or ast.inlines(name),
        id=identifier or name,
        number="",
        count=counters[counter] if counts else 0,
        blocks=lower_elements(annotate(blocks)),
        language=project.language,
    )
    # Appendices keep their letters, as in Quarto.
    if counts and (entry.kind == "appendix" or numbered_depth(project, chapter)):
        chapter.number = chapter.ordinal()
    return chapter


def _front_title(document: Document) -> list[Node]:
    """The title that the front matter gives, which may have formatting and notes."""
    given = str(document.front.get("title") or "")
    blocks = pandoc.parse(given, place=document.file) if given else []
    return list(blocks[0]["c"]) if blocks and blocks[0]["t"] == "Para" else ast.inlines(given)
