"""The printed editions: the whole book as one tagged PDF, and each chapter as one of its own.

What elements look like is in `assets/print/`; `pdf_markup` says which is which, and `pdf_press`
sets them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from nkbook.clock import day, edition_commit
from nkbook.render.ast import Node
from nkbook.render.chapter import Book, Chapter
from nkbook.render.images import book_images
from nkbook.render.matter import authors
from nkbook.render.pdf_index import IndexEntry, index_entries, mark_occurrences
from nkbook.render.pdf_markup import arguments, array, string, typst_markup
from nkbook.render.pdf_offprint import offprints
from nkbook.render.pdf_press import PLACE, Press
from nkbook.render.pdf_records import records
from nkbook.render.project import Project
from nkbook.render.single import single_document
from nkbook.render.site.citation import citation


def write_pdf(
    book: Book, staging: Path, target: Path, date: datetime, jobs: int = 0
) -> dict[str, Path]:
    """Write the whole book to `target`, and each chapter's own PDF beside its page in `staging`.

    Returns the chapters' own PDFs by the chapters' files. Images are read from `staging`. Raises
    `BookError`.
    """
    tree = single_document(book, "pdf")
    chapters = [chapter for chapter in book.chapters if chapter.entry.kind != "part"]
    with (
        Press(staging, book_images(book, tree, staging), date) as press,
        # Typst and pandoc work outside of Python: threads fill all cores.
        ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool,
    ):
        whole = pool.submit(_set_book, press, book, tree)
        alone = {
            chapter.entry.file: pool.submit(_set_offprint, press, book, chapter, blocks)
            for chapter, blocks in zip(chapters, offprints(book, tree), strict=True)
            if chapter.entry.offprint
        }
        target.write_bytes(whole.result())
        files = {}
        for entry in book.project.entries:
            if entry.file in alone:
                files[entry.file] = staging / entry.offprint
                files[entry.file].parent.mkdir(parents=True, exist_ok=True)
                files[entry.file].write_bytes(alone[entry.file].result())
    return files


def _set_book(press: Press, book: Book, tree: list[Node]) -> bytes:
    project = book.project
    entries = index_entries(tree)
    settings = {
        **_settings(project, press.date),
        "subtitle": string(project.subtitle),
        "description": string(project.description),
        "index": array(map(_index_entry, entries)),
    }
    source = _source("book", settings, mark_occurrences(records(tree), entries), project)
    return press.set("book", source, [chapter.document for chapter in book.chapters])


def _set_offprint(press: Press, book: Book, chapter: Chapter, blocks: list[Node]) -> bytes:
    project = book.project
    title = chapter.title_text
    cited = citation(project, title, chapter.id, press.date, authors(chapter.document))
    settings = {
        **_settings(project, press.date),
        "chapter-title": string(title),
        "label": string(chapter.label),
        "citation": string(cited["apa"]),
        "address": string(project.site_url and project.site_url + chapter.entry.href),
    }
    source = _source("offprint", settings, records(blocks), project)
    return press.set(
        f"offprint-{chapter.document.file.replace('/', '-')}", source, [chapter.document]
    )


def _settings(project: Project, date: datetime) -> Mapping[str, str]:
    lang, _, region = project.lang.partition("-")
    return {
        "title": string(project.title),
        "authors": array(map(string, project.authors)),
        "lang": string(lang),
        "region": string(region) if region else "none",
        "edition": string(day(date)),
        "commit": string(edition_commit(project.root)),
        "licence": string(project.licence),
        "date": f"datetime(year: {date.year}, month: {date.month}, day: {date.day})",
    }


def _index_entry(entry: IndexEntry) -> str:
    rows = array(map(string, entry.rows))
    return f"(name: {string(entry.name)}, initial: {string(entry.key[:1])}, rows: {rows})"


def _source(design: str, settings: Mapping[str, str], blocks: list[Node], project: Project) -> str:
    depth = int(project.option("pdf", "toc-depth", 2))
    return (
        f'#import "{design}.typ": *\n\n'
        f"#show: {design}.with(\n{arguments(settings)})\n\n"
        f"{typst_markup(blocks, depth, PLACE)}"
    )
