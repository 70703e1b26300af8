"""Builds a project with either engine, in a temporary folder, and reads what was made."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from nkbook.parity.editions import read_epub, read_site
from nkbook.parity.structure import Structure
from nkbook.render import portable, quarto
from nkbook.render.edition import Edition
from nkbook.render.progress import Progress
from nkbook.render.project import load_project

_READERS: dict[str, Callable[[Path], Structure]] = {
    "html": lambda file: read_site(file.parent),
    "epub": read_epub,
}
"""The forms that are compared. A PDF has pages and no structure that both engines give it."""


def quarto_structures(root: Path, progress: Progress) -> dict[str, Structure]:
    """What the Quarto on PATH makes of a project, by form; raises `BookError` as a build does."""
    return _made(quarto.build, root, progress)


def portable_structures(root: Path, progress: Progress) -> dict[str, Structure]:
    """What the portable engine makes of a project, by form; raises `BookError` as a build does."""
    # Of constructs that Quarto shows and we refuse, all else is compared.
    return _made(partial(portable.build, lenient=True), root, progress)


def _made(build: Callable[..., Edition], root: Path, progress: Progress) -> dict[str, Structure]:
    with _copied(root) as copy:
        forms = [form for form in load_project(copy).formats if form in _READERS]
        edition = build(copy, progress, formats=forms)
        return {form: _READERS[form](edition.files[form]) for form in forms}


@contextmanager
def _copied(root: Path) -> Iterator[Path]:
    """A copy of a project: a build writes pictures into it, and Quarto into notebooks."""
    output = load_project(root).output
    made = shutil.ignore_patterns(".*", output.name, "node_modules", "__pycache__")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "book")
        shutil.copytree(root, copy, ignore=made)
        yield copy
