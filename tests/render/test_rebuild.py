"""Whether an edition is what its sources give: built again elsewhere, and compared."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import Result

from nkbook.render.checksums import seal
from nkbook.render.compare import difference
from tests.books import FIGURE, TinyBook, code, markdown
from tests.render.test_proof import OFFLINE, repack

WHEN = "2026-01-02T03:04:05Z"
AWAY = "'다시' in __import__('os').getcwd()"
"""What only a chapter that is built again finds true."""


def filled(root: Path) -> TinyBook:
    book = TinyBook(root)
    book.bibliography()
    book.chapter("one", markdown("# One {#sec-one}\n\nSee @fig-line [@kim]."), code(FIGURE))
    book.write("data/numbers.csv", "a,b\n1,2\n")
    book.config["project"]["resources"] = ["data/*.csv"]
    book.config["book"]["site-url"] = "https://example.org/tiny/"
    return book


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> TinyBook:
    """A book of two commits and its edition, which nobody changes."""
    book = filled(tmp_path_factory.mktemp("rebuild") / "book")
    book.commit(WHEN)
    book.chapter("two", markdown("# Two\n\nLater."))
    # What a build draws is a part of the sources, as in a book whose figures are committed.
    assert book.build(["html"]).exit_code == 0
    book.commit("2026-02-03T04:05:06Z")
    result = book.build(["html", "epub", "pdf"])
    assert result.exit_code == 0, result.output
    return book


@pytest.fixture
def edition(committed: TinyBook, tmp_path: Path) -> Path:
    return Path(shutil.copytree(committed.root / "_site", tmp_path / "edition"))


def refused(result: Result, *expected: str) -> None:
    assert isinstance(result.exception, SystemExit), result.exc_info
    assert result.exit_code == 1, result.output
    for text in expected:
        assert text in result.output


def test_edition_of_a_commit_is_built_again_byte_for_byte(committed: TinyBook) -> None:
    result = committed.run("verify", "--rebuild")
    assert result.exit_code == 0, result.output
    count = sum(file.is_file() for file in (committed.root / "_site").rglob("*"))
    assert f"all {count} files came out the same, byte for byte." in result.output
    # A chapter's last change is in the history only, which the copy must have.
    assert "2 January 2026" in committed.page("notebooks/one.html")


def test_offline_edition_alone_is_built_again(committed: TinyBook, tmp_path: Path) -> None:
    archive = Path(shutil.copy(committed.root / "_site" / OFFLINE, tmp_path))
    result = committed.run("verify", "--rebuild", str(archive))
    assert result.exit_code == 0, result.output
    assert "1 file came out the same" in result.output


def test_edition_changed_with_its_sums_is_found(committed: TinyBook, edition: Path) -> None:
    """Whoever changes a page can change the list, too: only the sources tell."""
    page = edition / "notebooks" / "two.html"
    page.write_text(page.read_text().replace("Later.", "Sooner."))
    with (edition / "Tiny-book.pdf").open("r+b") as pdf:
        pdf.seek(1000)
        pdf.write(b"\0\0\0\0")
    (edition / "more.html").write_text("more")
    (edition / "robots.txt").unlink()
    repack(edition / OFFLINE, {"Tiny-book-offline/index.html": b"<p>Other</p>"})
    seal(edition)
    assert committed.run("verify", str(edition)).exit_code == 0
    refused(
        committed.run("verify", "--rebuild", str(edition)),
        "NV211  notebooks/two.html: differs at line ",
        "Sooner.",
        "built again “",
        "NV211  Tiny-book.pdf: differs at byte 1,00",
        f"NV211  {OFFLINE}: differs at Tiny-book-offline/index.html in it, line 1",
        "NV212  more.html",
        "NV213  robots.txt",
        "5 findings.",
    )


def test_edition_whose_sums_are_wrong_is_not_built_again(
    committed: TinyBook, edition: Path
) -> None:
    (edition / "index.html").write_text("changed")
    refused(committed.run("verify", "--rebuild", str(edition)), "NV101  index.html", "1 finding.")


def test_other_versions_are_named_first(committed: TinyBook, edition: Path) -> None:
    file = edition / "provenance.json"
    record = json.loads(file.read_text())
    record["tools"]["pandoc"] = "1.0"
    file.write_text(json.dumps(record))
    seal(edition)
    result = committed.run("verify", "--rebuild", str(edition))
    refused(result, "NV205  pandoc: made the edition in version 1.0; here is", "provenance.json")
    assert result.output.index("it may differ") < result.output.index("NV205")
    assert result.output.index("NV205") < result.output.index("NV211")


def test_uncommitted_changes_are_refused(committed: TinyBook, tmp_path: Path) -> None:
    copy = TinyBook(tmp_path / "unused")
    copy.root = Path(shutil.copytree(committed.root, tmp_path / "copy"))
    chapter = copy.root / "notebooks" / "two.ipynb"
    before = chapter.read_text()
    chapter.write_text(before.replace("Later.", "Sooner."))
    result = copy.run("verify", "--rebuild")
    refused(result, "NV201  notebooks/two.ipynb: has changes that are not committed", "Hint")
    # Built with the change, which is then taken back: the edition is of no commit.
    assert copy.run("build", "--engine", "portable").exit_code == 0
    chapter.write_text(before)
    result = copy.run("verify", "--rebuild")
    refused(result, "NV203  notebooks/two.ipynb: is not what the edition was built from", "Hint")


def test_history_that_is_cut_off_is_refused(committed: TinyBook, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", committed.root.as_uri(), shallow], check=True
    )
    book = TinyBook(tmp_path / "unused")
    book.root = shallow
    result = book.run("verify", "--rebuild", str(committed.root / "_site"))
    refused(result, "NV202  sources: the history here is cut off", "git fetch --unshallow")


def test_sources_without_the_commit_are_refused(committed: TinyBook, tmp_path: Path) -> None:
    edition = str(committed.root / "_site")
    other = filled(tmp_path / "other")
    other.save()
    refused(other.run("verify", "--rebuild", edition), "NV202", "have no history", "Clone")
    other.commit(WHEN)
    refused(other.run("verify", "--rebuild", edition), "NV202", "there is no commit", "git fetch")


def test_book_in_a_folder_of_a_repository(tmp_path: Path) -> None:
    book = filled(tmp_path / "repository" / "책 of ours")
    assert book.build().exit_code == 0
    outer = TinyBook(tmp_path / "repository" / "other")
    outer.root = tmp_path / "repository"
    outer.commit(WHEN)
    assert book.build().exit_code == 0
    result = book.run("verify", "--rebuild")
    assert result.exit_code == 0, result.output


def test_sources_without_git_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    book = filled(tmp_path / "book")
    book.config["project"]["output-dir"] = "build/data"
    assert book.build().exit_code == 0
    result = book.run("verify", "--rebuild")
    assert result.exit_code == 0, result.output
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    result = book.run("verify", "--rebuild")
    refused(result, "NV203  sources: are dated 2026-01-01", "SOURCE_DATE_EPOCH=1700000000")


def test_what_depends_on_the_computer_is_found(tiny: TinyBook) -> None:
    expressions = {
        "folder": "__import__('os').getcwd()",
        "zone": "__import__('time').timezone",
        "language": "__import__('os').environ.get('LC_ALL')",
        "moment": "__import__('time').time()",
    }
    for name, expression in expressions.items():
        tiny.chapter(name, markdown(f"# {name}"), code(f"print({expression})"))
    assert tiny.build().exit_code == 0
    told = (f"NV211  notebooks/{name}.html: differs at line " for name in expressions)
    refused(tiny.run("verify", "--rebuild"), *told)


def test_build_that_fails_elsewhere_says_why(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code(f"1 / (0 if {AWAY} else 1)"))
    assert tiny.build().exit_code == 0
    refused(tiny.run("verify", "--rebuild"), "NB401  notebooks/one.ipynb", "ZeroDivisionError")


def test_interrupted_rebuild_leaves_nothing(tiny: TinyBook, tmp_path: Path) -> None:
    kernel, temporary = tmp_path / "kernel", tmp_path / "temporary"
    temporary.mkdir()
    cell = (
        f"import os, pathlib, time\nif {AWAY}:\n"
        f"    pathlib.Path({str(kernel)!r}).write_text(str(os.getpid()))\n    time.sleep(60)"
    )
    tiny.chapter("one", markdown("# One"), code(cell))
    assert tiny.build().exit_code == 0
    verify = subprocess.Popen(
        [sys.executable, "-m", "nkbook", "verify", "--rebuild"],
        cwd=tiny.root,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    while not (kernel.is_file() and kernel.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert list(temporary.iterdir())
    verify.send_signal(signal.SIGINT)
    _, errors = verify.communicate(timeout=60)
    assert verify.returncode == 130
    assert "Interrupted." in errors
    assert "Traceback" not in errors
    assert not list(temporary.iterdir())
    with pytest.raises(ProcessLookupError):
        os.kill(int(kernel.read_text()), 0)


@pytest.mark.parametrize(
    ("edition", "again", "said"),
    [
        (b"one\ntwo\n", b"one\nTwo\n", "line 2: “two”, built again “Two”"),
        (b"one\n", b"one\ntwo\n", "line 2: “”, built again “two”"),
        (b"one\n", b"one\r\n", "the ends of lines"),
        (b"\0\1\2", b"\0\1\3\4", "byte 2 (of 3, built again 4)"),
        (bytes(70_000) + b"a", bytes(70_000) + b"b", "byte 70,000 (of 70,001"),
        (b"a" * 500 + b"x", b"a" * 500 + b"y", "line 1: “aaaaaaaaaaaaaaaaaaaax”, built again “"),
    ],
)
def test_a_difference_is_told_from_where_it_begins(edition: bytes, again: bytes, said: str) -> None:
    assert difference(edition, again).startswith(said)
