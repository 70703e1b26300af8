"""Builds an edition again from its sources, far from where it was made, and compares every byte.

What must not matter is made different: the folder, the time zone, the language, the order of
Python's sets, the number of chapters that run at once. Nothing is taken from a cache.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from nkbook.clock import edition_date
from nkbook.errors import BookError, Finding, parse_findings
from nkbook.paths import CONFIG
from nkbook.render.checksums import files_of, sha256
from nkbook.render.compare import compare_files, compare_folders
from nkbook.render.engines import quarto_version
from nkbook.render.progress import Progress
from nkbook.render.project import load_project
from nkbook.render.proof import read_provenance
from nkbook.render.provenance import PROVENANCE, Provenance, code_digest, tools
from nkbook.render.sources import clean_sources

_ELSEWHERE = {
    # The far side of the date line, in words that need no database of time zones.
    "TZ": "<+14>-14",
    # There an I is no capital i. Where it is not installed, programs fall back to plain ASCII.
    "LC_ALL": "tr_TR.UTF-8",
    "PYTHONHASHSEED": "4021",
}
_PATIENCE = 30
"""Seconds that an interrupted build has to end its kernels."""


def rebuild_edition(edition: Path, root: Path, progress: Progress) -> str:
    """Prove that an edition, a folder or a zip, is made of the sources of the project at `root`.

    Returns what was proven, in words; raises `BookError` with every difference.
    """
    record = read_provenance(edition)
    if record.kept:
        kept = ", ".join(record.kept)
        message = f"the edition was not built at once: {kept} is of an earlier build"
        hint = "Build all formats together (nkbook build), then verify."
        raise BookError([Finding(PROVENANCE, "NV204", message, hint)])
    with clean_sources(root, record.commit) as sources:
        _require_same_sources(record, sources)
        if findings := _other_tools(record):
            progress.say("Other versions than those of the edition are at work: it may differ.")
        _build(record, sources, progress, findings)
        again = load_project(sources).output
        with progress.stage("Comparing every byte"):
            if edition.is_dir():
                findings += compare_folders(edition, again)
            elif (again / edition.name).is_file():
                findings += compare_files(edition, again / edition.name, edition.name)
            else:
                message = "is no file of the edition that these sources give"
                findings.append(Finding(edition.name, "NV212", message, "Was it renamed?"))
        count = len(files_of(again)) if edition.is_dir() else 1
    if findings:
        raise BookError(findings)
    same = "1 file came out" if count == 1 else f"all {count:,} files came out"
    return f"Built again from its sources, in another place: {same} the same, byte for byte."


def _other_tools(record: Provenance) -> list[Finding]:
    """A finding for each program that has another version here than the one of the edition."""
    here = tools()
    if record.engine == "quarto":
        here["quarto"] = ".".join(map(str, quarto_version() or ()))
    hint = "Install the versions of the edition: others cannot be expected to give the same bytes."
    findings = [
        Finding(
            name,
            "NV205",
            f"made the edition in version {theirs}; here is {here.get(name) or 'none'}",
            hint,
        )
        for name, theirs in sorted(record.tools.items())
        if here.get(name) != theirs
    ]
    if record.code != code_digest():
        message = "made the edition with other code than is installed here"
        where = f": git switch --detach {record.commit[:10]}" if record.commit else ""
        findings.append(Finding("nkbook", "NV205", message, f"Go to the edition's sources{where}"))
    return findings


def _require_same_sources(record: Provenance, sources: Path) -> None:
    """Refuse at once what cannot agree; sources that a build writes first cannot be looked at."""
    findings = [
        Finding(
            name,
            "NV203",
            "is not what the edition was built from",
            "The edition had changes that are not in its commit: build it again, and verify.",
        )
        for name, digest in sorted(record.sources.items())
        if (file := sources / name).is_file() and sha256(file) != digest
    ]
    if (date := edition_date(sources)) != record.date:
        message = f"are dated {date.isoformat()}, and the edition {record.date.isoformat()}"
        own = f"SOURCE_DATE_EPOCH={record.date.timestamp():.0f}"
        hint = f"If it was built with a date of its own, give it again: {own}"
        findings.append(Finding("sources", "NV203", message, hint))
    if findings:
        raise BookError(findings)


def _build(record: Provenance, sources: Path, progress: Progress, findings: list[Finding]) -> None:
    command = [sys.executable, "-m", "nkbook", "--project", str(sources), "build"]
    command += ["--engine", record.engine, "--format", ",".join(record.formats)]
    command += ["--jobs", str((os.cpu_count() or 1) + 1)]
    said = []
    with (
        progress.stage("Building the edition again") as stage,
        subprocess.Popen(
            command,
            env={**os.environ, **_ELSEWHERE},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            # Ctrl-C comes here first, and from here once: a build that hears it twice leaves much.
            start_new_session=True,
        ) as build,
    ):
        assert build.stderr is not None
        try:
            for line in build.stderr:
                said.append(line)
                stage.step(" ".join(line.split()))
        except BaseException:
            _interrupt(build)
            raise
    if build.returncode:
        text = "".join(said)
        hint = "Build the sources of the edition in a new clone to see more."
        failed = Finding(CONFIG, "NV206", f"the build failed: {text.strip()}", hint)
        raise BookError([*findings, *(parse_findings(text) or [failed])])


def _interrupt(build: subprocess.Popen[str]) -> None:
    build.send_signal(signal.SIGINT)
    try:
        build.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        build.kill()
