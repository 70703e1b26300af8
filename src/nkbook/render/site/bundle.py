"""What every page loads: one style sheet, the scripts and the fonts, from this site only."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import rcssmin
import rjsmin

from nkbook.paths import ASSETS

STYLES = (
    "ground",
    "header",
    "layout",
    "navigation",
    "chapter",
    "prose",
    "callouts",
    "tabs",
    "key-numbers",
    "testimony",
    "figures",
    "columns",
    "evidence",
    "code",
    "notes",
    "chapter-foot",
    "home",
    "offline",
    "footer",
    "schemes",
    "print",
)
"""The style sheets of `assets/site/styles/`, in the order in which they build on one another."""

HEAD_SCRIPTS = ("type", "theme")
"""Scripts that run before the first paint: tiny, and in the page itself, because on a slow line
waiting for another file would keep the text back for a quarter of a second."""

BODY_SCRIPTS = ("contents", "notes", "cite", "copy", "search-button", "offline")
"""Scripts that run when the page is there. Every page is whole without them."""

HOME_SCRIPTS = ("keep",)
"""Scripts of the home page only."""

ROW_SCRIPTS = ("evidence",)
"""Scripts of pages with rows of evidence only."""

TAB_SCRIPTS = ("tabs",)
"""Scripts of pages with sets of tabs only."""

SEARCH_SCRIPTS = (
    "vendor/minisearch",
    "scripts/search/words",
    "scripts/search/finder",
    "scripts/search/excerpt",
    "scripts/search/dialog",
)
"""What a page loads when its reader first opens search."""


def write_bundle(target: Path, rules: str) -> None:
    """Write styles, scripts and fonts into the folder `target`.

    `rules` are those of this book, which follow the style sheets of every book.
    """
    target.mkdir(parents=True, exist_ok=True)
    sheets = ("tokens.css", "fonts/stand-ins.css", *(f"site/styles/{name}.css" for name in STYLES))
    styles = {
        "book.css": "\n".join([*map(_read, sheets), rules]),
        "fonts.css": _read("fonts/fonts.css").replace('url("web/', 'url("fonts/'),
        "search.css": _read("site/styles/search.css"),
    }
    for file, sheet in styles.items():
        (target / file).write_text(rcssmin.cssmin(sheet), encoding="utf-8")
    bundles = {
        "book.js": BODY_SCRIPTS,
        "home.js": HOME_SCRIPTS,
        "rows.js": ROW_SCRIPTS,
        "tabs.js": TAB_SCRIPTS,
    }
    for file, names in bundles.items():
        (target / file).write_text(_scripts(names), encoding="utf-8")
    search = "\n".join(_read(f"site/{name}.js") for name in SEARCH_SCRIPTS)
    notice = "/*! With MiniSearch by Luca Ongaro: see minisearch-licence.txt */\n"
    (target / "search.js").write_text(notice + rjsmin.jsmin(search), encoding="utf-8")
    shutil.copy(ASSETS / "site" / "vendor" / "minisearch-licence.txt", target)
    fonts = target / "fonts"
    fonts.mkdir(exist_ok=True)
    for font in sorted((ASSETS / "fonts" / "web").glob("*.woff2")):
        shutil.copyfile(font, fonts / font.name)


@cache
def head_script() -> str:
    """The script that stands in the head of every page."""
    return _scripts(HEAD_SCRIPTS)


def _scripts(names: Iterable[str]) -> str:
    return str(rjsmin.jsmin("\n".join(_read(f"site/scripts/{name}.js") for name in names)))


def _read(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")
