"""Addresses inside the site, which are always relative: it works in any folder of any host."""

from __future__ import annotations

import posixpath
from urllib.parse import quote


def relative(path: str, here: str, fragment: str = "") -> str:
    """The address of `path` from the page `here`, both relative to the root of the site."""
    anchor = f"#{fragment}" if fragment else ""
    if path == here:
        return anchor or quote(posixpath.basename(path))
    return quote(posixpath.relpath(path, posixpath.dirname(here) or ".")) + anchor


def root_of(here: str) -> str:
    """What leads from the page `here` to the root of the site: nothing, or `../` once or more."""
    return "../" * here.count("/")
