"""One book: what the website has, the EPUB and the PDF have, in the same words and numbers."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ebook import tiny_book
from tests.ebook.pages import read_words
from tests.ebook.structure import (
    Chapters,
    epub_structure,
    flat,
    missing,
    site_structure,
    unprinted,
)


@pytest.fixture(scope="session")
def tiny_edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny book with one of everything in every format, built by the real command."""
    root = tmp_path_factory.mktemp("parity")
    tiny_book.write_project(root)
    command = [sys.executable, "-m", "nkbook", "--project", str(root), "build"]
    done = subprocess.run(
        [*command, "--engine", "portable", "--format", "html,epub,pdf"],
        capture_output=True,
        text=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"},
    )
    assert done.returncode == 0, done.stderr
    return root / "_book"


def epub(folder: Path) -> Path:
    (file,) = folder.glob("*.epub")
    return file


@pytest.mark.parametrize("edition", ["site", "tiny_edition"])
def test_all_of_the_website_is_in_the_epub(edition: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(edition)
    site, references = site_structure(folder)
    ebook, ours = epub_structure(epub(folder))
    assert missing(site, ebook) == []
    assert {key: text for key, text in references.items() if ours.get(key) != text} == {}


def test_structure_sees_everything(site: Path, tiny_edition: Path) -> None:
    """The comparison is worth what its extractor finds."""
    chapters, references = site_structure(site)
    kinds = Counter(item.kind for item in flat(chapters))
    assert len(chapters) == 37
    assert kinds["figure"] == 64 == len({i.name for i in flat(chapters) if i.kind == "figure"})
    assert kinds["heading"] > 900
    assert kinds["citation"] > 800
    assert kinds["testimony"] >= 20
    assert (kinds["table"] > 5, kinds["rows"] >= kinds["table"]) == (True, True)
    assert len(references) > 300
    tiny = Counter(item.kind for item in flat(site_structure(tiny_edition)[0]))
    assert (tiny["note"], tiny["figure"], tiny["table"], tiny["testimony"]) == (2, 2, 1, 1)


@pytest.mark.parametrize(
    # The tiny book has a raw block of HTML, which is for HTML alone.
    ("edition", "elsewhere"),
    [("site", []), ("tiny_edition", ["rows Written by hand"])],
)
def test_all_of_the_website_is_in_the_pdf(
    edition: str, elsewhere: list[str], request: pytest.FixtureRequest
) -> None:
    """Headings, figures and alternative texts are compared by structure in `test_pdf.py`."""
    folder: Path = request.getfixturevalue(edition)
    file = epub(folder).with_suffix(".pdf")
    assert unprinted(*site_structure(folder), read_words(file)) == elsewhere


@pytest.mark.parametrize(
    ("old", "fault"),
    [
        ("and fall", "testimony I saw the river rise […] and fall."),
        ("Skiff", "rows Skiff"),
        ("widest", "note Measured at the widest place"),
        ("Water Press", "reference Doe, Jane. 2020. Rivers. Water Press."),
        ("Kinds of boat", "heading Kinds of boat"),
    ],
)
def test_what_is_lost_in_print_is_found(tiny_edition: Path, old: str, fault: str) -> None:
    file = epub(tiny_edition).with_suffix(".pdf")
    words = " ".join(read_words(file).split())
    assert old in words
    faults = unprinted(*site_structure(tiny_edition), words.replace(old, ""))
    assert [text for text in faults if text.startswith(fault)], faults


def changed(file: Path, target: Path, old: str, new: str) -> Path:
    """The EPUB with one text of its content documents replaced."""
    done = 0
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            data = source.read(name)
            if name.startswith("EPUB/text/"):
                done += data.decode().count(old)
                data = data.decode().replace(old, new).encode()
            copy.writestr(name, data)
    assert done == 1
    return target


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("I saw the river rise […] and fall.", "I saw it.", "no testimony quo-ada"),
        ("Two piers and a deck.", "", "no image plan.svg"),
        ("The plan of a bridge", "A plan", "no figure Figure 2.1"),
        ('<span class="header-section-number">1.1</span> Boats', "Boats", "no heading 1.1 Boats"),
        ("Measured at the", "At the", "no note Measured at the"),
        ("Skiff", "Boat", "no rows Boat | Length (m)"),
        ('boats a year <span class="citation"', "boats a year <span", "no citation doe2020"),
        ("Two paragraphs.", "", "no note Two paragraphs."),
    ],
)
def test_what_is_lost_is_found(
    tiny_edition: Path, tmp_path: Path, old: str, new: str, fault: str
) -> None:
    doctored = changed(epub(tiny_edition), tmp_path / "doctored.epub", old, new)
    faults = missing(site_structure(tiny_edition)[0], epub_structure(doctored)[0])
    assert [text for text in faults if fault in text], faults


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda book: book.pop("1 Rivers of everyday life"), "no chapter “1 Rivers"),
        (lambda book: book.update(Welcome=book.pop("Welcome")), "chapters in another order"),
        (lambda book: book["2 Bridges 인민"].reverse(), "in another place"),
    ],
)
def test_chapters_and_order_count(
    tiny_edition: Path, change: Callable[[Chapters], object], fault: str
) -> None:
    ebook, _ = epub_structure(epub(tiny_edition))
    change(ebook)
    assert fault in "\n".join(missing(site_structure(tiny_edition)[0], ebook))
