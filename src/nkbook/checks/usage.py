"""Rules for `data/`: it holds what the book uses, and answers the whole of the source page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nkbook.data.expressions import read
from nkbook.errors import Findings, nearest
from nkbook.evidence.usage import Chapter, read_sections, read_users
from nkbook.model import Library

_HINT = "Use it in a chapter, or take its row out."


def check(root: Path, library: Library, findings: Findings) -> None:
    """NC301 to NC305: rows that nothing uses. NC401 and NC402: gaps in the audit."""
    users = read_users(root, library)
    _unused(users, library, findings)
    _unanswered(root, library, findings)


def _unused(users: Iterable[Chapter], library: Library, findings: Findings) -> None:
    named = frozenset[str]().union(*(user.names for user in users))
    printed = _with_inputs(named.union(*(user.variables for user in users)), library)
    cited = frozenset[str]().union(*(user.citations for user in users)) | named
    linked = frozenset[str]().union(*(user.terms for user in users))
    counted = {
        id
        for item in library.statistics.values()
        if item.expression and item.id in printed
        for id in read(item.expression).series
    }
    series = {id: item for id, item in library.series.items() if id in named | counted}
    sources = {key for item in library.statistics.values() for key in item.sources}
    sources |= {item.source for item in library.testimonies.values()}
    sources |= {item.source for item in library.places.values()}
    sources |= {row.source for item in series.values() for row in item.rows}
    rows = (
        ("NC301", "statistics.csv", "statistic", library.statistics, printed),
        ("NC302", "sources.csv", "source", library.sources, cited | sources),
        ("NC303", "testimonies.csv", "testimony", library.testimonies, named),
        ("NC304", "series", "series", library.series, set(series)),
        ("NC305", "glossary.csv", "term", library.glossary, linked),
    )
    for code, file, kind, records, used in rows:
        for id in records:
            if id not in used:
                findings.add(code, f"data/{file}", f"no chapter uses the {kind} “{id}”", _HINT)


def _with_inputs(ids: frozenset[str], library: Library) -> set[str]:
    """The ids, the rows with the earlier values that theirs replaced, and what they follow from."""
    found, waiting = set[str](), list(ids)
    while waiting:
        if (id := waiting.pop()) and id not in found:
            found.add(id)
            if id in library.statistics:
                item = library.statistics[id]
                waiting.append(item.older)
                waiting += read(item.expression).statistics if item.expression else ()
    return found


def _unanswered(root: Path, library: Library, findings: Findings) -> None:
    """NC401: a section of the page without a target. NC402: a number of it without a verdict."""
    sections = read_sections(root)
    for passage in library.coverage.values():
        if passage.anchor not in sections:
            findings.add(
                "NC401",
                "data/coverage.csv",
                f"“{passage.section}” points to “{passage.anchor}”, which no chapter has",
                nearest(passage.anchor, sections, "Name the id of a section."),
            )
    judged = {key for claim in library.audit.values() for key in claim.statistics}
    for statistic in library.statistics.values():
        if statistic.status == "source page" and statistic.id not in judged:
            findings.add(
                "NC402",
                "data/audit.csv",
                f"no claim names “{statistic.id}”, a number of the source page",
                "Give it a verdict.",
            )
