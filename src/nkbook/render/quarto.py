"""Drives the real Quarto on the same sources, where it is installed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nkbook.errors import BookError, Finding
from nkbook.render.checksums import seal, sha256
from nkbook.render.edition import Edition
from nkbook.render.engines import quarto_version
from nkbook.render.portable import programs_beside
from nkbook.render.progress import Progress
from nkbook.render.project import FORMATS, load_project
from nkbook.render.provenance import provenance


def build(root: Path, progress: Progress, *, formats: Sequence[str] = ()) -> Edition:
    """Run `quarto render` for the formats; raises `BookError` with what Quarto says."""
    project = load_project(root)
    formats = tuple(formats) or project.formats
    # Quarto writes into notebooks what they gave: the sources are what they were before.
    chapters = {entry.file: sha256(root / entry.file) for entry in project.entries}
    # The Python that runs this has the kernel and the programs of `pre-render`, activated or not.
    environment = {"QUARTO_PYTHON": sys.executable, **programs_beside()}
    names = [theirs for theirs, ours in FORMATS.items() if ours in formats]
    runs = [["--to", name] for name in names]
    # A run empties the output folder: those after the first leave what is there.
    runs[1:] = [[*run, "--no-clean"] for run in runs[1:]]
    for run in runs if len(names) < len(project.formats) else [[]]:
        with progress.stage(f"Quarto renders {run[1] if run else 'all'}"):
            done = subprocess.run(
                ["quarto", "render", ".", *run],
                cwd=root,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            said = done.stderr.strip().splitlines()
            # What is wrong stands before a trace of Quarto's own code.
            said = said[: said.index("Stack trace:")] if "Stack trace:" in said else said
            last = "\n".join(said[-12:])
            raise BookError(
                [Finding("quarto render", "NB901", last, "Run `quarto render` to see it all.")]
            )
    version = ".".join(map(str, quarto_version() or ()))
    record = provenance(project, project.output, "quarto", formats, version)
    replace(record, sources={**record.sources, **chapters}).write(project.output)
    seal(project.output)
    made = {form: project.output / project.main_file(form) for form in FORMATS.values()}
    return Edition(project.output, {form: file for form, file in made.items() if file.is_file()})
