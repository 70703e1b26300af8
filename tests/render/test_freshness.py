"""Where nothing has changed nothing is built; whatever has changed is seen."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nkbook.render.freshness import Wish, find_edition
from tests.books import TinyBook, code, markdown

SAME = "Nothing has changed since this edition was built:"
ASKED = Wish(("html",), lenient=False)


@pytest.fixture
def built(tiny: TinyBook) -> TinyBook:
    """A book that was built and has not changed since."""
    tiny.write("data/kept.csv", "a,b\n1,2\n")
    tiny.write("figures/drawn.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>')
    tiny.chapter("one", markdown("# One\n\nWords."))
    result = tiny.build()
    assert result.exit_code == 0, result.output
    assert find_edition(tiny.root, ASKED)
    return tiny


def build(tiny: TinyBook, *arguments: str) -> str:
    """What a build in a process of its own says."""
    command = [sys.executable, "-m", "nkbook", "--project", str(tiny.root), "build"]
    command += ["--engine", "portable", "--format", "html", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_is_built_where_nothing_has_changed(built: TinyBook) -> None:
    page = built.root / "_site" / "notebooks" / "one.html"
    before = page.stat().st_ino, page.read_bytes()
    said = build(built)
    assert SAME in said
    assert "_site/index.html" in said
    assert (page.stat().st_ino, page.read_bytes()) == before
    assert SAME not in build(built, "--fresh")


def test_it_is_told_without_loading_what_builds(built: TinyBook) -> None:
    program = (
        "import sys\nfrom nkbook.cli import main\n"
        "try:\n    main()\nfinally:\n    print(sorted({'matplotlib', 'nbclient', 'typst', 'jinja2'}"
        " & sys.modules.keys()))"
    )
    command = [sys.executable, "-c", program, "--project", str(built.root)]
    command += ["build", "--engine", "portable", "--format", "html"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert SAME in said
    assert said.splitlines()[-1] == "[]"


def _append(path: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        with (root / path).open("a", encoding="utf-8") as file:
            file.write(text)

    return change


def _same_size(root: Path) -> None:
    file = root / "data" / "kept.csv"
    state = file.stat()
    file.write_text("a,b\n1,3\n", encoding="utf-8")
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        _append("notebooks/one.ipynb", " "),
        _append("_quarto.yml", "\n"),
        _append("figures/drawn.svg", " "),
        _append("data/new.csv", "a\n"),
        _append("_site/notebooks/one.html", " "),
        _append("_site/new.html", " "),
        _same_size,
        lambda root: (root / "data" / "kept.csv").unlink(),
        lambda root: (root / "_site" / "index.html").unlink(),
        lambda root: (root / "data" / "kept.csv").rename(root / "data" / "other.csv"),
        lambda root: (root / "elsewhere").symlink_to("/"),
    ],
)
def test_every_change_of_a_file_is_seen(built: TinyBook, change: Callable[[Path], None]) -> None:
    change(built.root)
    assert find_edition(built.root, ASKED) is None


def test_what_was_asked_for_counts(built: TinyBook) -> None:
    assert find_edition(built.root, Wish(("html", "epub"), lenient=False)) is None
    assert find_edition(built.root, Wish(("html",), lenient=True)) is None


def test_the_date_and_the_history_count(built: TinyBook, monkeypatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert find_edition(built.root, ASKED) is None
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert find_edition(built.root, ASKED)
    built.commit("2026-01-02T00:00:00Z")
    assert find_edition(built.root, ASKED) is None


def test_what_chapters_read_elsewhere_counts(tiny: TinyBook, tmp_path_factory) -> None:
    elsewhere = Path.home() / ".cache" / f"nkbook-test-{os.getpid()}"
    elsewhere.parent.mkdir(exist_ok=True)
    elsewhere.write_text("1")
    try:
        tiny.chapter("one", markdown("# One"), code(f"print(open({str(elsewhere)!r}).read())"))
        assert tiny.build().exit_code == 0
        assert find_edition(tiny.root, ASKED)
        elsewhere.write_text("2")
        assert find_edition(tiny.root, ASKED) is None
    finally:
        elsewhere.unlink()


def test_a_hook_of_another_program_always_runs(tiny: TinyBook) -> None:
    tiny.write("hook.py", "open('_ran', 'a').write('x')\n")
    tiny.config["project"]["pre-render"] = "hook.py"
    tiny.chapter("one", markdown("# One"))
    for _ in range(2):
        assert tiny.build().exit_code == 0
    assert (tiny.root / "_ran").read_text() == "xx"
    assert find_edition(tiny.root, ASKED) is None


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b'{"output": 1}', b"\xff"])
def test_a_damaged_record_counts_as_none(built: TinyBook, content: bytes) -> None:
    from nkbook.paths import Paths
    from nkbook.render.store import Store

    Store(Paths(built.root).editions).write(ASKED.name, content)
    assert find_edition(built.root, ASKED) is None
    assert SAME not in build(built)
    assert SAME in build(built)
