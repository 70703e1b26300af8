"""Addresses as authors write them: of files of the project, and of other hosts."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

BRING_HERE = "Keep it as a file of the project; `--lenient` lets the website fetch it."
"""What to do about a picture or frame of another host."""


def join_path(folder: PurePosixPath, path: str) -> str:
    """`path` as written in a file of `folder`, made relative to the project."""
    parts: list[str] = []
    joined = PurePosixPath(path[1:]) if path.startswith("/") else folder / path
    for part in joined.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def is_inside(path: str) -> bool:
    """Whether a path that is relative to the project stays in it."""
    return not path.startswith("..") and not PurePosixPath(path).is_absolute()


def is_own(root: Path, file: Path) -> bool:
    """Whether there is such a file, in the project: a link that leads out of it is none of its."""
    return file.is_file() and file.resolve().is_relative_to(root.resolve())


def own_file(root: Path, path: str) -> Path | None:
    """The file at a path that is relative to the project; `None` where the project has none."""
    try:
        return root / path if is_inside(path) and is_own(root, root / path) else None
    except (OSError, ValueError):
        # A name that is too long, or that has a character which no name has.
        return None


def elsewhere(what: str, address: str) -> str:
    """What is to be told of a picture or frame of another host."""
    fetched = "the website fetches it from there, EPUB and PDF have a link in its place"
    return f"the {what} “{address}” is on another host: {fetched}"


def host_of(address: str) -> str:
    """The host of an address of the web, with its scheme; empty for any other address."""
    try:
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else ""
    except ValueError:
        return ""
