"""The audit of the page that the book answers: its sections, and its claims with a verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from nkbook.data import load_library
from nkbook.data.exports import fill_variables
from nkbook.evidence.markdown import (
    Markdown,
    capital,
    document,
    grouped,
    heading,
    name_sources,
    plain,
    row_heading,
    source_links,
)
from nkbook.evidence.usage import read_sections
from nkbook.model import Claim, Library
from nkbook.paths import find_root

VERDICTS = {
    "holds": "supported by the best evidence now",
    "holds, dated": "was right for its time; things have changed since",
    "outdated": "was fair once, and no longer describes the present",
    "contested": "careful sources disagree",
    "needs correction": "the evidence says something else",
    "one account": "rests on what one person said",
    "not traced": "no source was found",
}
"""What each verdict means."""


def count_verdicts(root: Path | None = None) -> Markdown:
    """A table of the verdicts, what they mean, and how many claims received each."""
    counts = Counter(claim.verdict for claim in load_library(root or find_root()).audit.values())
    rows = [
        f"| {capital(verdict)} | {capital(meaning)} | {counts[verdict]} |"
        for verdict, meaning in VERDICTS.items()
    ]
    caption = ": What the verdicts mean, and how many claims received each {#tbl-audit-verdicts}"
    return document(
        ["\n".join(["| Verdict | Meaning | Claims |", "|:--|:--|--:|", *rows]), caption]
    )


def list_coverage(root: Path | None = None) -> Markdown:
    """A table of the page's sections, and where this book answers each."""
    root = root or find_root()
    sections = read_sections(root)
    rows = []
    for passage in load_library(root).coverage.values():
        name = plain(passage.section)
        if passage.parent:
            name = f"{plain(passage.parent)}: {name}"
        section = sections.get(passage.anchor)
        title = section.title if section else passage.chapter
        rows.append(f"| {name} | [{title}](#{passage.anchor}) | {plain(passage.note)} |")
    lines = ["| On the page | In this book | Note |", "|:----|:----|:---|", *rows]
    caption = ": Where this book answers each section of the page {#tbl-audit-coverage}"
    return document(["\n".join(lines), caption])


def list_claims(root: Path | None = None) -> Markdown:
    """Every claim of the page in its order: where it comes from, what holds now, the verdict."""
    root = root or find_root()
    library = load_library(root)
    names = name_sources(library.sources)
    titles = {passage.id: plain(passage.section) for passage in library.coverage.values()}
    parts: list[str] = []
    for id, title, claims in grouped(library.audit.values(), titles, lambda claim: claim.section):
        parts.append(heading("audit", id, title, level=3))
        for claim in claims:
            parts += _claim(claim, library, names)
    return document(parts)


def _claim(claim: Claim, library: Library, names: Mapping[str, str]) -> list[str]:
    numbers = ", ".join(
        f"[{capital(plain(library.statistics[id].label))}](#stat-{id})"
        for id in claim.statistics
        # What the evidence prints is linked there.
        if library.statistics[id].verified and f"stat.{id} " not in claim.evidence
    )
    verdict = capital(claim.verdict)
    known = "Source" if len(claim.sources) == 1 else "Sources"
    sources = source_links(claim.sources, names)
    details = (
        f"Where it comes from: {plain(claim.origin)}" if claim.origin else "",
        f"Numbers: {numbers}." if numbers else "",
        f"{known}: {sources}." if sources else "",
    )
    return [
        row_heading(f"claim-{claim.id}", capital(plain(claim.claim)), level=4, verdict=verdict),
        f"**{verdict}.** {fill_variables(claim.evidence, library)}",
        " ".join(filter(None, details)),
    ]
