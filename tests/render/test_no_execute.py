"""A reviewer looks at a stranger's chapters without running a line of their code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.books import FIGURE, TinyBook, code, markdown

WATCH = """
import os, sys

def hear(event, arguments):
    if event in ("subprocess.Popen", "os.fork", "os.posix_spawn", "os.exec"):
        with open(os.environ["HEARD"], "a") as stream:
            stream.write(f"{event} {arguments!r}\\n")

sys.addaudithook(hear)
"""


@pytest.fixture
def book(tiny: TinyBook) -> TinyBook:
    """A book that was built once by someone who trusts it; its code leaves a mark when it runs."""
    tiny.bibliography()
    mark = f"open({str(tiny.root.parent / 'ran')!r}, 'a').write('x')"
    tiny.chapter(
        "one",
        markdown("# One\n\nSee @fig-line: `{python} 6 * 7`."),
        code(f"{mark}\n41 + 1"),
        code(FIGURE),
    )
    assert tiny.build(("html", "epub")).exit_code == 0
    assert ran(tiny) == 1
    return tiny


def ran(book: TinyBook) -> int:
    """How often its code ran."""
    mark = book.root.parent / "ran"
    return len(mark.read_text()) if mark.is_file() else 0


def change(book: TinyBook, old: str, new: str) -> None:
    """What a stranger proposes."""
    file = book.root / "notebooks" / "one.ipynb"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def build(book: TinyBook) -> subprocess.CompletedProcess[str]:
    """Build without running anything, and hear of every process that is started for it."""
    watch = book.root.parent / "watch"
    watch.mkdir(exist_ok=True)
    (watch / "sitecustomize.py").write_text(WATCH)
    path = os.pathsep.join([str(watch), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "nkbook", "build", "--no-execute"],
        cwd=book.root,
        env={**os.environ, "PYTHONPATH": path, "HEARD": str(book.root.parent / "heard")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_new_words_are_shown_with_what_the_code_gave_before(book: TinyBook) -> None:
    change(book, "See @fig-line", "Look at @fig-line")
    done = build(book)
    assert done.returncode == 0, done.stderr
    page = book.page("notebooks/one.html")
    for words in ("Look at", "42", "A line that rises."):
        assert words in page
    assert ran(book) == 1
    started = (book.root.parent / "heard").read_text().splitlines()
    assert started
    for line in started:
        assert re.match(r"subprocess\.Popen \('(?:git|\S*pandoc[.\w]*)'", line), line


def test_new_code_is_not_run(book: TinyBook) -> None:
    before = book.page("notebooks/one.html")
    change(book, "41 + 1", "41 + 2")
    done = build(book)
    assert done.returncode == 1
    assert "NB406  notebooks/one.ipynb: nobody has run this code here" in done.stderr
    assert ran(book) == 1
    assert book.page("notebooks/one.html") == before


def test_what_a_notebook_brings_along_is_shown(tiny: TinyBook) -> None:
    cell = code("boom()")
    cell["outputs"] = [nbformat.v4.new_output("stream", name="stdout", text="As it was.\n")]
    tiny.chapter("one", markdown("# One"), cell)
    tiny.save()
    assert build(tiny).returncode == 0
    assert "As it was." in tiny.page("notebooks/one.html")


def test_hooks_of_the_project_are_not_run(book: TinyBook) -> None:
    book.write("hook.py", f"open({str(book.root.parent / 'ran')!r}, 'a').write('x')\n")
    book.config["project"] |= {"pre-render": "hook.py", "post-render": "hook.py"}
    book.save()
    done = build(book)
    assert done.returncode == 0, done.stderr
    assert ran(book) == 1
    assert "NB113  _quarto.yml: the hook “hook.py” was not run" in done.stderr + done.stdout


def test_such_an_edition_is_not_taken_for_one_of_these_sources(book: TinyBook) -> None:
    book.write("notebooks/data.txt", "1")
    change(book, "See @fig-line", "Look at @fig-line")
    assert build(book).returncode == 0
    result = book.run("build", "--engine", "portable")
    assert "Nothing has changed" not in result.output


@pytest.mark.parametrize("option", ["--fresh", "--engine=quarto"])
def test_what_contradicts_it_is_refused(book: TinyBook, option: str) -> None:
    result = book.run("build", "--no-execute", option)
    assert result.exit_code == 2
    assert "--no-execute" in result.output


def test_a_forged_result_is_looked_at_like_any_other(book: TinyBook) -> None:
    cell = code("1")
    cell["outputs"] = [
        nbformat.v4.new_output("display_data", {"text/html": "<p onclick='x()'>Forged</p>"})
    ]
    book.chapter("two", markdown("# Two"), cell)
    book.save()
    done = build(book)
    assert done.returncode == 0, done.stderr
    assert "onclick" not in book.page("notebooks/two.html")
    assert "NB305" in done.stderr + done.stdout
    assert json.loads(Path(book.root / "notebooks" / "two.ipynb").read_text())["cells"]
