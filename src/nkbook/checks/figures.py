"""Rules for `figures/`: it holds what chapters and data say now. Seen without running anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nkbook.data.provenance import KINDS, state
from nkbook.errors import Findings
from nkbook.model import Library
from nkbook.paths import Paths
from nkbook.render.document import Cell, Document
from nkbook.render.figures import COMMITTED, checksum, read_provenance

_SHOWN = re.compile(r"(?<![\w.])show\(")
"""What ends the cell of a figure that has files."""


def check(
    root: Path, documents: Iterable[Document], library: Library | None, findings: Findings
) -> None:
    """NC501: a file changed by hand. NC502: other data. NC503: another cell. NC504: no such files.

    NC502 is left out without a library.
    """
    folder = Paths(root).figures
    written = read_provenance(folder)
    cells = {cell.label: (document, cell) for document in documents for cell in document.figures}
    for id, provenance in written.items():
        if id not in cells:
            message = "no chapter draws this figure"
            hint = "Run `nkbook figures`, which removes its files, and commit that."
            findings.add("NC504", f"figures/{id}.svg", message, hint)
            continue
        _changed_files(folder, id, provenance, findings)
        if library is not None:
            _changed_data(id, provenance, library, findings)
        _changed_cell(id, provenance, *cells[id], findings)
    for id, (document, cell) in cells.items():
        if id in written or _SHOWN.search(cell.source):
            _missing_files(folder, id, id in written, document.place(cell), findings)


def _again(id: str) -> str:
    return f"Run `nkbook figures {id}`, look at the picture, and commit its files."


def _changed_files(
    folder: Path, id: str, provenance: Mapping[str, Any], findings: Findings
) -> None:
    """NC501: a picture or plotted data with another checksum than its provenance has."""
    for kind, known in _mapping(provenance["sha256"]).items():
        file = folder / f"{id}.{kind}"
        if file.is_file() and checksum(file.read_bytes()) != known:
            message = "was changed by hand: it is not what was drawn"
            hint = f"Change the chapter or the data instead. {_again(id)}"
            findings.add("NC501", f"figures/{file.name}", message, hint)


def _changed_data(
    id: str, provenance: Mapping[str, Any], library: Library, findings: Findings
) -> None:
    """NC502: a series, a number or a place that is not what it was when the figure was drawn."""
    for kind, states in _mapping(provenance.get("drawn_from")).items():
        for name, then in _mapping(states).items():
            now = state(library, kind, name) if kind in KINDS else then
            if now == then:
                continue
            message = f"the {_WORDS[kind]} “{name}” changed since {id} was drawn"
            if not now:
                message = f"data/ has no “{name}” any more, from which {id} was drawn"
            elif kind != "series":
                message += f": it was {then} and is {now}"
            findings.add("NC502", f"figures/{id}.svg", message, _again(id))


_WORDS = dict(zip(KINDS, ("series", "statistic", "place"), strict=True))


def _changed_cell(
    id: str,
    provenance: Mapping[str, Any],
    document: Document,
    cell: Cell,
    findings: Findings,
) -> None:
    """NC503: a cell with other code or other words than those of the figure's provenance."""
    now = (
        ("chapter", "chapter", document.file),
        ("caption", "caption", cell.caption),
        ("alt", "alt text", cell.alt),
        ("code", "code", cell.source),
    )
    words = [word for field, word, said in now if provenance.get(field) != said]
    if words:
        message = f"{' and '.join(words)} changed since {id} was drawn"
        findings.add("NC503", document.place(cell), message, _again(id))


def _missing_files(folder: Path, id: str, known: bool, place: str, findings: Findings) -> None:
    """NC504: a figure of a chapter without its files, or without one of them."""
    missing = [suffix for suffix in COMMITTED if not (folder / f"{id}{suffix}").is_file()]
    if missing:
        names = ", ".join(f"figures/{id}{suffix}" for suffix in missing)
        findings.add("NC504", place, f"there is no {names}", _again(id))
    elif not known:
        message = f"figures/{id}.json is no provenance that can be read"
        findings.add("NC504", place, message, _again(id))


def _mapping(value: Any) -> Mapping[str, Any]:
    """A part of provenance that is a mapping, unless somebody made it something else."""
    return value if isinstance(value, dict) else {}
