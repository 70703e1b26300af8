"""Chooses the engine: Quarto where a new enough one is installed, else the portable one."""

from __future__ import annotations

from nkbook.errors import BookError, Finding
from nkbook.render.quarto import MINIMUM, quarto_version

ENGINES = ("auto", "portable", "quarto")


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
