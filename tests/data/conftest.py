"""A copy of the book's data that a test may spoil, and the ways to spoil it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nkbook.data import load_library
from nkbook.errors import BookError, Finding

ROOT = Path(__file__).parents[2]

WITHDRAWN = {
    "withdrawn": "yes",
    "speaker": "",
    "left": "",
    "left_note": "",
    "excerpt": "",
    "note": "",
}
"""The cells of a testimony that was withdrawn."""


@dataclass(frozen=True)
class Copy:
    """A book folder in a temporary place, holding nothing but data."""

    root: Path

    def file(self, name: str) -> Path:
        return self.root / "data" / name

    def rows(self, name: str) -> list[dict[str, str]]:
        with self.file(name).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def write(self, name: str, rows: list[dict[str, str]]) -> None:
        with self.file(name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def change(self, name: str, index: int, **cells: str) -> str:
        """Put `cells` into the row at `index`; returns the place of that row in findings."""
        rows = self.rows(name)
        rows[index] |= cells
        self.write(name, rows)
        return f"data/{name}, row {index + 2}"

    def change_text(self, name: str, change: Callable[[str], str]) -> None:
        file = self.file(name)
        file.write_text(change(file.read_text("utf-8")), encoding="utf-8", newline="")

    def change_json(self, name: str, change: Callable[[Any], None]) -> None:
        file = self.file(name)
        content = json.loads(file.read_text("utf-8"))
        change(content)
        file.write_text(json.dumps(content), encoding="utf-8")

    def faults(self) -> list[Finding]:
        """What loading the library complains about."""
        try:
            load_library(self.root)
        except BookError as error:
            return list(error.findings)
        return []


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    return Copy(tmp_path)
