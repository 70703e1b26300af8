"""A clean copy of the sources of an edition, far from where it was made.

In a checkout these are what the edition's commit holds, with the whole history, because pages
tell when their chapter was last changed. Elsewhere they are the files of the project as they are.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nkbook.errors import BookError, Finding
from nkbook.paths import CONFIG
from nkbook.render.project import load_project

_AWAY = "다시 지은 책"
"""A name that trips what trips over spaces or letters of other alphabets."""

_MADE = (".*", "_cache", "__pycache__", "node_modules")
"""What a build or a computer leaves beside the sources."""


@contextmanager
def clean_sources(root: Path, commit: str) -> Iterator[Path]:
    """A new folder with the sources of the project at `root`, which ends with the block.

    `commit` is what the edition names, or an empty string. Raises `BookError` where it cannot be
    had whole, or where the sources here have changes that no commit holds.
    """
    with tempfile.TemporaryDirectory(prefix="nkbook-", ignore_cleanup_errors=True) as home:
        copy = Path(home) / _AWAY
        if _git(root, "rev-parse", "--is-inside-work-tree").strip() == "true":
            _require_history(root, commit)
            copy = _clone(root, commit, copy)
        elif commit:
            message = f"the edition is of commit {commit[:10]}, and these sources have no history"
            raise _no_commit(message, "Clone the repository with git, and verify there.")
        else:
            _copy(root, copy)
        yield copy


def _require_history(root: Path, commit: str) -> None:
    changed = _git(root, "diff", "--name-only", "--relative", "-z", "HEAD", "--", ".").split("\0")
    findings = [
        Finding(name, "NV201", "has changes that are not committed", "Commit or restore it.")
        for name in filter(None, changed)
    ]
    if findings:
        raise BookError(findings)
    if not commit:
        raise _no_commit(
            "the edition names no commit", "Commit the sources, build it again, and verify."
        )
    if _git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise _no_commit(
            "the history here is cut off, and with it the days on which chapters changed",
            "Get the rest: git fetch --unshallow",
        )
    if not _git(root, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"):
        raise _no_commit(f"there is no commit {commit[:10]} here", "Get it: git fetch")


def _clone(root: Path, commit: str, copy: Path) -> Path:
    """The project's folder in a new clone, which borrows the objects of the repository here."""
    repository = _git(root, "rev-parse", "--path-format=absolute", "--git-common-dir").strip()
    below = _git(root, "rev-parse", "--show-prefix").strip()
    _git(root, "clone", "--quiet", "--shared", "--no-checkout", repository, str(copy))
    _git(copy, "checkout", "--quiet", "--detach", commit)
    if not (copy / below / CONFIG).is_file():
        hint = "Commit the sources of the book, build it again, and verify."
        raise _no_commit(f"the commit {commit[:10]} does not hold {below}{CONFIG}", hint)
    return copy / below


def _copy(root: Path, copy: Path) -> None:
    output = load_project(root).output
    made = shutil.ignore_patterns(*_MADE)

    def ignored(folder: str, names: list[str]) -> set[str]:
        return {*made(folder, names), *(name for name in names if Path(folder, name) == output)}

    shutil.copytree(root, copy, ignore=ignored, ignore_dangling_symlinks=True)


def _no_commit(message: str, hint: str) -> BookError:
    return BookError([Finding("sources", "NV202", message, hint)])


def _git(folder: Path, *arguments: str) -> str:
    """What git says; nothing where it refuses or is not installed."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""
