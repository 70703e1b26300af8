"""House rules of the book, one module for each family; each rule a code, a sentence and a hint."""

from __future__ import annotations

from pathlib import Path

from nkbook.checks import (
    changes,
    evidence,
    figures,
    links,
    package,
    prose,
    shape,
    terms,
    ties,
    usage,
)
from nkbook.checks.ties import Untied
from nkbook.data import load_library
from nkbook.errors import BookError, Findings
from nkbook.evidence.usage import PAGES
from nkbook.model import Library
from nkbook.render.document import Document, load_documents
from nkbook.render.project import load_project
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
    entries = {entry.file: entry for entry in project.entries}
    documents = load_documents(project, findings)
    for document in documents:
        _check_document(document, entries[document.file].kind, library, findings)
    figures.check(root, documents, library, findings)
    if library is not None:
        usage.check(root, library, findings)
        links.check(root, documents, library, findings)
        aliases = {
            path
            for document in documents
            for path in old_addresses(document.front, entries[document.file].href)
        }
        changes.check(root, library, aliases, findings)
        package.check(root, findings)
    return findings


def list_untied(root: Path) -> list[Untied]:
    """The sentences with words of direction or rank that nothing ties to the data, by chapter.

    Raises `BookError` where the data or a chapter cannot be read.
    """
    library, findings = load_library(root), Findings()
    found = [
        untied
        for document in load_documents(load_project(root), findings)
        if Path(document.file).stem not in PAGES
        for untied in ties.find_untied(document, library)
    ]
    findings.raise_any()
    return found


def _check_document(
    document: Document, kind: str, library: Library | None, findings: Findings
) -> None:
    prose.check(document, findings)
    if kind == "chapter" and shape.is_chapter(document):
        shape.check(document, findings)
    if library is not None:
        evidence.check(document, library, findings)
        ties.check(document, library, findings)
        if Path(document.file).stem not in PAGES:
            terms.check(document, library.glossary.values(), findings)
