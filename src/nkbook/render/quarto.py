"""Drives the real Quarto on the same sources, where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from nkbook.errors import BookError, Finding
from nkbook.render.portable import Edition
from nkbook.render.progress import Progress
from nkbook.render.project import FORMATS, load_project

MINIMUM = (1, 9)
"""Books in the format `typst` came with Quarto 1.9."""


def quarto_version() -> tuple[int, ...] | None:
    """The version of the Quarto on PATH; `None` where there is none that answers."""
    program = shutil.which("quarto")
    if not program:
        return None
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.match(r"(\d+(?:\.\d+)*)", done.stdout.strip())
    return tuple(map(int, match[1].split("."))) if match and not done.returncode else None


def build(root: Path, progress: Progress, *, formats: Sequence[str] = ()) -> Edition:
    """Run `quarto render` for the formats; raises `BookError` with what Quarto says."""
    project = load_project(root)
    formats = tuple(formats) or project.formats
    names = [theirs for theirs, ours in FORMATS.items() if ours in formats]
    # One run for all: each run empties the output folder.
    some = ["--to", ",".join(names)] if len(names) < len(project.formats) else []
    with progress.stage(f"Quarto renders {', '.join(names)}"):
        done = subprocess.run(
            ["quarto", "render", ".", *some],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-12:])
        raise BookError(
            [Finding("quarto render", "NB901", last, "Run `quarto render` to see it all.")]
        )
    made = {
        "html": project.output / "index.html",
        **{form: project.output / f"{project.output_file}.{form}" for form in ("epub", "pdf")},
    }
    return Edition(project.output, {form: file for form, file in made.items() if file.is_file()})
