"""The check of both engines: with the Quarto on PATH, or with what one made before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from nkbook.errors import Finding, Findings
from nkbook.parity.comparison import Disagreement, Known, compare, split_known
from nkbook.parity.engines import portable_structures, quarto_structures
from nkbook.parity.known import KNOWN
from nkbook.parity.recordings import Small, small_projects
from nkbook.parity.structure import Structure
from nkbook.render.engines import MINIMUM, quarto_version
from nkbook.render.progress import Progress

_HINT = "Mend the portable engine, or say in src/nkbook/parity/known.py why it stays."


def check_engines(root: Path, progress: Progress) -> Findings:
    """NP101 for each disagreement of the engines, NP102 for each known one that is gone.

    With a new enough Quarto on PATH both build the book and its small projects; else the portable
    engine's small projects are compared with what Quarto made of them (NP103 where that is
    missing). Raises `BookError` where a project cannot be built.
    """
    small = small_projects(root)
    version = quarto_version() or ()
    shown = ".".join(map(str, version))
    findings = Findings()
    met: set[Known] = set()
    if version >= MINIMUM:
        progress.say(f"Quarto {shown} and the portable engine build the book and small projects.")
        for one in small:
            met |= _tell(one.name, disagreements_now(one.project, progress), findings)
        _tell("the book", disagreements_now(root, progress), findings)
    else:
        why = f"Quarto {shown} is too old" if version else "Quarto is not installed"
        made = ", ".join(sorted({f"Quarto {one.recorded()[0]}" for one in small})) or "nothing"
        progress.say(f"{why}: the portable engine's small projects are compared with {made}.")
        if not small:
            hint = "Install Quarto from conda-forge (environment.yml)."
            findings.add("NP103", "tests/parity", "there is nothing to compare with", hint)
        for one in small:
            met |= _tell(one.name, disagreements_recorded(one, progress), findings)
    if small:
        for known in KNOWN:
            if known not in met:
                message = f"no small project meets this any more: {known.reason}"
                hint = "Take the row away, or write a project that meets it."
                findings.add("NP102", f"src/nkbook/parity/known.py, {known.kind}", message, hint)
    return findings


def disagreements_now(root: Path, progress: Progress) -> list[Disagreement]:
    """Where both engines disagree about a project, built by both."""
    return _compared(root, progress, lambda: quarto_structures(root, progress))


def disagreements_recorded(small: Small, progress: Progress) -> list[Disagreement]:
    """Where the portable engine disagrees with what Quarto made of a small project."""
    return _compared(small.project, progress, lambda: small.recorded()[1])


def _compared(
    root: Path, progress: Progress, theirs: Callable[[], Mapping[str, Structure]]
) -> list[Disagreement]:
    quarto, portable = theirs(), portable_structures(root, progress)
    return [one for form in sorted(quarto) for one in compare(form, quarto[form], portable[form])]


def _tell(name: str, found: list[Disagreement], findings: Findings) -> set[Known]:
    left, met = split_known(found, KNOWN)
    findings.extend(
        Finding(f"{name}, {one.form}, “{one.chapter}”", "NP101", str(one), _HINT) for one in left
    )
    return met
