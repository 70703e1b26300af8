"""House rules of the book, one module for each family; each rule a code, a sentence and a hint."""

from __future__ import annotations

from pathlib import Path

from nkbook.checks import changes, evidence, package, prose, shape, terms, ties, usage
from nkbook.checks.ties import Untied
from nkbook.data import load_library, load_withdrawn
from nkbook.errors import BookError, Findings
from nkbook.evidence.usage import PAGES
from nkbook.model import Library
from nkbook.render.document import Document, load_document
from nkbook.render.project import Entry, load_project
from nkbook.render.site.aliases import old_addresses

__all__ = ["list_untied", "run_checks"]


def run_checks(root: Path) -> Findings:
    """Every finding about data and chapters; raises `BookError` where a file cannot be read."""
    project = load_project(root)
    findings = Findings()
    library = None
    try:
        library = load_library(root)
    except BookError as error:
        findings.extend(error.findings)
    aliases: set[str] = set()
    for entry in project.entries:
        if document := load_document(root, entry.file, findings):
            _check_document(root, entry, document, library, findings)
            aliases |= set(old_addresses(document.front, entry.href))
    if library is not None:
        usage.check(root, library, findings)
        changes.check(root, library, aliases, findings)
        package.check(root, findings)
    return findings


def list_untied(root: Path) -> list[Untied]:
    """The sentences with words of direction or rank that nothing ties to the data, by chapter.

    Raises `BookError` where the data or a chapter cannot be read.
    """
    library, findings = load_library(root), Findings()
    found: list[Untied] = []
    for entry in load_project(root).entries:
        document = load_document(root, entry.file, findings)
        if document is not None and Path(entry.file).stem not in PAGES:
            found += ties.find_untied(document, library)
    findings.raise_any()
    return found


def _check_document(
    root: Path, entry: Entry, document: Document, library: Library | None, findings: Findings
) -> None:
    prose.check(document, findings)
    if entry.kind == "chapter" and shape.is_chapter(document):
        shape.check(document, findings)
    if library is not None:
        evidence.check(document, library, load_withdrawn(root), findings)
        ties.check(document, library, findings)
        if Path(entry.file).stem not in PAGES:
            terms.check(document, library.glossary.values(), findings)
