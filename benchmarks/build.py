"""How long builds take, and what grows: this book, and synthetic ones of up to 1,024 chapters.

    make bench      or      .venv/bin/python -m benchmarks.build [--books real,16,64] [--whole]

Builds each book for the first time, again with nothing changed, after a change in one chapter's
text and, for this book, in one row of its data; then once more from nothing with one job, and
compares every byte. Takes the time from a saved chapter to its fresh page in `nkbook serve`. Says
what of this book's first build nobody could avoid, and what Quarto and Jupyter Book take for the
same chapters.

Writes `results.json` and `results.svg` here, and their tables into README.md and benchmarks/
README.md, where the usual books were among those built. Ends with 1 where a bar is missed. Wants
a machine that does nothing else, and about half an hour of two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.page import fresh_page
from benchmarks.peers import FIRST, TEXT, UNCHANGED, compare
from benchmarks.runs import Run, build, run
from benchmarks.subjects import ROOT, Subject, real_book, synthetic_books
from nkbook.render import pandoc
from nkbook.render.checksums import CHECKSUMS, parse_checksums
from nkbook.render.project import load_project

USUAL = ("real", "16", "64", "256", "1024")
BESIDE = 16
"""Chapters of the book that other programs build, too."""

PAGE = "page"
"""From a saved chapter to its fresh page, while an author looks at it."""
DATA, SERIAL = "data", "serial"
"""Builds after a change in a row of the data, and from nothing with one job."""


def measure(subject: Subject) -> dict[str, Any]:
    """Every build of one book, and whether editions of the same sources are the same bytes."""
    runs: dict[str, Run] = {}

    def take(name: str, jobs: int = 0) -> Mapping[str, str]:
        print(f"{subject.title}: {name} ...", end=" ", flush=True)
        taken = runs[name] = build(subject.root, subject.formats, jobs)
        memory = taken.memory / 1e6
        print(f"{taken.seconds:.1f} s, {taken.cpu:.1f} s of processors, {memory:.0f} MB")
        return parse_checksums((load_project(subject.root).output / CHECKSUMS).read_bytes())

    first, again = take(FIRST), take(UNCHANGED)
    if subject.formats == ("html",) or subject.series:
        runs[PAGE] = Run(fresh_page(subject), 0)
        print(f"{subject.title}: {PAGE} ... {runs[PAGE].seconds:.1f} s")
    subject.change_text()
    last = take(TEXT)
    if subject.series:
        subject.change_data()
        last = take(DATA)
    different = _differences(first, again)
    if len(subject.formats) > 1:
        project = load_project(subject.root)
        for made in (project.root / "_cache", project.output):
            shutil.rmtree(made)
        different += _differences(last, take(SERIAL, jobs=1))
    return {
        "name": subject.name,
        "title": subject.title,
        "chapters": subject.chapters,
        "formats": list(subject.formats),
        "runs": {name: asdict(taken) for name, taken in runs.items()},
        "different": sorted(set(different)),
    }


def _differences(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)]


def machine() -> dict[str, Any]:
    """What the numbers depend on, and when they were taken."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "cpu": next(iter(names), platform.processor()),
        "memory": round(memory / 2**30),
        "system": platform.system(),
    }


def versions() -> dict[str, str]:
    """What was measured, and the programs at work in it."""
    git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return {
        "commit": subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip(),
        "python": platform.python_version(),
        "pandoc": pandoc.version(),
        **{name: version(name) for name in ("typst", "nbclient", "ipykernel", "matplotlib")},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    usual = ",".join(USUAL)
    parser.add_argument(
        "--books", default=usual, help=f"“real” and numbers of chapters (default: {usual})"
    )
    parser.add_argument("--whole", action="store_true", help="let Quarto build this book once")
    options = parser.parse_args(arguments)
    names = options.books.split(",")
    here = machine()
    books: list[dict[str, Any]] = []
    beside = []
    results: dict[str, Any] = {"machine": here, "versions": versions(), "books": books}
    with tempfile.TemporaryDirectory(prefix="nkbook-bench-", ignore_cleanup_errors=True) as home:
        folder = Path(home)
        for name in names:
            real = name == "real"
            for subject in [real_book(folder)] if real else synthetic_books(folder, int(name)):
                books.append(measure(subject))
                if subject.chapters == BESIDE or (real and options.whole):
                    taken = books[-1]["runs"]
                    builds = (FIRST,) if real else (FIRST, UNCHANGED, TEXT)
                    times = {build: taken[build]["seconds"] for build in builds}
                    beside.append((subject, times))
                if real:
                    print("What nobody could avoid of it ...", flush=True)
                    floor = [sys.executable, "-m", "benchmarks.floor", str(subject.root)]
                    results["floor"] = json.loads(run(floor, ROOT)[1])
        results["peers"] = dict(compare(beside, folder, here))
    print()
    print(report.tables(results))
    missed = report.missed(results)
    print(*missed, sep="\n")
    if set(USUAL) <= set(names):
        report.write(results)
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
