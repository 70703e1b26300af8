"""Chooses the engine: Quarto where a new enough one is installed, else the portable one."""

from __future__ import annotations

import re
import shutil
import subprocess

from nkbook.errors import BookError, Finding

ENGINES = ("auto", "portable", "quarto")


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


def choose_engine(wanted: str) -> tuple[str, str]:
    """The engine to use and the reason in one line; raises `BookError` if it cannot be had."""
    if wanted == "portable":
        return "portable", "Engine: portable, as asked."
    version = quarto_version()
    shown = ".".join(map(str, version)) if version else "none"
    needed = ".".join(map(str, MINIMUM))
    if version and version >= MINIMUM:
        return "quarto", f"Engine: Quarto {shown}, found on PATH."
    if wanted == "quarto":
        raise BookError(
            [
                Finding(
                    "--engine quarto",
                    "NB902",
                    f"this needs Quarto {needed} or newer; found: {shown}",
                    "Install it from conda-forge (environment.yml), or use --engine portable.",
                )
            ]
        )
    if version:
        return "portable", f"Engine: portable, because Quarto {shown} is older than {needed}."
    return "portable", "Engine: portable, because Quarto is not installed."
