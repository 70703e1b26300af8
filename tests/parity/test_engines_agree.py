"""Quarto and the portable engine make the same of small books, one for each construct."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from filelock import FileLock

from nkbook.parity.check import disagreements_recorded
from nkbook.parity.comparison import Disagreement, Known, split_known
from nkbook.parity.engines import quarto_structures
from nkbook.parity.known import KNOWN
from nkbook.parity.recordings import Small, small_projects
from nkbook.render.engines import quarto_version
from nkbook.render.progress import Progress
from tests.conftest import ROOT

SMALL = small_projects(ROOT)

Compared = Callable[[Small], tuple[list[Disagreement], set[Known]]]

each_small = pytest.mark.parametrize("small", SMALL, ids=lambda small: small.name)
needs_quarto = pytest.mark.skipif(
    "NKBOOK_QUARTO" not in os.environ or quarto_version() is None,
    reason="recordings were not compared with Quarto: needs it on PATH and NKBOOK_QUARTO=1",
)


@pytest.fixture(scope="session")
def compared(shared: Path) -> Compared:
    """A function that compares a project, which the first process that asks builds for all."""
    folder = shared / "parity"
    folder.mkdir(exist_ok=True)

    def compare(small: Small) -> tuple[list[Disagreement], set[Known]]:
        told = folder / f"{small.name}.json"
        with FileLock(told.with_suffix(".lock")):
            if not told.exists():
                found = disagreements_recorded(small, Progress(quiet=True))
                told.write_text(json.dumps([asdict(one) for one in found]), encoding="utf-8")
        found = [Disagreement(**one) for one in json.loads(told.read_text(encoding="utf-8"))]
        return split_known(found, KNOWN)

    return compare


@each_small
def test_the_portable_engine_makes_what_quarto_made(small: Small, compared: Compared) -> None:
    left, _ = compared(small)
    assert not left, "\n".join(map(str, left))


def test_every_known_difference_is_met_by_a_small_project(compared: Compared) -> None:
    met = set().union(*(compared(small)[1] for small in SMALL))
    assert [known.reason for known in KNOWN if known not in met] == []


def test_every_recording_has_its_project() -> None:
    recordings = {file.stem for file in (ROOT / "tests" / "parity" / "structures").iterdir()}
    assert recordings == {small.name for small in SMALL}


def test_a_build_leaves_the_project_as_it_was() -> None:
    folder = ROOT / "tests" / "parity" / "projects"
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    disagreements_recorded(SMALL[0], Progress(quiet=True))
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


@needs_quarto
@each_small
def test_recordings_are_what_quarto_makes_now(small: Small) -> None:
    assert quarto_structures(small.project, Progress(quiet=True)) == small.recorded()[1]
