"""The manifest by which browsers offer to install the book beside other apps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from nkbook.render.project import Project
from nkbook.render.site.icons import ICONS
from nkbook.render.site.tokens import colour

NAME = "manifest.webmanifest"

_SHORT = 12
"""The longest name that fits below an icon, in characters."""


def manifest(project: Project, icons: Iterable[str]) -> str:
    """The manifest; every address in it is relative, so that it holds in any folder."""
    content: dict[str, Any] = {
        "name": project.title,
        "short_name": short_name(project.title),
        "description": project.description or project.subtitle,
        "lang": project.lang,
        "dir": "auto",
        "start_url": "./",
        "scope": "./",
        # A book of links wants a way back; where there is none, its own navigation is enough.
        "display": "standalone",
        "display_override": ["minimal-ui"],
        "background_color": colour("paper"),
        "theme_color": colour("paper"),
        "categories": ["books", "education"],
        "icons": [
            {
                "src": path,
                "type": "image/png",
                "sizes": f"{ICONS[path][0]}x{ICONS[path][0]}",
                "purpose": ICONS[path][1],
            }
            for path in icons
            if path in ICONS
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def short_name(title: str) -> str:
    """The first words of a title that fit below an icon, without an article before them."""
    words = re.sub(r"^(?:The|An?)\s+(?=\S)", "", " ".join(title.split())).split(" ")
    name = words[0][:_SHORT]
    for word in words[1:]:
        if len(f"{name} {word}") > _SHORT:
            break
        name = f"{name} {word}"
    return name.rstrip(" ,;:–—-")
