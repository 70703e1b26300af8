"""Where the licence that a project names in words is to be read."""

from __future__ import annotations

import re

_LICENCES = (
    (r"CC[ -](BY(?:-NC)?(?:-SA|-ND)?)[ -](\d\.\d)", r"licenses/{}/{}/"),
    (r"CC0[ -](\d\.\d)", r"publicdomain/zero/{}/"),
)


def licence_url(text: str) -> str:
    """The address of the Creative Commons licence that a text names first, or an empty string."""
    for pattern, path in _LICENCES:
        if found := re.search(pattern, text):
            return "https://creativecommons.org/" + path.format(*map(str.lower, found.groups()))
    return ""
