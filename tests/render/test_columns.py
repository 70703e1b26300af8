"""What leaves the column of the text: notes in the margin and wide blocks, in every format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from tests.books import TinyBook, code, markdown
from tests.browser.test_accessibility import AXE, violations
from tests.epubs import Check
from tests.render.edition import Edition, build, references, words
from tests.render.formats import Editions

LONG = "The road from the village to the market is long, and in winter it is longer still. " * 4


@pytest.fixture(scope="session")
def margins(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build("margins", tmp_path_factory.mktemp("margins") / "book")


@pytest.fixture(scope="session")
def columns(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build("columns", tmp_path_factory.mktemp("columns") / "book")


def asides(page: Any) -> list[Any]:
    """The notes in the margin of a page."""
    return [each for each in page.iter("aside") if "margin" in each.get("class", "").split()]


def said(node: Any) -> str:
    """What an element says, with plain spaces."""
    return words(node).replace("\u00a0", " ")


def notes(page: Any) -> list[str]:
    """What the notes in the margin say."""
    return [said(note) for note in asides(page)]


NOTES = {
    "A note beside it, with emphasis and a link. Its second paragraph.": "The first paragraph is"
    " what the note belongs to.",
    "A word in the margin.": "A second paragraph has its note inside. It goes on after it.",
    "Another word beside it.": "A third has one, too.",
    "An aside as a block.": "Another word beside it.",
    "Figure 1.1: In red": "Text beside a figure.",
    "A small field": "Text beside a picture without a label.",
    "Table 1.1: Beside a b 1 2": "Text beside a table.",
    "A note to an item.": "An item. Another item.",
    "A note to a callout.": "Note A callout.",
    "A note to it.": "A quotation.",
}
"""Notes, and the block that each follows."""


def test_a_note_follows_the_block_that_it_belongs_to(margins: Edition) -> None:
    for page in (margins.page("notes"), margins.chapter("sec-notes")):
        found = {said(note): said(note.getprevious()) for note in asides(page)}
        assert {note: found[note] for note in NOTES} == NOTES


def test_what_stands_in_the_margin_has_its_number(margins: Edition) -> None:
    page = margins.page("index")
    targets = [("notes.html#fig-beside", "Figure 1.1"), ("notes.html#tbl-beside", "Table 1.1")]
    assert references(page) == targets
    assert margins.page("notes").find(".//aside//figure[@id='fig-beside']") is not None


def test_footnotes_stand_in_the_margin_of_the_site_alone(margins: Edition) -> None:
    page = margins.page("options")
    expected = ["1 The note, with emphasis.", "2 Written in place.", "3 In a list."]
    assert notes(page) == expected
    for mark in page.iterfind(".//a[@role='doc-noteref']"):
        (note,) = page.xpath(f".//*[@id='{mark.get('href')[1:]}']")
        assert note.get("role") == "doc-footnote"
    assert page.find(".//*[@id='footnotes']") is None
    ebook = margins.chapter("sec-options")
    assert notes(ebook) == []
    assert len(ebook.xpath("//aside[@role='doc-footnote']")) == 3
    assert "The note, with emphasis." in margins.print()


def test_epubs_are_valid(margins: Edition, columns: Edition, check_epub: Check) -> None:
    assert check_epub(margins.epub) == []
    assert check_epub(columns.epub) == []


def test_print_has_all_notes_and_what_is_wide(margins: Edition, columns: Edition) -> None:
    text = margins.print().replace("\u00a0", " ")
    assert "It goes on after it. A word in the margin. A third has one, too." in text
    assert "Figure 1.1: In red" in text
    assert "As wide as the screen." in columns.print()


def test_cells_stand_in_the_column_that_they_name(columns: Edition) -> None:
    page = columns.page("cells")
    expected = ["Figure 2.2: A figure in the margin", "Printed in the margin"]
    assert notes(page) == expected
    wide = [words(block) for block in page.iterfind(".//div[@class='column-wide']")]
    assert wide == ["Figure 2.1: A figure as wide as the page", "Table 2.1: A table a b 1 2"]


def test_a_column_that_is_none_is_named(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code("#| column: pgae\nprint(1)"))
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB216  notebooks/one.ipynb, cell 2" in result.output
    assert "Did you mean “page”?" in result.output


def test_places_without_effect_are_told(tiny: TinyBook) -> None:
    front = "---\ntitle: One\ncap-location: margin\nreference-location: section\n---"
    tiny.chapter("one", nbformat.v4.new_raw_cell(front), markdown("A note.^[Here.]"))
    tiny.config |= {"fig-cap-location": "margin", "tbl-column": "page"}
    tiny.config["format"]["html"] |= {"reference-location": "section"}
    result = tiny.build()
    assert result.exit_code == 0, result.output
    for told in (
        "“fig-cap-location” has no effect",
        "“tbl-column” has no effect",
        "“format.html.reference-location: section” has no effect",
        "“cap-location” in the front matter has no effect",
        "“reference-location: section” in the front matter has no effect",
    ):
        assert told in result.output


def test_notes_of_the_whole_book_may_stand_in_the_margin(tiny: TinyBook) -> None:
    tiny.config["reference-location"] = "margin"
    tiny.chapter("one", markdown("# One^[At the title.]\n\nA note.^[Here.]\n\nAnother.^[There.]"))
    editions = Editions(tiny)
    assert notes(editions.html) == ["2 Here.", "3 There."]
    assert "At the title." in editions.html.text_content()
    assert all("There." in said for said in editions.said())


def test_references_may_stand_where_they_are_first_cited(tiny: TinyBook) -> None:
    tiny.bibliography()
    tiny.config |= {"citation-location": "margin", "nocite": "@lee"}
    with (tiny.root / "sources.bib").open("a") as file:
        file.write("@book{lee, author={Lee, Bo}, title={Another}, publisher={House}, year={2021}}")
    tiny.chapter("one", markdown("# One\n\nFirst [@kim].\n\nSecond [@kim].\n\nLast."))
    editions = Editions(tiny)
    (note,) = asides(editions.html)
    assert said(note).startswith("Kim, Ann. 2020. A Book.")
    assert said(note.getprevious()) == "First (Kim 2020)."
    (listed,) = editions.html.cssselect("#refs .csl-entry")
    assert "Lee" in said(listed)
    (entry,) = editions.html.cssselect("#ref-kim")
    assert (entry.get("role"), entry.getparent().get("role")) == ("listitem", "list")
    assert {link.get("href") for link in editions.html.cssselect(".citation a")} == {"#ref-kim"}
    assert "A Book" in editions.pdf


def test_a_note_in_a_tab_stays_in_it(tiny: TinyBook) -> None:
    text = "::: {.panel-tabset}\n## A\n\nFirst.[Aside.]{.aside}\n\n## B\n\nSecond.\n:::"
    tiny.chapter("one", markdown(f"# One\n\n{text}"))
    page = Editions(tiny).html
    assert [words(note) for note in page.cssselect("div.tab aside")] == ["Aside."]


# In a browser: last, because a build cannot run beside one -------------------------------------


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with more notes than there is room for beside their paragraphs."""
    book = TinyBook(tmp_path_factory.mktemp("crowded") / "book")
    note = "::: {.column-margin}\n" + LONG + "\n:::\n\n"
    table = "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 6
    text = f"# One\n\n{LONG}\n\n{note}Short.\n\n{note}{LONG}\n\n{note}## Two\n\n{LONG}\n\n"
    text += f"::: {{.column-margin}}\n{table}\n:::\n\nShort.[A word.]{{.aside}}\n\n{LONG}\n\n"
    text += f"::: {{.column-page}}\n{LONG}\n:::\n\n## Three\n\nLast.\n\n{note}"
    book.chapter("one", markdown(text))
    assert book.build().exit_code == 0
    return book.root / "_site" / "notebooks" / "one.html"


def opened(browser: Browser, file: Path, width: int, **settings: Any) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 900}, **settings).new_page()
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    return page


PLACES = """() => [...document.querySelectorAll(".margin")].map(note => {
  let before = note.previousElementSibling;
  while (before.matches(".margin")) before = before.previousElementSibling;
  return [before, note].map(each => each.getBoundingClientRect()).map(
    box => ({top: box.top, bottom: box.bottom, left: box.left, right: box.right}));
})"""


def test_a_note_stands_beside_its_paragraph_where_there_is_room(
    browser: Browser, margins: Edition
) -> None:
    page = opened(browser, margins.folder / "notes.html", 1440)
    places = page.evaluate(PLACES)
    assert all(note["left"] > block["right"] for block, note in places)
    assert all(abs(note["top"] - block["top"]) < 30 for block, note in (places[0], places[4]))
    page.context.close()


@pytest.mark.parametrize("width", [390, 820])
def test_a_note_stands_below_its_paragraph_elsewhere(
    browser: Browser, margins: Edition, width: int
) -> None:
    page = opened(browser, margins.folder / "notes.html", width)
    assert all(note["top"] >= block["bottom"] for block, note in page.evaluate(PLACES))
    page.context.close()


@pytest.mark.parametrize("width", [390, 820, 1280, 1440, 1920])
def test_no_note_covers_another_or_what_is_wide(
    browser: Browser, crowded: Path, width: int
) -> None:
    page = opened(browser, crowded, width)
    boxes = page.evaluate(
        """() => [...document.querySelectorAll(".margin, .prose p, .prose h2, .column-wide")]
          .filter(each => !each.parentElement.closest(".margin, .column-wide"))
          .map(each => each.getBoundingClientRect())
          .map(box => [box.left, box.top, box.right, box.bottom])"""
    )
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            across = min(one[2], other[2]) - max(one[0], other[0])
            down = min(one[3], other[3]) - max(one[1], other[1])
            assert across <= 0.5 or down <= 0.5, (one, other)
    page.context.close()


def test_the_text_runs_on_beside_a_note_longer_than_its_paragraph(
    browser: Browser, crowded: Path
) -> None:
    page = opened(browser, crowded, 1440)
    note, text = page.evaluate(
        """() => {
          const section = document.querySelector("#two");
          const after = section.querySelectorAll(":scope > p")[1];
          return [section.querySelector(".margin"), after]
            .map(each => each.getBoundingClientRect())
            .map(box => [box.top, box.bottom]);
        }"""
    )
    assert text[0] < note[1]
    page.context.close()


def test_what_is_wide_is_wider_than_the_text(browser: Browser, columns: Edition) -> None:
    for width, ratio in ((390, 1.0), (820, 1.1), (1440, 1.4)):
        page = opened(browser, columns.folder / "wide.html", width)
        text, wide = page.evaluate(
            """() => [".prose > p", ".column-wide"].map(
              name => document.querySelector(name).getBoundingClientRect().width)"""
        )
        assert wide >= text * ratio
        page.context.close()


def test_a_note_has_no_room_of_its_own_in_print(browser: Browser, margins: Edition) -> None:
    page = opened(browser, margins.folder / "notes.html", 700)
    page.emulate_media(media="print")
    assert all(note["top"] >= block["bottom"] for block, note in page.evaluate(PLACES))
    page.context.close()


def test_axe_finds_nothing_beside_the_text(browser: Browser, margins: Edition) -> None:
    assert AXE.is_file(), "axe is missing: `make test` installs it."
    for name in ("notes", "options", "cited"):
        file = margins.folder / f"{name}.html"
        opened(browser, file, 390).context.close()
        page = opened(browser, file, 1440, bypass_csp=True, reduced_motion="reduce")
        page.add_script_tag(path=AXE)
        assert violations(page) == []
        page.context.close()
