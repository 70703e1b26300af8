"""House rules of the book, one module for each family; each rule a code, a sentence and a hint."""

from __future__ import annotations

from pathlib import Path

from nkbook.checks import evidence, figures, prose, shape, terms, usage
from nkbook.data import load_library, load_withdrawn
from nkbook.errors import BookError, Findings
from nkbook.evidence.usage import PAGES
from nkbook.model import Library
from nkbook.render.document import Document, load_documents
from nkbook.render.project import load_project

__all__ = ["run_checks"]


def run_checks(root: Path) -> Findings:
    """Every finding about data and chapters; raises `BookError` where a file cannot be read."""
    project = load_project(root)
    findings = Findings()
    library = None
    try:
        library = load_library(root)
    except BookError as error:
        findings.extend(error.findings)
    kinds = {entry.file: entry.kind for entry in project.entries}
    documents = load_documents(project, findings)
    for document in documents:
        _check_document(root, document, kinds[document.file], library, findings)
    figures.check(root, documents, library, findings)
    if library is not None:
        usage.check(root, library, findings)
    return findings


def _check_document(
    root: Path, document: Document, kind: str, library: Library | None, findings: Findings
) -> None:
    prose.check(document, findings)
    if kind == "chapter" and shape.is_chapter(document):
        shape.check(document, findings)
    if library is not None:
        evidence.check(document, library, load_withdrawn(root), findings)
        if Path(document.file).stem not in PAGES:
            terms.check(document, library.glossary.values(), findings)
