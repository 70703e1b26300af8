"""What programs made is used again for the same, and only for the same."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nkbook.errors import BookError
from nkbook.render import pandoc, store
from nkbook.render.store import keeping, made
from tests.books import FIGURE, TinyBook, code, markdown


class Program:
    """Counts how often it is run."""

    def __init__(self, result: bytes = b"made") -> None:
        self.result = result
        self.runs = 0

    def __call__(self) -> bytes:
        self.runs += 1
        return self.result


def test_the_same_is_made_once_and_all_else_anew(tmp_path: Path) -> None:
    program = Program()
    for _ in range(2):
        with keeping(tmp_path):
            assert made(["a", b"b"], program) == b"made"
    assert program.runs == 1
    with keeping(tmp_path):
        # No part runs into the next.
        for other in (["ab"], ["a", "b", ""], ["b", "a"], ["a"], ["a", "c"]):
            made(other, program)
    assert program.runs == 6
    with keeping(tmp_path, fresh=True):
        made(["a", b"b"], program)
    assert program.runs == 7


def test_outside_of_a_build_nothing_is_kept(tmp_path: Path) -> None:
    program = Program()
    with keeping(tmp_path):
        pass
    made(["a"], program)
    made(["a"], program)
    assert program.runs == 2
    assert not [*tmp_path.rglob("*")]


def test_a_fault_is_not_kept(tmp_path: Path) -> None:
    def fail() -> bytes:
        raise BookError([])

    with keeping(tmp_path):
        with pytest.raises(BookError):
            made(["a"], fail)
        assert made(["a"], Program(b"well")) == b"well"


@given(damage=st.binary(max_size=200), at=st.integers(0, 200))
@settings(max_examples=200, deadline=None)
def test_what_is_damaged_or_foreign_is_made_again(tmp_path_factory, damage: bytes, at: int) -> None:
    folder = tmp_path_factory.mktemp("store")
    with keeping(folder):
        made(["a"], Program(b"one" * 20))
    (file,) = (path for path in folder.rglob("*") if path.is_file())
    whole = file.read_bytes()
    broken = whole[:at] + damage
    file.write_bytes(broken)
    with keeping(folder):
        assert made(["a"], Program(b"one" * 20)) == b"one" * 20
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with keeping(tmp_path / "file"):
        assert made(["a"], Program()) == b"made"


def test_many_at_once_get_the_same(tmp_path: Path) -> None:
    with keeping(tmp_path), ThreadPoolExecutor(8) as pool:
        results = pool.map(lambda number: made([str(number % 5)], Program()), range(200))
        assert set(results) == {b"made"}
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 5


def test_the_folder_has_a_bound_and_keeps_what_was_used(tmp_path: Path, monkeypatch) -> None:
    with keeping(tmp_path):
        for name in "abc":
            made([name], Program(bytes(1000)))
    left = tmp_path / "ab" / "left.new"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"of a build that was killed")
    for file in (path for path in tmp_path.rglob("*") if path.is_file()):
        os.utime(file, (0, 0))
    monkeypatch.setattr(store, "_MOST_BYTES", 1500)
    with keeping(tmp_path):
        made(["b"], Program(bytes(1000)))
    program = Program()
    with keeping(tmp_path):
        made(["b"], program)
        assert program.runs == 0
        made(["a"], program)
        assert program.runs == 1
    assert not left.exists()


def test_pandoc_reads_a_file_again_that_has_changed(tmp_path: Path) -> None:
    style = tmp_path / "style.csl"
    sources = tmp_path / "sources.json"

    def cited(name: str) -> str:
        sources.write_text(f'[{{"id": "kim", "type": "book", "author": [{{"family": "{name}"}}]}}]')
        blocks = pandoc.parse("[@kim]", place="here")
        with keeping(tmp_path / "kept"):
            return str(pandoc.cite(blocks, [sources], None, "en", place="here"))

    assert not style.exists()
    assert "Kim" in cited("Kim")
    assert "Pak" in cited("Pak")


def test_editions_are_the_same_bytes_whatever_is_kept(tiny: TinyBook) -> None:
    tiny.bibliography()
    tiny.chapter("one", markdown("# One {#sec-one}\n\nSee @fig-line."), code(FIGURE))
    tiny.chapter("two", markdown("# Two\n\nTEXT"))
    tiny.save()
    notebook = tiny.root / "notebooks" / "two.ipynb"
    source = notebook.read_text(encoding="utf-8")

    def built(text: str) -> dict[str, bytes]:
        notebook.write_text(source.replace("TEXT", text), encoding="utf-8")
        done = tiny.build(("html", "epub", "pdf"))
        assert done.exit_code == 0, done.output
        site = tiny.root / "_site"
        files = (file for file in site.rglob("*") if file.is_file())
        return {str(file.relative_to(site)): file.read_bytes() for file in files}

    before = "See @sec-one.^[A note.]"
    cold = built(before)
    assert built(before) == cold
    changed = built("Changed.")
    assert changed["notebooks/two.html"] != cold["notebooks/two.html"]
    assert changed["notebooks/one.pdf"] == cold["notebooks/one.pdf"]
    assert built(before) == cold
