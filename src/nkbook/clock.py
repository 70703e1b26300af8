"""The only clock: an edition is dated by its sources, never by the moment of building."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from nkbook.errors import BookError, Finding

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""The date of sources that carry none: neither SOURCE_DATE_EPOCH nor a commit."""


def edition_date(root: Path) -> datetime:
    """When the sources at `root` were last changed, in UTC.

    `SOURCE_DATE_EPOCH` (https://reproducible-builds.org/specs/source-date-epoch/) wins over the
    date of the last commit, so that two builds of the same sources agree byte for byte. Raises
    `BookError` where it is not a number.
    """
    if stamp := os.environ.get("SOURCE_DATE_EPOCH", "").strip():
        try:
            return datetime.fromtimestamp(int(stamp), UTC)
        except (ValueError, OverflowError, OSError) as error:
            message = f"“{stamp}” is not a number of seconds"
            hint = "Such as 1700000000, or take it out of the environment."
            raise BookError([Finding("SOURCE_DATE_EPOCH", "NB002", message, hint)]) from error
    stamp = _git(root, "log", "-1", "--format=%ct")
    return datetime.fromtimestamp(int(stamp), UTC) if stamp else EPOCH


def day(date: datetime) -> str:
    """A date as the book prints it: “23 November 2026”."""
    return f"{date.day} {date:%B %Y}"


def edition_commit(root: Path, digits: int = 10) -> str:
    """The name of the last commit at `root` in `digits`, or an empty string outside a checkout."""
    return _git(root, "log", "-1", "--format=%h", f"--abbrev={digits}")


def last_changed(root: Path, file: Path) -> datetime:
    """When `file` was last changed by a commit; the edition's date where that is unknown."""
    stamp = _git(root, "log", "-1", "--format=%ct", "--", str(file))
    return datetime.fromtimestamp(int(stamp), UTC) if stamp else edition_date(root)


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
