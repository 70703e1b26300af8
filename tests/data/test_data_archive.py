"""The archive that analysts take along, packed from the book's own data."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.books import TinyBook, code, markdown
from tests.data.conftest import ROOT

CONFIG: dict[str, Any] = yaml.safe_load((ROOT / "_quarto.yml").read_text("utf-8"))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> TinyBook:
    """A book of one chapter with the data, the step before rendering and the resources of ours."""
    tiny = TinyBook(tmp_path_factory.mktemp("archive") / "book")
    shutil.copytree(ROOT / "data", tiny.root / "data")
    for name in ("CITATION.cff", "LICENSE"):
        shutil.copyfile(ROOT / name, tiny.root / name)
    # As the installed command, whatever is installed beside the Python of the tests.
    tiny.config["project"]["pre-render"] = f"{sys.executable} -m {CONFIG['project']['pre-render']}"
    tiny.config["project"]["resources"] = CONFIG["project"]["resources"]
    tiny.chapter("one", markdown("# One"), code("1 + 1"))
    result = tiny.build()
    assert result.exit_code == 0, result.output
    return tiny


@pytest.fixture(scope="module")
def unpacked(book: TinyBook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(book.root / "_site" / "Tiny-book-data.zip") as archive:
        archive.extractall(folder)
    return folder / "Tiny-book-data"


def snippet(unpacked: Path, language: str) -> str:
    guide = (unpacked / "data" / "README.md").read_text(encoding="utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def test_its_checksums_cover_all_that_is_in_it(unpacked: Path) -> None:
    # macOS has it by another name.
    program = ["sha256sum"] if shutil.which("sha256sum") else ["shasum", "-a", "256"]
    done = subprocess.run(
        [*program, "--check", "SHA256SUMS"],
        cwd=unpacked,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    files = {str(f.relative_to(unpacked)) for f in unpacked.rglob("*") if f.is_file()}
    checked = {line.removesuffix(": OK") for line in done.stdout.splitlines()}
    assert checked == files - {"SHA256SUMS"}
    assert {"CITATION.cff", "LICENSE", "README.txt", "data/README.md"} <= files


def test_the_package_in_it_is_whole(unpacked: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "frictionless", "validate", "datapackage.json"],
        cwd=unpacked / "data",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_its_guide_is_named_first_and_tells_the_truth(
    unpacked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Start with data/README.md" in (unpacked / "README.txt").read_text(encoding="utf-8")
    monkeypatch.chdir(unpacked)
    names: dict[str, Any] = {}
    exec(snippet(unpacked, "python"), names)
    assert ("2009", 2914.0) in names["arrivals"]
    found = names["database"].execute(snippet(unpacked, "sql")).fetchall()
    names["database"].close()
    assert len(found) > 10
    read = re.findall(r'"(_data/[^"]+)"', snippet(unpacked, "r"))
    assert read
    assert all((unpacked / name).is_file() for name in read)


def test_the_copies_in_it_open(unpacked: Path) -> None:
    connection = sqlite3.connect(unpacked / "_data" / "north-korean-peoples-challenges.sqlite")
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    assert (unpacked / "_data" / "parquet" / "observations.parquet").is_file()


def test_copies_do_not_make_chapters_run_again(book: TinyBook) -> None:
    cache = book.root / "_cache" / "execution"
    runs = {file.name for file in cache.glob("*/*")}
    assert len(runs) == 1
    archive = (book.root / "_site" / "Tiny-book-data.zip").read_bytes()
    (book.root / "_cache" / "copies").unlink()
    assert book.build().exit_code == 0
    assert {file.name for file in cache.glob("*/*")} == runs
    assert (book.root / "_site" / "Tiny-book-data.zip").read_bytes() == archive
