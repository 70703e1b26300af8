"""Citations and notes open beside the text, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.books import TinyBook, markdown

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a long chapter with a citation and a note."""
    tiny = TinyBook(tmp_path_factory.mktemp("notes") / "book")
    tiny.bibliography()
    filler = "\n\n".join(["A line that takes room."] * 60)
    text = f"""# Chapter

It is known [@kim].[^1] So it goes on.

{filler}

[^1]: A first paragraph in *italics*.

    A second, with `code`.
"""
    tiny.chapter("one", markdown(text))
    result = tiny.build()
    assert result.exit_code == 0, result.output
    return tiny.root / "_site/notebooks/one.html"


@pytest.fixture
def opened(chapter: Path, browser: Browser) -> Iterator[Open]:
    """The chapter, open in a window with or without scripts."""
    context = None

    def go(scripts: bool = True, width: int = 1200) -> Page:
        nonlocal context
        context = browser.new_context(
            java_script_enabled=scripts,
            viewport={"width": width, "height": 700},
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.goto(chapter.as_uri())
        return page

    yield go
    if context:
        context.close()


@pytest.mark.parametrize("width", [390, 1200])
def test_citation_opens_beside_its_marker(opened: Open, width: int) -> None:
    page = opened(width=width)
    marker = page.locator("a[role=doc-biblioref]")
    marker.click()
    box = page.get_by_role("note")
    expect(box).to_contain_text("A Book")
    expect(box).to_be_in_viewport(ratio=1)
    expect(marker).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    assert page.evaluate("() => document.activeElement.getAttribute('role')") == "doc-biblioref"


def test_note_keeps_all_its_paragraphs_and_no_second_id(opened: Open) -> None:
    page = opened()
    page.locator("a[role=doc-noteref]").press("Enter")
    box = page.get_by_role("note")
    expect(box.locator("em")).to_have_text("italics")
    expect(box.locator("code")).to_have_text("code")
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_reader_can_go_on_to_the_list(opened: Open) -> None:
    page = opened()
    page.locator("a[role=doc-biblioref]").click()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("note")).to_be_hidden()
    expect(page.locator("#ref-kim")).to_be_focused()
    expect(page.locator("#ref-kim")).to_be_in_viewport()


def test_without_scripts_the_entry_comes_to_the_reader(opened: Open) -> None:
    page = opened(scripts=False)
    marker = page.locator("a[role=doc-biblioref]")
    entry = page.locator("#ref-kim")
    expect(entry).not_to_be_in_viewport()
    marker.click()
    expect(entry).to_be_in_viewport(ratio=1)
    expect(marker).to_be_in_viewport()
    entry.get_by_role("link", name="Close").click()
    expect(entry).not_to_be_in_viewport()
    expect(marker).to_be_in_viewport()
    page.locator("a[role=doc-noteref]").click()
    expect(page.locator(".footnotes li")).to_be_in_viewport(ratio=1)


def test_link_opens_elsewhere_when_the_reader_asks(opened: Open) -> None:
    page = opened()
    with page.context.expect_page() as other:
        page.locator("a[role=doc-biblioref]").click(modifiers=["ControlOrMeta"])
    assert other.value.url.endswith("#ref-kim")
    expect(page.get_by_role("note")).to_be_hidden()
