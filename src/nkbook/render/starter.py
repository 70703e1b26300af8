"""A new small book that builds at once with both engines: the files of `assets/starter/`."""

from __future__ import annotations

from pathlib import Path

from nkbook.errors import Findings
from nkbook.paths import ASSETS

_FILES = {
    "_quarto.yml": "_quarto.yml",
    "index.qmd": "index.qmd",
    "notebooks/rain.ipynb": "notebooks/rain.ipynb",
    "references.bib": "references.bib",
    # Without its dot, or git and the packager would take it for a rule of ours.
    ".gitignore": "gitignore",
}
"""Each file of the new book, and the file in `assets/starter/` that it is a copy of."""


def start_book(folder: Path) -> tuple[Path, ...]:
    """Write a new book into `folder`, which is made where it is missing; returns its files.

    Raises `BookError`, and writes nothing, where a file of that name is there already.
    """
    findings = Findings()
    for name in _FILES:
        if (folder / name).exists():
            hint = "Name a folder without a book, such as `nkbook init my-book`."
            findings.add("NB903", str(folder / name), "is there already and stays as it is", hint)
    findings.raise_any()
    for name, template in _FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        # A file that came to be in the meantime is never overwritten, either.
        with file.open("xb") as stream:
            stream.write((ASSETS / "starter" / template).read_bytes())
    return tuple(folder / name for name in _FILES)
