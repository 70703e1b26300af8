"""The page of an author in a real browser: it shows itself anew, at the place where it was."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Locator, expect

from nkbook.render.preview import Preview
from nkbook.render.progress import Progress
from nkbook.render.serve import Changes, start_server
from tests.books import TinyBook, markdown


def test_a_page_comes_anew_at_the_place_of_its_reader(browser: Browser, tiny: TinyBook) -> None:
    text = "\n\n".join(f"## Part {n} {{#sec-p{n}}}\n\n" + "Words. " * 300 for n in range(9))
    tiny.chapter("one", markdown(f"# One\n\n{text}"))
    tiny.chapter("two", markdown("# Two\n\nOther."))
    tiny.save()
    output = tiny.root / "_cache" / "preview"
    preview, changes = Preview(tiny.root, output, Progress(quiet=True)), Changes()
    preview.rebuild()
    server = start_server(output, 0, changes)
    try:
        address = f"{server.address}notebooks/one.html"
        page = browser.new_page()
        page.goto(address)
        heading = page.locator("#sec-p6")
        heading.evaluate("mark => mark.scrollIntoView({ behavior: 'instant' })")
        page.evaluate("scrollBy({ top: 200, behavior: 'instant' })")
        until(lambda: top(heading) < 0)
        before = top(heading)
        page.evaluate("window.old = true")

        # Another chapter is none of this page's business.
        edit(tiny, "two", "Other.", "Different.")
        changes.tell(preview.refresh({tiny.root / "notebooks" / "two.ipynb"}))
        changes.tell({"notebooks/elsewhere.html"})
        edit(tiny, "one", "## Part 1 ", "A new paragraph. " * 200 + "\n\n## Part 1 ")
        pages = preview.refresh({tiny.root / "notebooks" / "one.ipynb"})
        assert pages == {"notebooks/one.html"}
        assert page.evaluate("window.old")
        changes.tell(pages)
        expect(page.get_by_text("A new paragraph.").first).to_be_attached()
        until(lambda: abs(top(heading) - before) < 3)
        page.close()
    finally:
        server.close()


def top(mark: Locator) -> float:
    """How far below the top of the window something stands."""
    return float(mark.evaluate("mark => mark.getBoundingClientRect().top"))


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, for a minute at most."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it never came to hold")


def edit(tiny: TinyBook, name: str, old: str, new: str) -> None:
    file: Path = tiny.root / "notebooks" / f"{name}.ipynb"
    text = file.read_text(encoding="utf-8")
    changed = text.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1], 1)
    assert changed != text
    file.write_text(changed, encoding="utf-8")
