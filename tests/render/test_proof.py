"""Whether an edition is whole: what a reader can prove with the edition alone."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nkbook.cli import main
from nkbook.render.checksums import CHECKSUMS, checksums, parse_checksums, seal
from tests.books import FIGURE, TinyBook, code, markdown

OFFLINE = "Tiny-book-offline.zip"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The edition of a book with a figure and data, which nobody changes."""
    book = TinyBook(tmp_path_factory.mktemp("proof") / "book")
    book.bibliography()
    book.chapter("one", markdown("# One {#sec-one}\n\nSee @fig-line [@kim]."), code(FIGURE))
    book.write("data/numbers.csv", "a,b\n1,2\n")
    book.write("CITATION.cff", "cff-version: 1.2.0\nversion: 2.5.0\n")
    book.config["project"]["resources"] = ["data/*.csv"]
    result = book.build(["html", "epub"])
    assert result.exit_code == 0, result.output
    return book.root / "_site"


@pytest.fixture
def edition(built: Path, tmp_path: Path) -> Path:
    """A copy of it, as a reader has one: no project is near."""
    return Path(shutil.copytree(built, tmp_path / "a copy"))


def verify(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, arguments)])


def refused(edition: Path, *expected: str) -> None:
    """Verify, and require a refusal that names all of `expected` and shows no traceback."""
    result = verify(edition)
    assert isinstance(result.exception, SystemExit), result.exc_info
    assert result.exit_code == 1, result.output
    for text in expected:
        assert text in result.output


def repack(archive: Path, changed: dict[str, bytes]) -> None:
    """Write a zip again with other, or more, files."""
    with zipfile.ZipFile(archive) as opened:
        held = {name: opened.read(name) for name in opened.namelist()}
    with zipfile.ZipFile(archive, "w") as opened:
        for name, data in (held | changed).items():
            opened.writestr(name, data)


def test_whole_edition_is_proven_without_its_project(edition: Path, monkeypatch) -> None:
    monkeypatch.chdir(edition.parent)
    result = verify(edition)
    assert result.exit_code == 0, result.output
    count = len((edition / CHECKSUMS).read_text().splitlines())
    assert f"{count} files are, byte for byte, those of “Tiny book”, edition of" in result.output
    assert hashlib.sha256((edition / CHECKSUMS).read_bytes()).hexdigest() in result.output


def test_the_tool_of_every_system_agrees(edition: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", CHECKSUMS], cwd=edition, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    listed = {line.removesuffix(": OK") for line in done.stdout.splitlines()}
    assert listed == {
        file.relative_to(edition).as_posix() for file in edition.rglob("*") if file.is_file()
    } - {CHECKSUMS}


@pytest.mark.parametrize("name", [OFFLINE, "Tiny-book-data.zip", "Tiny-book-figures.zip"])
def test_zip_is_proven_by_itself(edition: Path, tmp_path: Path, name: str) -> None:
    alone = Path(shutil.copy(edition / name, tmp_path / "renamed.zip"))
    result = verify(alone)
    assert result.exit_code == 0, result.output
    assert "of “Tiny book”, edition of" in result.output


@pytest.mark.parametrize("name", ["Tiny-book.epub", OFFLINE, "index.html"])
def test_one_file_is_proven_by_the_list_beside_it(edition: Path, name: str) -> None:
    result = verify(edition / name)
    assert result.exit_code == 0, result.output
    assert f"{name} is, byte for byte, that of “Tiny book”" in result.output
    with (edition / name).open("ab") as file:
        file.write(b" ")
    refused(edition / name, f"NV101  {name}: was changed")


def test_one_byte_is_found(edition: Path) -> None:
    page = edition / "notebooks" / "one.html"
    data = bytearray(page.read_bytes())
    data[len(data) // 2] ^= 1
    page.write_bytes(data)
    refused(edition, "NV101  notebooks/one.html: was changed", "1 finding.", "Hint")


def test_missing_and_added_files_are_found(edition: Path) -> None:
    (edition / "figures" / "fig-line.csv").unlink()
    (edition / ".hidden").write_text("more")
    refused(
        edition,
        "NV102  figures/fig-line.csv: is missing",
        "NV103  .hidden: is not a file of this edition",
        "2 findings.",
    )


def test_what_an_edition_is_made_of_is_in_the_proof(edition: Path) -> None:
    record = json.loads((edition / "provenance.json").read_text())
    assert record["version"] == "2.5.0"
    assert record["formats"] == ["html", "epub"]
    assert {"python", "nkbook", "pandoc", "typst", "matplotlib"} <= record["tools"].keys()
    assert set(record["sources"]["files"]) == {
        "_quarto.yml",
        "data/numbers.csv",
        "index.qmd",
        "notebooks/one.ipynb",
        "sources.bib",
    }
    (edition / "provenance.json").write_text(json.dumps(record | {"title": "Another book"}))
    refused(edition, "NV101  provenance.json: was changed")


def test_edition_tells_nothing_of_the_computer(built: Path) -> None:
    told = (built / "provenance.json").read_text() + (built / CHECKSUMS).read_text()
    for secret in (str(built.parent), os.uname().nodename, sys.prefix):
        assert secret not in told


def test_folder_without_a_list_is_refused(edition: Path) -> None:
    (edition / CHECKSUMS).unlink()
    refused(edition, f"NV104  {CHECKSUMS}: is missing", "Hint")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("oops\n", "is not a checksum"),
        (f"{'0' * 64}  ../secret.txt\n", "names a file elsewhere"),
        (f"{'0' * 64}  /etc/hostname\n", "names a file elsewhere"),
        (f"{'0' * 64}  index.html\n", "names “index.html” again"),
    ],
)
def test_broken_list_is_refused(edition: Path, line: str, said: str) -> None:
    with (edition / CHECKSUMS).open("a") as listed:
        listed.write(line)
    count = len((edition / CHECKSUMS).read_text().splitlines())
    refused(edition, f"NV104  {CHECKSUMS}: line {count} {said}")


def test_no_edition_here(tiny: TinyBook) -> None:
    tiny.save()
    result = tiny.run("verify")
    assert result.exit_code == 1
    assert "NV104  _site: there is no edition here" in result.output
    assert "nkbook build" in result.output


def test_without_project_and_edition_there_is_nothing_to_verify(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = verify()
    assert result.exit_code == 1
    assert "NB001" in result.output


def test_truncated_zip_is_refused(edition: Path, tmp_path: Path) -> None:
    data = (edition / OFFLINE).read_bytes()
    half = tmp_path / "half.zip"
    half.write_bytes(data[: len(data) - 100])
    refused(half, "NV104  half.zip: is no zip that can be read", "Hint")
    # The end of the EPUB, which lies in the zip as it is, reads as the end of a zip.
    epub = (edition / "Tiny-book.epub").read_bytes()
    half.write_bytes(data[: data.index(epub) + len(epub)])
    refused(half, "NV104  half.zip: is cut off", "Hint")


def test_damage_inside_a_zip_is_found(edition: Path, tmp_path: Path) -> None:
    data = bytearray((edition / OFFLINE).read_bytes())
    with zipfile.ZipFile(edition / OFFLINE) as archive:
        entry = archive.getinfo("Tiny-book-offline/notebooks/one.html")
    place = entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2
    data[place] ^= 0xFF
    (tmp_path / "damaged.zip").write_bytes(data)
    refused(tmp_path / "damaged.zip", "NV101  notebooks/one.html: cannot be read")


def test_changed_and_added_files_in_a_zip_are_found(edition: Path, tmp_path: Path) -> None:
    archive = Path(shutil.copy(edition / OFFLINE, tmp_path))
    changed = {"Tiny-book-offline/index.html": b"<p>Other</p>", "beside.html": b"<p>More</p>"}
    repack(archive, changed)
    refused(archive, "NV101  index.html: was changed", "NV103  ../beside.html: is not a file")


@pytest.mark.parametrize(
    "name", ["../evil.txt", "Tiny-book-offline/../../evil.txt", "/evil", "C:\\evil", "a\\..\\..\\b"]
)
def test_zip_that_climbs_out_is_refused(edition: Path, tmp_path: Path, name: str) -> None:
    archive = Path(shutil.copy(edition / OFFLINE, tmp_path))
    repack(archive, {name: b"evil"})
    before = sorted(tmp_path.rglob("*"))
    refused(archive, "NV105", "leads out of the zip’s folder", "Do not unpack it")
    assert sorted(tmp_path.rglob("*")) == before


def test_zip_that_would_fill_the_disk_is_refused(edition: Path, tmp_path: Path) -> None:
    archive = Path(shutil.copy(edition / OFFLINE, tmp_path))
    bomb = zipfile.ZipInfo("Tiny-book-offline/zeros")
    bomb.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(archive, "a") as opened, opened.open(bomb, "w", force_zip64=True) as out:
        for _ in range(2100):
            out.write(bytes(1_000_000))
    assert archive.stat().st_size < 10_000_000
    refused(archive, "NV105", "would unpack to 2.1 GB")


def test_zip_with_two_files_of_one_name_is_refused(edition: Path, tmp_path: Path) -> None:
    """Programs disagree on which of the two they unpack."""
    archive = Path(shutil.copy(edition / OFFLINE, tmp_path))
    repack(archive, {"Tiny-book-offline/./index.html": b"<p>Other</p>"})
    refused(archive, "NV105  Tiny-book-offline/./index.html: is in the zip twice")
    with zipfile.ZipFile(archive, "a") as opened, pytest.warns(UserWarning, match="Duplicate"):
        opened.writestr("Tiny-book-offline/index.html", "<p>Other</p>")
    refused(archive, "NV105  Tiny-book-offline/index.html: is in the zip twice")


def test_what_an_edition_says_of_itself_cannot_command_the_terminal(tmp_path: Path) -> None:
    folder = tmp_path / "edition"
    folder.mkdir()
    seal(folder)
    (folder / CHECKSUMS).write_bytes(checksums({"\x1b[2Jgone.txt": b""}))
    result = verify(folder)
    assert result.exit_code == 1
    assert "\x1b" not in result.output
    assert "[2Jgone.txt" in result.output


def test_names_that_break_lines_are_listed_as_gnu_does(tmp_path: Path) -> None:
    names = ["a b", "two\nlines", "back\\slash", "a: b", "열매"]
    for name in names:
        (tmp_path / name).write_text(name)
    seal(tmp_path)
    assert parse_checksums((tmp_path / CHECKSUMS).read_bytes()).keys() == set(names)
    subprocess.run(["sha256sum", "--check", "--strict", CHECKSUMS], cwd=tmp_path, check=True)
    assert verify(tmp_path).exit_code == 0


def test_sums_are_those_of_the_whole_folder_after_a_build_of_one_format(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"))
    tiny.build()
    assert tiny.build(["epub"]).exit_code == 0
    assert tiny.run("verify").exit_code == 0
    record = json.loads(tiny.page("provenance.json"))
    assert (record["formats"], record["kept"]) == (["epub"], ["html"])
    result = tiny.run("verify", "--rebuild")
    assert result.exit_code == 1
    assert "NV204" in result.output
    assert "html is of an earlier build" in result.output


def test_what_a_post_render_step_changes_is_in_the_sums(tiny: TinyBook) -> None:
    tiny.write(
        "after.py",
        "import os, pathlib\n"
        "pathlib.Path(os.environ['QUARTO_PROJECT_OUTPUT_DIR'], 'index.html').write_text('mine')\n",
    )
    tiny.config["project"]["post-render"] = "after.py"
    assert tiny.build().exit_code == 0
    assert tiny.page("index.html") == "mine"
    assert tiny.run("verify").exit_code == 0


def test_verify_works_as_a_program(edition: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nkbook", "verify", edition.name],
        cwd=edition.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
