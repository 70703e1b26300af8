"""How often each hard test is done, and the record of how often it was."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nkbook import __version__
from tests.conftest import ROOT

IS_HARD = os.environ.get("NKBOOK_HARD") == "1"
RECORD = ROOT / "docs" / "hard-tests.md"

collect_ignore = [] if IS_HARD else ["test_disks.py", "test_nginx.py"]
"""What needs more of a machine than `make test` may ask for."""

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


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the counts, and keep those of a whole hard run in `docs/`."""
    if not _counts:
        return
    terminalreporter.section("survived, refused and served")
    for what, number in sorted(_counts.items()):
        terminalreporter.line(f"{number:>12,}  {what}")
    whole = [Path(name).resolve() for name in config.args] == [Path(__file__).parent]
    if IS_HARD and whole and not terminalreporter.stats.get("failed"):
        write_record(RECORD)


def write_record(file: Path) -> None:
    """The counts as a page for people."""
    rows = "".join(f"| {what} | {number:,} |\n" for what, number in sorted(_counts.items()))
    file.write_text(
        "# What the hard tests did\n\n"
        f"`make test-hard` on {datetime.now(UTC).date().isoformat()}, version {__version__}: "
        "every one ended as it should.\n\n"
        f"| What | How often |\n| --- | ---: |\n{rows}",
        encoding="utf-8",
    )
