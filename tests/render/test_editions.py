"""Editions as a whole: the same bytes twice, complete, offline, and served safely."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from nkbook.render.preview import Preview
from nkbook.render.progress import Progress
from tests.books import FIGURE, TinyBook, code, markdown

EVERYTHING = ("html", "epub", "pdf")


def digests(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def fill(book: TinyBook) -> TinyBook:
    book.bibliography()
    book.chapter("one", markdown("# One {#sec-one}\n\nSee @fig-line [@kim]."), code(FIGURE))
    book.chapter("two", markdown("# Two\n\n[광명]{lang=ko}."), code("{'b', 'a', 'c'}"))
    return book


def test_two_builds_in_two_folders_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for name, seed, locale in (("first", "1", "C.UTF-8"), ("second folder 책", "2", "C")):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        monkeypatch.setenv("LC_ALL", locale)
        book = fill(TinyBook(tmp_path / name))
        result = book.build(EVERYTHING)
        assert result.exit_code == 0, result.output
        made.append(digests(book.root / "_site"))
    assert made[0] == made[1]


def test_cached_and_fresh_builds_agree(tiny: TinyBook) -> None:
    fill(tiny).build()
    cached = tiny.run("build", "--engine", "portable", "--format", "html")
    first = digests(tiny.root / "_site")
    fresh = tiny.run("build", "--engine", "portable", "--format", "html", "--fresh")
    assert (cached.exit_code, fresh.exit_code) == (0, 0)
    assert digests(tiny.root / "_site") == first


def test_changed_data_is_read_again(tiny: TinyBook) -> None:
    tiny.write("data/value.txt", "old")
    tiny.chapter("one", markdown("# One"), code("print(open('../data/value.txt').read())"))
    tiny.build()
    assert "old" in tiny.page("notebooks/one.html")
    tiny.write("data/value.txt", "new")
    tiny.build()
    assert "new" in tiny.page("notebooks/one.html")


def test_a_chapter_that_reads_figures_has_those_of_its_own_build(tiny: TinyBook) -> None:
    tiny.bibliography()
    row = 'int(open("../data/value.txt").read())'
    tiny.chapter(
        "reads", markdown("# Reads"), code("print(open('../figures/fig-line.csv').read())")
    )
    tiny.chapter(
        "draws", markdown("# Draws\n\nSee @fig-line."), code(FIGURE.replace("[[1]]", f"[[{row}]]"))
    )
    tiny.write("figures/fig-line.csv", "x\n")
    for value in ("41", "42"):
        tiny.write("data/value.txt", value)
        result = tiny.build()
        assert result.exit_code == 0, result.output
        assert value in tiny.page("notebooks/reads.html")
    built = digests(tiny.root / "_site")
    tiny.run("build", "--engine", "portable", "--format", "html", "--fresh")
    assert digests(tiny.root / "_site") == built


def test_preview_uses_the_results_of_the_last_build(tiny: TinyBook) -> None:
    fill(tiny).build()
    entries = tiny.root / "_cache" / "execution"
    before = set(entries.glob("*/*"))
    preview = tiny.root / "_cache" / "preview"
    Preview(tiny.root, preview, Progress(quiet=True)).rebuild()
    assert set(entries.glob("*/*")) == before
    assert (preview / "notebooks" / "one.html").is_file()


def test_build_says_what_it_made(tiny: TinyBook) -> None:
    result = fill(tiny).build(EVERYTHING)
    for word in ("Website", "EPUB", "PDF", "Offline edition", "Executing chapters", "Open file://"):
        assert word in result.output
    for name in ("index.html", "Tiny-book.epub", "Tiny-book.pdf", "Tiny-book-offline.zip"):
        assert (tiny.root / "_site" / name).is_file()


def test_offline_edition_holds_the_site(tiny: TinyBook) -> None:
    fill(tiny).build(EVERYTHING)
    with zipfile.ZipFile(tiny.root / "_site" / "Tiny-book-offline.zip") as archive:
        names = {name.removeprefix("Tiny-book-offline/") for name in archive.namelist()}
        assert archive.testzip() is None
    site = set(digests(tiny.root / "_site"))
    assert names == {name for name in site if not name.endswith(".zip")}


def test_figures_are_written_and_checked(tiny: TinyBook) -> None:
    fill(tiny).save()
    assert tiny.run("figures").exit_code == 0
    files = {file.name for file in (tiny.root / "figures").iterdir()}
    assert files == {"fig-line.svg", "fig-line.csv", "fig-line.json"}
    assert tiny.run("figures", "--check").exit_code == 0
    (tiny.root / "figures" / "fig-line.csv").write_text("tampered")
    result = tiny.run("figures", "--check")
    assert result.exit_code == 1
    assert "figures/fig-line.csv" in result.output
    for file in files:
        gone = file.replace("fig-line", "fig-gone")
        (tiny.root / "figures" / file).rename(tiny.root / "figures" / gone)
    assert "fig-gone.svg" in tiny.run("figures", "--check").output
    tiny.run("figures")
    assert {file.name for file in (tiny.root / "figures").iterdir()} == files


def test_figures_that_an_author_drew_are_never_removed(tiny: TinyBook) -> None:
    names = {"fig-own.svg", "fig-own.csv", "fig-own.json", "fig-bad.json"}
    for name in names:
        tiny.write(f"figures/{name}", "{}")
    tiny.chapter("one", markdown("# One"), code(FIGURE))
    assert tiny.build().exit_code == 0
    present = {file.name for file in (tiny.root / "figures").iterdir()}
    assert present == names | {"fig-line.svg", "fig-line.csv", "fig-line.json"}
    assert tiny.run("figures", "--check").exit_code == 0


def test_output_in_a_folder_below(tiny: TinyBook) -> None:
    """It is made where it is missing, and what is in it is no input of any chapter."""
    tiny.config["project"]["output-dir"] = "build/site"
    tiny.chapter("one", markdown("# One"), code("1 + 1"))
    for _ in range(2):
        assert tiny.build().exit_code == 0
    assert (tiny.root / "build" / "site" / "notebooks" / "one.html").is_file()
    assert len(list((tiny.root / "_cache" / "execution").glob("*/*"))) == 1


def test_figure_svg_tells_what_it_shows(tiny: TinyBook) -> None:
    fill(tiny).save()
    tiny.run("figures")
    picture = (tiny.root / "figures" / "fig-line.svg").read_text()
    assert '<title id="fig-line-title">A line that rises.</title>' in picture
    assert "One line from lower left to upper right.</desc>" in picture
