"""How often each hard test is done, and the record of how often it was."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nkbook import __version__
from tests.conftest import ROOT

IS_HARD = os.environ.get("NKBOOK_HARD") == "1"
RECORD = ROOT / "docs" / "hard-tests.md"

collect_ignore = [] if IS_HARD else ["test_disks.py", "test_nginx.py"]
"""What needs more of a machine than `make test` may ask for."""

_HEAD = 6
"""Lines before the rows of the record."""

_counts: Counter[str] = Counter()


def times(few: int, many: int) -> int:
    """How often to do something: `few` in `make test`, `many` in `make test-hard`."""
    return many if IS_HARD else few


@pytest.fixture
def survived() -> Callable[[str, int], None]:
    """Counts what was survived, refused or served, under a name for the record."""

    def count(what: str, number: int = 1) -> None:
        _counts[what] += number

    return count


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the counts, and keep those of a hard run in which nothing failed in `docs/`."""
    if not _counts:
        return
    terminalreporter.section("survived, refused and served")
    for what, number in sorted(_counts.items()):
        terminalreporter.line(f"{number:>12,}  {what}")
    if IS_HARD and not {"failed", "error"} & terminalreporter.stats.keys():
        keep_counts(RECORD, _counts)


def keep_counts(file: Path, counts: Mapping[str, int]) -> None:
    """Write the counts into the table for people; what was not done now stays as it was."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    rows = {row.split(" | ")[0].removeprefix("| "): row for row in text.splitlines()[_HEAD:]}
    now = f"{datetime.now(UTC).date().isoformat()} | {__version__}"
    rows |= {what: f"| {what} | {number:,} | {now} |" for what, number in counts.items()}
    head = [
        "# What the hard tests did",
        "",
        "Each ended as it should when `make test-hard` last did it.",
        "",
        "| What | How often | When | Version |",
        "| --- | ---: | --- | --- |",
    ]
    file.write_text("\n".join([*head, *(rows[what] for what in sorted(rows)), ""]), "utf-8")
