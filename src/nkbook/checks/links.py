"""Rules for links: what chapters and pages of evidence point at is there, without running them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from nkbook import evidence
from nkbook.errors import BookError, Findings, nearest
from nkbook.evidence.markdown import Markdown
from nkbook.model import Library
from nkbook.render.document import Cell, Document
from nkbook.render.labels import label_of

_CODE = re.compile(r"^(?P<fence>`{3,}).*?^(?P=fence)|`[^`]*`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!\\)\]\((?:<(?P<whole>[^<>\n]*)>|(?P<address>[^()\s]+))[^()]*\)")
_ID = re.compile(r"\{[^{}]*#(?P<id>[\w-]+)[^{}]*\}")
_NAMED = re.compile(r"(?<![\w.@\\])@\{?(?P<key>[A-Za-z](?:[\w:.-]*\w)?)")
_LABELLED = ("fig-", "tbl-", "sec-", "eq-", "quo-")
"""How the ids of cross-references begin; every other key is a citation."""


def check(
    root: Path, documents: Collection[Document], library: Library, findings: Findings
) -> None:
    """NC108: a link, a cross-reference or a citation that leads nowhere."""
    pages = _pages(root, findings)
    known = set(_ids(documents, pages))
    for document in documents:
        folder = PurePosixPath(document.file).parent.as_posix()
        for cell in document.cells:
            place = document.place(cell)
            text = _CODE.sub(" ", cell.source) if cell.kind == "markdown" else cell.caption
            _check_text(root, folder, text, known, library, place, findings)
    for name, page in pages.items():
        for place, row in _rows(name, page):
            _check_text(root, "notebooks", row, known, library, place, findings)
    for event in library.timeline.values():
        # The timeline leaves out a section that is not there, so that no link would tell.
        if event.section and event.section not in known:
            place = f"data/timeline.csv, id {event.id}"
            hint = nearest(event.section, known, "Name the id of a section.")
            findings.add("NC108", place, f"the section #{event.section} is nowhere", hint)


def _check_text(
    root: Path,
    folder: str,
    text: str,
    known: Collection[str],
    library: Library,
    place: str,
    findings: Findings,
) -> None:
    """Every link, cross-reference and citation of a text that stands in a file in `folder`."""
    for match in _LINK.finditer(text):
        _follow(root, folder, match["whole"] or match["address"], known, place, findings)
    for match in _NAMED.finditer(_LINK.sub("]", text)):
        key = label_of(match["key"])
        labelled = key.startswith(_LABELLED)
        there = known if labelled else library.sources.keys()
        if key not in there:
            what = "cross-reference" if labelled else "citation"
            hint = nearest(key, there, "Check the id after the @.")
            findings.add("NC108", place, f"the {what} @{key} leads nowhere", hint)


def _follow(
    root: Path, folder: str, address: str, known: Collection[str], place: str, findings: Findings
) -> None:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return
    path = unquote(parts.path)
    # From the root of the book with a slash, else from the chapter.
    start = "" if path.startswith("/") else folder
    file = root / posixpath.normpath(posixpath.join(start, path.lstrip("/")))
    if path and not file.exists():
        hint = nearest(file.name, [near.name for near in file.parent.glob("*")], "Check the path.")
        findings.add("NC108", place, f"the link to {path} leads nowhere", hint)
    elif parts.fragment and parts.fragment not in known:
        hint = nearest(parts.fragment, known, "Check the id after the #.")
        findings.add("NC108", place, f"the link to #{parts.fragment} leads nowhere", hint)


def _pages(root: Path, findings: Findings) -> dict[str, str]:
    """What the pages of evidence print, by the name of the function that lists it."""
    listing: dict[str, Callable[[Path], Markdown]] = {
        name: getattr(evidence, name) for name in evidence.__all__
    }
    found = {}
    for name, listed in listing.items():
        try:
            found[name] = listed(root).text
        except BookError as error:
            findings.extend(error.findings)
    return found


def _rows(name: str, page: str) -> Iterator[tuple[str, str]]:
    """The rows of a page of evidence, each with the place where a person finds it in `data/`."""
    starts = list(_ID.finditer(page))
    yield f"data/, printed by {name}", page[: starts[0].start()] if starts else page
    for start, end in zip_longest(starts, starts[1:]):
        row = page[start.end() : end.start() if end else None]
        yield f"data/, printed as #{start['id']}", row


def _ids(documents: Iterable[Document], pages: Mapping[str, str]) -> Iterator[str]:
    """Every id of the book: those that chapters give and those that pages of evidence print."""
    for document in documents:
        for cell in document.cells:
            yield from _given(cell)
    for page in pages.values():
        yield from (match["id"] for match in _ID.finditer(page))
    yield from (f"quo-{id}" for id in _quoted(documents))


def _given(cell: Cell) -> Iterator[str]:
    if cell.label:
        yield cell.label
    if cell.kind == "markdown":
        yield from (match["id"] for match in _ID.finditer(cell.source))


def _quoted(documents: Iterable[Document]) -> Iterator[str]:
    for document in documents:
        for cell in document.cells:
            if cell.kind == "code":
                yield from re.findall(r"""\bquote\(\s*["']([^"']+)["']""", cell.source)
