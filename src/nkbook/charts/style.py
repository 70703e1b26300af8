"""The house style: colours from the design tokens, type from the book's own fonts.

Charts take their colours from `assets/tokens.css`, like the site and the print edition, so that
there is one palette. Colours are named by role (`colour.north`, `colour.women`), never by hue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager

from nkbook.errors import BookError, Finding, nearest
from nkbook.paths import ASSETS

WIDTH = 6.2
"""Every figure is this wide, in inches: 5.5 in print, about 360 pixels on a phone."""

TEXT, SMALL, QUIET = 13.0, 12.0, 11.5
"""Type sizes in points at `WIDTH`: labels, axis ticks, notes and sources."""

SANS, HANGUL = "Book Sans", "Book Hangul Sans"
"""The families of the fonts in `assets/fonts`; the second where the first has no glyph."""

SALT = "nkbook"
"""Seeds the ids inside SVG files, so that the same figure is the same bytes."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_TOKEN = re.compile(r"--chart-([a-z0-9-]+):\s*(#[0-9a-fA-F]{6})\s*;")


def read_tokens(css: str) -> dict[str, str]:
    """The chart colours in the first `:root` block of a stylesheet, by role."""
    _, _, rest = _COMMENT.sub("", css).partition(":root")
    block, _, _ = rest.partition("}")
    return {name.replace("-", "_"): value.lower() for name, value in _TOKEN.findall(block)}


class Palette(Mapping[str, str]):
    """Colours by role, as attributes or items; an unknown role names the nearest known one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._colours: dict[str, str] = {}

    def _load(self) -> dict[str, str]:
        # Read on first use, so that importing the package needs no assets.
        if not self._colours:
            if self._file.is_file():
                self._colours = read_tokens(self._file.read_text("utf-8"))
            if not self._colours:
                message = "no chart colours (--chart-…) in the first :root block"
                raise BookError([Finding(self._file.name, "NF201", message, "Restore the file.")])
        return self._colours

    def __getitem__(self, role: str) -> str:
        colours = self._load()
        if role not in colours:
            message = f"there is no chart colour “{role}”"
            hint = nearest(role, colours, f"Known: {', '.join(sorted(colours))}.")
            raise BookError([Finding(self._file.name, "NF202", message, hint)])
        return colours[role]

    def __getattr__(self, role: str) -> str:
        # Python asks objects for private names of its own; those are not roles.
        if role.startswith("_"):
            raise AttributeError(role)
        return self[role]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._load()))

    def __len__(self) -> int:
        return len(self._load())


colour = Palette(ASSETS / "tokens.css")
"""The palette of the book."""


@cache
def _register_fonts() -> None:
    for file in sorted((ASSETS / "fonts").rglob("*Sans*.ttf")):
        font_manager.fontManager.addfont(file)
    # Hangul comes in one weight; without this, every semibold label would warn about it.
    fonts = font_manager.fontManager.ttflist
    fonts += [replace(font, weight=600) for font in fonts if font.name == HANGUL]


def settings() -> Any:
    """The house style as matplotlib settings (whose names its type hints list one by one)."""
    return {
        "svg.fonttype": "path",  # letters as shapes: every reader draws the same
        "svg.hashsalt": SALT,
        "text.parse_math": False,  # “US$” is a currency, not mathematics
        "figure.facecolor": colour.paper,
        "axes.facecolor": "none",
        "savefig.facecolor": colour.paper,
        "font.family": [SANS, HANGUL],
        "font.size": TEXT,
        "axes.titlesize": TEXT,
        "axes.titleweight": "regular",
        "axes.titlelocation": "left",
        "axes.titlecolor": colour.quiet,
        "axes.labelsize": SMALL,
        "axes.labelcolor": colour.quiet,
        "axes.edgecolor": colour.axis,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "grid.color": colour.grid,
        "grid.linewidth": 0.7,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "xtick.color": colour.axis,
        "xtick.labelcolor": colour.ink,
        "ytick.labelcolor": colour.ink,
        "xtick.major.size": 4,
        "ytick.major.size": 0,
        "xtick.minor.size": 0,
        "ytick.minor.size": 0,
        "lines.linewidth": 2.2,
        "lines.solid_capstyle": "round",
        "text.color": colour.ink,
        "hatch.linewidth": 1.2,
        "legend.frameon": False,
    }


def apply() -> None:
    """Make the house style the style of every figure drawn from now on."""
    _register_fonts()
    mpl.rcParams.update(settings())
