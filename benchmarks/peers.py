"""Other programs on the same synthetic book: Quarto and Jupyter Book, where they are on PATH.

Where one is not, `recorded.json` has what a machine took that had it, and our time there: what is
compared are ratios. Jupyter Book knows neither Quarto's references nor this book's shortcodes; it
runs the same cells and sets the same words, as a website only.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.runs import run
from benchmarks.subjects import Subject
from nkbook.render.portable import programs_beside

RECORDED = Path(__file__).with_name("recorded.json")

FIRST, UNCHANGED, TEXT = "first", "unchanged", "text"
"""Builds that are compared: of a new copy, again, and after a change in one chapter's text."""

Times = Mapping[str, float]
"""Seconds by build."""


def quarto(subject: Subject, folder: Path, builds: Collection[str]) -> Times:
    """Quarto's time, with `freeze: auto`, which spares later builds what did not change."""
    copy = _copied(subject, folder)
    config = copy.root / "_quarto.yml"
    settings = config.read_text(encoding="utf-8")
    config.write_text(settings.replace("execute:\n", "execute:\n  freeze: auto\n", 1), "utf-8")
    forms = [{"pdf": "typst"}.get(form, form) for form in subject.formats]
    commands = [["quarto", "render", "--to", form] for form in forms]
    # The first run empties the output folder; the next ones leave what is there.
    commands[1:] = [[*command, "--no-clean"] for command in commands[1:]]
    environment = {"QUARTO_PYTHON": sys.executable, "PATH": programs_beside()["PATH"]}

    def render() -> float:
        return sum(run(line, copy.root, **environment)[0].seconds for line in commands)

    return _built(copy, builds, render)


def jupyter_book(subject: Subject, folder: Path, builds: Collection[str]) -> Times:
    """Jupyter Book's time for the website, with its cache of executed notebooks."""
    copy = _copied(subject, folder)

    command = ["jupyter-book", "build", "."]
    return _built(copy, builds, lambda: run(command, copy.root)[0].seconds)


def _built(copy: Subject, builds: Collection[str], render: Callable[[], float]) -> Times:
    """What each of these builds of a copy takes."""
    times = {}
    for build in (FIRST, UNCHANGED, TEXT):
        if build in builds:
            if build == TEXT:
                copy.change_text()
            times[build] = round(render(), 2)
    return times


PROGRAMS = {"Quarto": ("quarto", quarto), "Jupyter Book": ("jupyter-book", jupyter_book)}


def compare(
    measured: Sequence[tuple[Subject, Times]], folder: Path, machine: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """For each program what it takes, and what we take, for these books.

    `machine` describes the machine and the date. What is measured now is kept for machines that
    have no such program, and those get what was kept.
    """
    kept = json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.is_file() else {}
    for name, (program, measure) in PROGRAMS.items():
        if measured and shutil.which(program):
            print(f"{name}, beside us ...", flush=True)
            books = [
                {"book": subject.title, "theirs": measure(subject, folder, ours), "ours": ours}
                for subject, ours in measured
                if name == "Quarto" or subject.formats == ("html",)
            ]
            kept[name] = {**machine, "version": _version(program), "books": books}
            RECORDED.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
            yield name, {**kept[name], "recorded": False}
        elif name in kept:
            yield name, {**kept[name], "recorded": True}


def _copied(subject: Subject, folder: Path) -> Subject:
    """The book as it was before anyone built it."""
    target = folder / f"peer-{subject.root.name}"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(subject.root, target, ignore=shutil.ignore_patterns("_site", "_cache"))
    return replace(subject, root=target)


def _version(program: str) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\d+(?:\.\w+)+", said.stdout)
    return found[0] if found else ""
