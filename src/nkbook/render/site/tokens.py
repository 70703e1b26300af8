"""Colours of `assets/tokens.css`, for what no style sheet reaches: the browser's own frame."""

from __future__ import annotations

import functools
import re

from nkbook.paths import ASSETS

_DARK = '[data-theme="dark"]'


def colour(name: str, *, dark: bool = False) -> str:
    """The colour `--colour-<name>` as `#rrggbb`, light or dark."""
    sheet = _sheet()
    start = sheet.index(f"\n{_DARK} {{") if dark else 0
    found = re.compile(rf"--colour-{re.escape(name)}:\s*(#[0-9a-f]{{6}});").search(sheet, start)
    if found is None:
        raise ValueError(f"tokens.css has no colour “{name}”")
    return found[1]


@functools.cache
def _sheet() -> str:
    return (ASSETS / "tokens.css").read_text(encoding="utf-8")
