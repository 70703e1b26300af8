"""A disk that is full, and one that cannot be written. Needs Linux with user namespaces."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.books import TinyBook
from tests.hard.conftest import times
from tests.hard.test_faults import BUILD, DATE, Count, Fragile, fragile
from tests.render.test_editions import digests

__all__ = ["fragile"]


def in_namespace(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the shell that may mount what it likes; nobody else sees it."""
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", *arguments],
        env={**os.environ, **DATE},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(fragile: Fragile, tmp_path: Path) -> TinyBook:
    fragile.write("first")
    assert fragile.build().returncode == 0
    fragile.write("second")
    return fragile.book.copied(tmp_path / "copy")


COMMAND = " ".join(f"'{part}'" for part in BUILD)


def test_a_disk_without_room(copy: TinyBook, fragile: Fragile, survived: Count) -> None:
    size = sum(file.stat().st_size for file in copy.root.rglob("*") if file.is_file()) // 1024
    steps = times(3, 24)
    for step in range(steps):
        room = int(size * (1.05 + 1.2 * step / steps)) + 400
        done = in_namespace(
            'mkdir -p "$1.small" && mount -t tmpfs -o size="$2"k none "$1.small" &&'
            ' cp -a "$1/." "$1.small" && cd "$1.small" || exit 99\n'
            f"{COMMAND} >&2; echo first=$?\n"
            f"'{sys.executable}' -m nkbook verify >/dev/null && echo whole=$?\n"
            'mount -o remount,size=900m "$1.small"\n'
            f"{COMMAND} >&2; echo second=$?\n"
            f"'{sys.executable}' -m nkbook verify >/dev/null && echo whole=$?\n"
            'ls -A "$1.small" >&2',
            str(copy.root),
            str(room),
        )
        said = done.stdout.split()
        assert said[1:] == ["whole=0", "second=0", "whole=0"], (room, done.stdout, done.stderr)
        assert said[0] in {"first=0", "first=1"}
        if said[0] == "first=1":
            assert "NB803" in done.stderr, done.stderr
            survived("builds on a disk that became full", 1)
        assert "Traceback" not in done.stderr
        assert "._site.new" not in done.stderr


def test_a_project_that_cannot_be_written(copy: TinyBook, survived: Count) -> None:
    before = digests(copy.root / "_site")
    done = in_namespace(
        f'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && cd "$1" || exit 99\n{COMMAND}',
        str(copy.root),
    )
    assert done.returncode == 1, done.stderr
    assert "NB803" in done.stderr
    assert "Read-only" in done.stderr
    assert "Traceback" not in done.stderr
    assert digests(copy.root / "_site") == before
    survived("builds of a project that cannot be written", 1)
