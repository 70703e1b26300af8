"""The site while its author writes: the page that was changed at once, all else right after it.

What a change of one chapter makes of the others (numbers, references, contents, search) follows
when the author pauses. The site lies in a folder of its own, without the files to take along: the
last whole edition stays as it is.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Set
from dataclasses import replace
from pathlib import Path

from nkbook.clock import edition_date
from nkbook.paths import Paths
from nkbook.render.chapter import Book
from nkbook.render.edition import staged
from nkbook.render.portable import copy_resources, draw_book, reread_book, write_media
from nkbook.render.progress import Progress
from nkbook.render.project import load_project
from nkbook.render.provenance import provenance
from nkbook.render.site import Site
from nkbook.render.store import keeping


class Preview:
    """The preview of the project at `root` in the folder `output`."""

    def __init__(self, root: Path, output: Path, progress: Progress) -> None:
        self.root = root
        self.output = output
        self.progress = progress
        self._site: Site | None = None
        self._pages: dict[str, str] = {}

    def rebuild(self) -> set[str]:
        """Make the whole site; returns the pages that are not as they were. Raises `BookError`."""
        project = load_project(self.root)
        book = draw_book(project, self.progress)
        book.project = replace(project, output=self.output)
        with keeping(Paths(self.root).programs), staged(self.output) as staging:
            with self.progress.stage("Drawing figures", len(book.figures)) as stage:
                write_media(book, staging, stage=stage)
            copy_resources(book.project, staging)
            provenance(book.project, staging, "portable", ("html",)).write(staging)
            with self.progress.stage("Writing the website", len(book.chapters)) as stage:
                site = self._made(book, staging)
                site.write_assets()
                site.write_pages([])
                stage.done = len(book.chapters)
        self._site = site
        return self._different()

    def refresh(self, changed: Set[Path]) -> set[str]:
        """Make the pages of the chapters in these files, as far as that is all that has changed.

        Returns the pages that are not as they were; none where the whole site has to be made.
        Raises `BookError`.
        """
        before = self._site
        if before is None:
            return set()
        known = before.book.positions.keys()
        files = {os.path.relpath(file, self.root) for file in changed}
        # A file of an editor's own may come and go while it saves a chapter.
        files = {file for file in files if file in known or (self.root / file).exists()}
        if not files or not files <= known:
            return set()
        with keeping(Paths(self.root).programs):
            book = reread_book(before.book, files)
            if book is None:
                return set()
            indexes = [book.positions[file] for file in sorted(files)]
            write_media(replace(book, chapters=[book.chapters[i] for i in indexes]), self.output)
            site = self._made(book, self.output, before, indexes)
            site.write_changed()
        self._site = site
        return self._different()

    def _made(
        self, book: Book, folder: Path, before: Site | None = None, changed: Collection[int] = ()
    ) -> Site:
        date = edition_date(self.root)
        site = Site(book, folder, date, os.cpu_count() or 1, before=before, changed=changed)
        site.compose()
        return site

    def _different(self) -> set[str]:
        """The pages that are not as they were when this was last asked."""
        last = self._pages
        self._pages = {
            file.relative_to(self.output).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in self.output.rglob("*.html")
        }
        return {page for page, digest in self._pages.items() if last.get(page) != digest}
