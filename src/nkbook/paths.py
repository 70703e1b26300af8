"""The names of the folders and files of a book, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nkbook.errors import BookError, Finding

CONFIG = "_quarto.yml"

_PACKAGE = Path(__file__).parent

ASSETS = _PACKAGE / "assets" if (_PACKAGE / "assets").is_dir() else _PACKAGE.parents[1] / "assets"
"""Design tokens, styles, templates and fonts: inside the wheel, or at the top of a checkout."""


@dataclass(frozen=True)
class Paths:
    """Where things are in the book project at `root`."""

    root: Path

    @property
    def config(self) -> Path:
        """The project file, the only one that names chapters and formats."""
        return self.root / CONFIG

    @property
    def notebooks(self) -> Path:
        """The chapters."""
        return self.root / "notebooks"

    @property
    def data(self) -> Path:
        """The Frictionless data package."""
        return self.root / "data"

    @property
    def figures(self) -> Path:
        """Generated figures: committed SVG, plotted data and provenance."""
        return self.root / "figures"

    @property
    def variables(self) -> Path:
        """Generated: the values that prose names with `{{< var … >}}`."""
        return self.root / "_variables.yml"

    @property
    def references(self) -> Path:
        """Generated: the sources as a CSL-JSON bibliography."""
        return self.root / "_references.json"

    @property
    def copies(self) -> Path:
        """Generated: the data as a SQLite database and as Parquet files."""
        return self.root / "_data"

    @property
    def cache(self) -> Path:
        """What would take long to make again; safe to delete."""
        return self.root / "_cache"

    @property
    def programs(self) -> Path:
        """What pandoc and Typst made of what they were given."""
        return self.cache / "programs"

    @property
    def editions(self) -> Path:
        """What the editions that builds have made were made of."""
        return self.cache / "editions"

    @property
    def differences(self) -> Path:
        """Generated: how committed figures differ from those drawn now, in pictures."""
        return self.cache / "differences"


def find_root(start: Path | None = None) -> Path:
    """The nearest folder at or above `start` (default: here) that holds `_quarto.yml`.

    Raises `BookError` where there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / CONFIG).is_file():
            return folder
    raise BookError(
        [
            Finding(
                str(here),
                "NB001",
                f"no {CONFIG} here or in a folder above",
                "Run this inside a book project, or name its folder with --project.",
            )
        ]
    )
