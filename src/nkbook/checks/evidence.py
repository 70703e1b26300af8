"""Rules for what chapters name: every statistic, quotation and series must be in `data/`."""

from __future__ import annotations

import re

from nkbook.errors import Findings, nearest
from nkbook.model import Library
from nkbook.render.document import Document

_VARIABLE = re.compile(r"\{\{<\s*var\s+stat\.([\w-]+)\s*>\}\}")
_PIECES = re.compile(r"""\b(statistic|quote|series)\(\s*f["']""")
_CALL = re.compile(r"""\b(statistic|quote|series)\(\s*["']([^"']+)["']""")


def check(document: Document, library: Library, findings: Findings) -> None:
    """NC103: an id in a chapter that `data/` does not have, or that nobody has verified.

    A quotation that was withdrawn may still be named: it prints nothing.

    NC107: an id put together from pieces, which no search for it finds.
    """
    verified = {id for id, statistic in library.statistics.items() if statistic.verified}
    known = {
        "statistic": verified,
        "quote": {*library.testimonies, *library.withdrawn},
        "series": library.series,
    }
    for cell in document.cells:
        named = [("statistic", id) for id in _VARIABLE.findall(cell.source)]
        if cell.kind == "code":
            named += _CALL.findall(cell.source)
            for kind in _PIECES.findall(cell.source):
                message = f"the id of a {kind} is put together from pieces"
                hint = "Write every id in full, so that a search finds where it is used."
                findings.add("NC107", document.place(cell), message, hint)
        for kind, id in named:
            if id not in known[kind]:
                hint = nearest(id, known[kind], "Add it to data/, or verify it.")
                message = f"data/ has no {kind} “{id}” that may be printed"
                findings.add("NC103", document.place(cell), message, hint)
