"""Rules for links: what chapters point at is there, without running them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from nkbook import evidence
from nkbook.errors import BookError, Findings, nearest
from nkbook.evidence.markdown import Markdown
from nkbook.model import Library
from nkbook.render.chapter import label_of
from nkbook.render.document import Cell, Document

_CODE = re.compile(r"^(?P<fence>`{3,}).*?^(?P=fence)|`[^`]*`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?P<address>[^()\s]+)[^()]*\)")
_ID = re.compile(r"\{[^{}]*#(?P<id>[\w-]+)[^{}]*\}")
_NAMED = re.compile(r"(?<![\w.@\\])@\{?(?P<key>[A-Za-z](?:[\w:.-]*\w)?)")
_LABELLED = ("fig-", "tbl-", "sec-", "eq-", "quo-")
"""How the ids of cross-references begin; every other key is a citation."""


def check(
    root: Path, documents: Collection[Document], library: Library, findings: Findings
) -> None:
    """NC108: a link, a cross-reference or a citation that leads nowhere."""
    known = set(_ids(root, documents, findings))
    keys = set(library.sources)
    for document in documents:
        for cell in document.cells:
            place = document.place(cell)
            text = _CODE.sub(" ", cell.source) if cell.kind == "markdown" else cell.caption
            for match in _LINK.finditer(text):
                _follow(root, document, match["address"], known, place, findings)
            for match in _NAMED.finditer(_LINK.sub("]", text)):
                key = label_of(match["key"])
                labelled = key.startswith(_LABELLED)
                if key not in (known if labelled else keys):
                    what = "cross-reference" if labelled else "citation"
                    hint = nearest(key, known if labelled else keys, "Check the id after the @.")
                    findings.add("NC108", place, f"the {what} @{key} leads nowhere", hint)


def _follow(
    root: Path,
    document: Document,
    address: str,
    known: Collection[str],
    place: str,
    findings: Findings,
) -> None:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return
    path = unquote(parts.path)
    # From the root of the book with a slash, else from the chapter.
    folder = "" if path.startswith("/") else posixpath.dirname(document.file)
    file = root / posixpath.normpath(posixpath.join(folder, path.lstrip("/")))
    if path and not file.exists():
        hint = nearest(file.name, [near.name for near in file.parent.glob("*")], "Check the path.")
        findings.add("NC108", place, f"the link to {path} leads nowhere", hint)
    elif parts.fragment and parts.fragment not in known:
        hint = nearest(parts.fragment, known, "Check the id after the #.")
        findings.add("NC108", place, f"the link to #{parts.fragment} leads nowhere", hint)


def _ids(root: Path, documents: Iterable[Document], findings: Findings) -> Iterator[str]:
    """Every id of the book: those that chapters give and those that pages of evidence print."""
    for document in documents:
        for cell in document.cells:
            yield from _given(cell)
    listing: list[Callable[[Path], Markdown]] = [
        getattr(evidence, name) for name in evidence.__all__
    ]
    for listed in listing:
        try:
            yield from (match["id"] for match in _ID.finditer(listed(root).text))
        except BookError as error:
            findings.extend(error.findings)
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
