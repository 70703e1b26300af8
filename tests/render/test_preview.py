"""While an author writes: the changed page at once, as the whole build will make it."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from nkbook.errors import BookError
from nkbook.render.preview import Preview
from nkbook.render.progress import Progress
from nkbook.render.serve import Changes
from tests.books import FIGURE, TinyBook, code, markdown

ONE = "notebooks/one.html"
TWO = "notebooks/two.html"


class Writer:
    """An author with two chapters and a preview of them."""

    def __init__(self, tiny: TinyBook) -> None:
        tiny.bibliography()
        tiny.chapter(
            "one", markdown("# One {#sec-one}\n\nFirst.^[A note.] See @fig-line.\n"), code(FIGURE)
        )
        tiny.chapter("two", markdown("# Two\n\nSee @sec-one and @fig-line. [@kim]\n"))
        tiny.save()
        self.root = tiny.root
        self.output = tiny.root / "_cache" / "preview"
        self.preview = Preview(tiny.root, self.output, Progress(quiet=True))
        self.preview.rebuild()

    def edit(self, name: str, old: str, new: str) -> Path:
        file = self.root / "notebooks" / f"{name}.ipynb"
        text = file.read_text(encoding="utf-8")
        changed = text.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1])
        assert changed != text
        file.write_text(changed, encoding="utf-8")
        return file

    def page(self, name: str) -> str:
        return (self.output / name).read_text(encoding="utf-8")


@pytest.fixture
def writer(tiny: TinyBook) -> Writer:
    return Writer(tiny)


def test_a_changed_text_is_there_at_once_as_it_will_be(writer: Writer) -> None:
    file = writer.edit("two", "See @sec-one", "Look at @sec-one, *now*,")
    assert writer.preview.refresh({file}) == {TWO}
    fresh = writer.page(TWO)
    assert "Look at" in fresh
    assert "<em>now</em>" in fresh
    assert "Chapter\u00a01" in fresh
    assert not {ONE, TWO} & writer.preview.rebuild()
    assert writer.page(TWO) == fresh


def test_what_an_editor_writes_beside_a_chapter_holds_nothing_up(writer: Writer) -> None:
    file = writer.edit("two", "See @sec-one", "Look at @sec-one")
    gone = file.with_name("4913")
    assert writer.preview.refresh({file, gone}) == {TWO}
    assert writer.preview.refresh({gone}) == set()


def test_pages_hear_what_changed_since_they_asked() -> None:
    changes = Changes()

    def since(version: str) -> dict[str, Any]:
        return asyncio.run(changes.since(version))

    assert since("") == {"version": "0", "pages": []}
    changes.tell({ONE})
    changes.tell({TWO})
    assert since("0") == {"version": "2", "pages": [ONE, TWO]}
    assert since("1") == {"version": "2", "pages": [TWO]}
    # Of a server that has ended since.
    assert since("7") == {"version": "2", "pages": None}


def test_a_page_that_waits_hears_it_at_once() -> None:
    changes = Changes()

    async def wait() -> dict[str, Any]:
        asyncio.get_running_loop().call_later(0.05, threading.Thread(target=tell).start)
        return await changes.since("0")

    def tell() -> None:
        changes.tell({ONE})

    assert asyncio.run(wait()) == {"version": "1", "pages": [ONE]}


def test_changed_code_is_run_and_its_figure_shown(writer: Writer) -> None:
    file = writer.edit("one", "M0 36L72 0", "M0 0L72 36")
    assert writer.preview.refresh({file}) == {ONE}
    assert "M0 0L72 36" in (writer.output / "figures" / "fig-line.svg").read_text()
    assert ONE not in writer.preview.rebuild()


def test_what_refers_to_it_follows_with_the_whole_site(writer: Writer) -> None:
    file = writer.edit("one", "First.", "# New\n\nFirst.")
    writer.preview.refresh({file})
    assert "Figure\u00a01.1" in writer.page(TWO)
    assert TWO in writer.preview.rebuild()
    assert "Figure\u00a02.1" in writer.page(TWO)


@pytest.mark.parametrize("change", ["title", "added", "number"])
def test_where_all_may_change_all_is_made(writer: Writer, change: str) -> None:
    file = writer.root / "_quarto.yml"
    if change == "title":
        file.write_text(file.read_text().replace("Tiny book", "Small book"))
    elif change == "added":
        file = writer.root / "data" / "new.csv"
        file.parent.mkdir(exist_ok=True)
        file.write_text("a\n")
    else:
        file = writer.edit("one", "# One {#sec-one}", "# One {#sec-one .unnumbered}")
    before = writer.page(TWO)
    assert writer.preview.refresh({file}) == set()
    assert writer.page(TWO) == before


def test_a_fault_is_told_and_the_last_good_page_stays(writer: Writer) -> None:
    before = writer.page(TWO)
    file = writer.edit("two", "@fig-line", "@fig-lime")
    with pytest.raises(BookError, match="fig-lime"):
        writer.preview.refresh({file})
    assert writer.page(TWO) == before
    writer.edit("two", "@fig-lime", "@fig-line")
    assert writer.preview.refresh({file}) == set()
