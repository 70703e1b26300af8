"""What a build makes: where an edition is made and how it takes the place of the last one.

A build writes to a new folder beside the output and swaps it in at the end, so that a build that
fails or is killed leaves the last good edition untouched.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nkbook.errors import BookError, Finding
from nkbook.render.system import exchange


@dataclass(frozen=True)
class Edition:
    """What a build made."""

    output: Path
    files: dict[str, Path]
    """The main file of each format: `html`, `epub`, `pdf`, `offline`."""
    remarks: tuple[Finding, ...] = ()
    """What has no effect in it, and what was left out of it."""


@contextmanager
def staged(output: Path) -> Iterator[Path]:
    """A new folder that becomes `output` when the block ends without an exception.

    Raises `BookError` when another build of the same output is under way.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    lock = output.with_name(f".{output.name}.lock")
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BookError(
                [
                    Finding(
                        output.name,
                        "NB801",
                        "another build is writing this edition",
                        "Wait for it to end, or stop it.",
                    )
                ]
            ) from error
        _recover(output)
        staging = output.with_name(f".{output.name}.new-{os.getpid()}")
        staging.mkdir()
        try:
            yield staging
            _swap(staging, output)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _recover(output: Path) -> None:
    """Undo what a killed build left: bring back a half-swapped edition, drop stale folders."""
    old = output.with_name(f".{output.name}.old")
    if old.exists() and not output.exists():
        old.rename(output)
    shutil.rmtree(old, ignore_errors=True)
    for stale in output.parent.glob(f".{output.name}.new-*"):
        shutil.rmtree(stale, ignore_errors=True)


def _swap(staging: Path, output: Path) -> None:
    if output.exists() and exchange(staging, output):
        # Now the last edition is in the staging folder, and goes with it.
        return
    old = output.with_name(f".{output.name}.old")
    if output.exists():
        output.rename(old)
    staging.rename(output)
    shutil.rmtree(old, ignore_errors=True)
