"""The ebook: an EPUB 3 with a file for each part and chapter.

Pandoc writes the text, as for the website; the package around it is our own, because it needs what
pandoc does not write: footnotes that open in place, roles, landmarks, lists of figures and tables,
the data of the figures. Templates and the style are in `assets/ebook/`.
"""

from __future__ import annotations

import functools
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nkbook.clock import day, edition_commit
from nkbook.paths import ASSETS
from nkbook.render import ast
from nkbook.render.chapter import Book
from nkbook.render.epub.container import write_container
from nkbook.render.epub.data import data_chapter, data_places
from nkbook.render.epub.documents import write_documents
from nkbook.render.epub.navigation import contents, float_lists, landmarks
from nkbook.render.epub.package import cover, extra_metadata, fonts, images, item
from nkbook.render.epub.pages import cut, places
from nkbook.render.epub.templates import Templates
from nkbook.render.single import single_document

__all__ = ["write_epub"]

_FRONT = ("cover", "title", "colophon")


def write_epub(book: Book, staging: Path, target: Path, date: datetime) -> None:
    """Write the whole book to `target`; its images are read from `staging`. Raises `BookError`."""
    tree = single_document(book, "epub", functools.partial(data_chapter, book))
    pages = cut(tree)
    pictures = images(book, tree, staging)
    moment = date.astimezone(UTC)
    project = book.project
    where = places(pages)
    lists = float_lists(pages)
    context: dict[str, Any] = {
        "title": project.title,
        "subtitle": project.subtitle,
        "authors": project.authors,
        "description": project.description,
        "licence": project.licence,
        "lang": project.lang,
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{project.title}\n{project.output_file}")),
        "date": moment,
        "edition": day(moment),
        "commit": edition_commit(project.root),
        "figures": bool(pictures),
        # A picture whose data stand in the book is described at length: see `data`.
        "described": bool(pictures) and len(data_places(where)) == _pictures(tree),
        "maths": any(ast.nodes(tree, "Math")),
        "metadata": extra_metadata(project),
        "contents": contents(pages, int(project.option("epub", "toc-depth", 2))),
        "lists": lists,
        "landmarks": landmarks(pages, lists),
    }
    render = Templates(context)
    documents = {f"text/{name}.xhtml": render.front(name) for name in _FRONT}
    documents["nav.xhtml"] = render("nav.xhtml.j2")
    documents |= write_documents(pages, where, pictures, render)
    spine = [
        *(f"text/{name}.xhtml" for name in _FRONT),
        "nav.xhtml",
        *(page.file for page in pages),
    ]
    files = {
        **{name: text.encode() for name, text in documents.items()},
        "toc.ncx": render("toc.ncx.j2").encode(),
        "style.css": (ASSETS / "ebook" / "style.css").read_bytes(),
        "cover.png": cover(context),
        **pictures,
        **fonts(),
    }
    items = [item(name, documents.get(name, "")) for name in sorted(files)]
    ids = {found["file"]: found["id"] for found in items}
    package = render("package.opf.j2", items=items, spine=[ids[name] for name in spine])
    write_container(
        target,
        moment,
        {
            "META-INF/container.xml": (ASSETS / "ebook" / "container.xml").read_bytes(),
            "EPUB/package.opf": package.encode(),
            **{f"EPUB/{name}": data for name, data in files.items()},
        },
    )


def _pictures(tree: list[ast.Node]) -> int:
    return sum(1 for _ in ast.nodes(tree, "Image"))
