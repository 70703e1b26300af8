"""Titles of chapters, what stands below them, and the numbers that follow from them."""

from __future__ import annotations

import nbformat
import pytest
from lxml import html

from tests.books import TinyBook, markdown
from tests.render.formats import Editions


def headings(page: str) -> list[str]:
    tree = html.fromstring(page).cssselect("article")[0]
    for extra in tree.cssselect(".heading-link, nav, details"):
        extra.drop_tree()
    return [" ".join(h.text_content().split()) for h in tree.cssselect(".kicker, h1, h2, h3, h4")]


def front(text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_raw_cell(f"---\n{text}\n---")


def test_title_of_front_matter_may_have_formatting_and_a_note(tiny: TinyBook) -> None:
    title = 'title: "A *new* title^[Said at the title.]"'
    tiny.chapter("one", front(title), markdown("## Part of it\n\nText.^[Said in the text.]"))
    editions = Editions(tiny)
    page = tiny.page("notebooks/one.html")
    assert "<h1>A <em>new</em> title<a" in page
    assert headings(page)[:3] == ["Chapter 1", "A new title1", "1.1 Part of it"]
    for words in editions.said():
        assert words.count("Said at the title.") == 1
        assert words.index("Said at the title.") < words.index("Said in the text.")
    book = tiny.root / "_site" / "Tiny-book.pdf"
    assert Editions.words(book).count("Said at the title.") == 1, "not in the contents, too"


def test_front_matter_is_printed_below_the_title(tiny: TinyBook) -> None:
    tiny.chapter(
        "one",
        front(
            "subtitle: A *second* line\nauthor:\n  - Bea Beech\n  - name: Cem Cedar\n"
            "  - name: {given: Dan, family: Dogwood}\ndate: 2024-02-03\nabstract: What it is."
        ),
        markdown("# One\n\nText."),
    )
    _, ebook, paper = Editions(tiny).said()
    page = html.fromstring(tiny.page("notebooks/one.html"))
    (head,) = page.find_class("chapter-header")
    for words in (" ".join(head.text_content().split()), ebook, paper):
        assert "A second line Bea Beech, Cem Cedar, Dan Dogwood · 3 February 2024" in words
        assert "Abstract What it is." in words
    # Whoever cites the chapter names those who wrote it.
    (cited,) = page.find_class("cite-text")
    assert cited.text_content().startswith("Bea Beech & Cem Cedar & Dan Dogwood (")
    assert cited.text_content() in paper


def test_date_that_changes_each_day_is_told_and_not_printed(tiny: TinyBook) -> None:
    tiny.chapter("one", front("date: today"), markdown("# One"))
    result = tiny.build()
    assert result.exit_code == 0
    assert "NB214  notebooks/one.ipynb: the date “today” is not printed" in result.output
    assert "today" not in tiny.page("notebooks/one.html")


def test_further_heading_of_the_first_level_takes_the_next_number(tiny: TinyBook) -> None:
    table = "\n\n|a|\n|-|\n|1|\n\n: T {#tbl-%s}\n\n"
    text = f"# One\n\n## A{table % 's'}# More {{#sec-more}}\n\n## B {{#sec-b}}{table % 't'}"
    tiny.chapter("one", markdown(text + "\nSee @sec-more, @sec-b and @tbl-t."))
    tiny.chapter("two", markdown("# Two"))
    tiny.chapter("app", markdown("# App\n\n# Other\n\n## C"), appendix=True)
    editions = Editions(tiny)
    found = headings(tiny.page("notebooks/one.html"))
    assert found == ["Chapter 1", "One", "1.1 A", "2 More", "2.1 B"]
    assert headings(tiny.page("notebooks/two.html"))[0] == "Chapter 2", "as in Quarto"
    assert headings(tiny.page("notebooks/app.html"))[2:] == ["B Other", "B.1 C"]
    for words in editions.said():
        assert "See Chapter 2, Section 2.1 and Table 2.1." in words.replace("\u00a0", " ")


def test_home_page_with_a_title_counts_as_in_quarto(tiny: TinyBook) -> None:
    tiny.write("index.qmd", "# Preface\n\nHello.\n")
    tiny.chapter("one", markdown("# One"))
    assert tiny.build().exit_code == 0
    assert headings(tiny.page("notebooks/one.html"))[0] == "Chapter 2"


@pytest.mark.parametrize("level", ["project", "format", "chapter"])
def test_sections_without_numbers(tiny: TinyBook, level: str) -> None:
    if level == "project":
        tiny.config["number-sections"] = False
    if level == "format":
        tiny.config["format"]["html"]["number-sections"] = False
    cell = front("number-sections: false") if level == "chapter" else front("")
    text = "# One {#sec-one}\n\n## A {#sec-a}\n\n|a|\n|-|\n|1|\n\n: T {#tbl-t}\n\n"
    tiny.chapter("one", cell, markdown(text + "See @sec-one, @sec-a and @tbl-t."))
    editions = Editions(tiny)
    assert headings(tiny.page("notebooks/one.html")) == ["One", "A"]
    for words in editions.said():
        assert "See One, A and Table 1.1." in words.replace("\u00a0", " ")


def test_formats_that_contradict_each_other_have_the_numbers_of_the_book(tiny: TinyBook) -> None:
    tiny.config["format"] = {
        "html": {"number-sections": False}, "epub": {"number-sections": True}
    }  # fmt: skip
    tiny.chapter("one", markdown("# One\n\n## A"))
    editions = Editions(tiny)
    assert headings(tiny.page("notebooks/one.html"))[1:] == ["One", "1.1 A"]
    assert "“number-sections” differs between formats" in editions.result.output


def test_numbers_end_at_a_depth_but_references_have_them(tiny: TinyBook) -> None:
    tiny.config["number-depth"] = 2
    tiny.chapter("one", markdown("# One\n\n## A\n\n### B {#sec-b}\n\nSee @sec-b."))
    editions = Editions(tiny)
    assert headings(tiny.page("notebooks/one.html"))[2:] == ["1.1 A", "B"]
    for words in editions.said():
        assert "See Section 1.1.1." in words.replace("\u00a0", " ")
