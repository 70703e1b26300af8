"""Old addresses of pages, each a page that leads on to where its chapter is now.

As in Quarto, `aliases:` in the front matter of a chapter lists them: relative to the chapter, or
from the root of the site with a slash before them; one that ends in a slash is a folder.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from typing import Any

from nkbook.errors import Findings
from nkbook.render.chapter import Book, Chapter


def find_aliases(book: Book, taken: Collection[str]) -> dict[str, Chapter]:
    """The chapters by their old addresses, from the root of the site.

    Raises `BookError` for an address outside the site, or one of those `taken` by other pages.
    """
    found: dict[str, Chapter] = {}
    findings = Findings()
    for chapter in book.chapters:
        for path in old_addresses(chapter.document.front, chapter.entry.href):
            place = chapter.entry.file
            if path.startswith("../") or not path.endswith(".html"):
                hint = "Such as old-name.html, or /figures/fig-old.html from the root of the site."
                findings.add("NB710", place, f"the alias “{path}” is no page of the site", hint)
            elif path in taken or path in found:
                hint = "Take the alias out, or give the page another name."
                findings.add("NB710", place, f"the alias “{path}” is a page already", hint)
            else:
                found[path] = chapter
    findings.raise_any()
    return found


def old_addresses(front: Mapping[str, Any], here: str) -> list[str]:
    """The aliases in the front matter of the page `here`, as paths from the root of the site."""
    given = front.get("aliases") or []
    return [_resolve(str(alias), here) for alias in ([given] if isinstance(given, str) else given)]


def _resolve(alias: str, here: str) -> str:
    folder = "" if alias.startswith("/") else posixpath.dirname(here)
    name = f"{alias}index.html" if alias.endswith("/") else alias
    return posixpath.normpath(posixpath.join(folder, name.lstrip("/")))
