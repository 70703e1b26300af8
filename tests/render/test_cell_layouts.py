"""What cells show in layouts: parts of figures and tables, several figures, rows and columns."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import html
from playwright.sync_api import Browser

from tests.books import TinyBook, code, markdown
from tests.epubs import Check
from tests.render.edition import Edition, build, references, words
from tests.render.formats import stored

DOT = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0H9V9"/></svg>'
PICTURE = {"image/svg+xml": DOT}


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build("cell-layouts", tmp_path_factory.mktemp("cells") / "book")


def captions(page: Any) -> list[tuple[str, str]]:
    """Id and caption of each figure and table, parts after what they are parts of."""
    return [
        (figure.get("id"), words(figure.find("figcaption")).replace("\u00a0", " "))
        for figure in page.iterfind(".//figure")
    ]


PICTURES = [
    ("fig-pair", "Figure 1.1: Two fields"),
    ("fig-pair-1", "(a) In red"),
    ("fig-pair-2", "(b) In blue"),
    ("fig-letters", "Figure 1.2: Three fields"),
    ("fig-letters-1", "(a)"),
    ("fig-letters-2", "(b)"),
    ("fig-letters-3", "(c)"),
    ("fig-below", "Figure 1.3: Fields below one another"),
    ("fig-below-1", "(a) First"),
    ("fig-below-2", "(b) Second"),
    ("fig-own", "Figure 1.4: The first of two"),
    ("fig-own-2", "Figure 1.5: The second of two"),
    ("fig-whole", "Figure 1.6: Two fields without letters"),
    ("fig-whole-1", "(a)"),
    ("fig-whole-2", "(b)"),
]

OTHERS = [
    ("tbl-both", "Table 2.1: Two tables"),
    ("tbl-both-1", "(a) First"),
    ("tbl-both-2", "(b) Second"),
    ("tbl-letters", "Table 2.2: Two more tables"),
    ("tbl-letters-1", "(a)"),
    ("tbl-letters-2", "(b)"),
    ("fig-code", "Figure 2.1: Two fields and their code"),
    ("fig-code-1", "(a) Left"),
    ("fig-code-2", "(b) Right"),
]


def test_outputs_are_parts_with_letters_and_alt_texts_of_their_own(edition: Edition) -> None:
    assert captions(edition.page("pictures")) == PICTURES
    assert captions(edition.page("others")) == OTHERS
    alts = [image.get("alt") for image in edition.page("pictures").iterfind(".//img")]
    assert alts[:5] == [
        "A red field.",
        "A blue field.",
        "One field.",
        "A second field.",
        *alts[4:5],
    ]
    assert alts[4] == "A third field."


def test_parts_can_be_referred_to(edition: Edition) -> None:
    assert references(edition.page("index")) == [
        ("pictures.html#fig-pair", "Figure 1.1"),
        ("pictures.html#fig-pair-2", "Figure 1.1 (b)"),
        ("others.html#tbl-both-1", "Table 2.1 (a)"),
    ]


def test_epub_has_the_same(edition: Edition, check_epub: Check) -> None:
    assert captions(edition.chapter("sec-pictures")) == PICTURES
    assert captions(edition.chapter("sec-others")) == OTHERS
    assert check_epub(edition.epub) == []


def test_print_has_the_same(edition: Edition) -> None:
    text = edition.print().replace("\u00a0", " ")
    for part in ("(a) In red", "(b) In blue", "Figure 1.1: Two fields", "Table 2.1: Two tables"):
        assert part in text


def figures(book: TinyBook) -> Any:
    assert (result := book.build()).exit_code == 0, result.output
    return html.fromstring(book.page("notebooks/one.html")).cssselect("div.prose")[0]


def test_stored_outputs_of_a_notebook_are_laid_out(tiny: TinyBook) -> None:
    options = (
        "#| label: fig-two\n#| fig-cap: Two\n#| fig-alt: [One, Another]\n"
        "#| fig-subcap: [Left, Right]\n#| layout-ncol: 2\nshow()"
    )
    tiny.config["execute"] = {"enabled": False}
    tiny.chapter("one", markdown("# One\n\n@fig-two-2"), stored(options, PICTURE, PICTURE))
    page = figures(tiny)
    assert captions(page)[1:] == [("fig-two-1", "(a) Left"), ("fig-two-2", "(b) Right")]
    assert len(page.cssselect(".panel-row > .panel-cell")) == 2
    assert references(page) == [("#fig-two-2", "Figure 1.1 (b)")]


def test_figures_of_one_cell_can_each_be_referred_to(tiny: TinyBook) -> None:
    options = "#| label: fig-two\n#| fig-cap: [One, Two]\n#| fig-alt: [A, B]\nshow()"
    tiny.config["execute"] = {"enabled": False}
    tiny.chapter(
        "one", markdown("# One\n\n@fig-two, @fig-two-2"), stored(options, PICTURE, PICTURE)
    )
    page = figures(tiny)
    assert captions(page) == [("fig-two", "Figure 1.1: One"), ("fig-two-2", "Figure 1.2: Two")]
    assert references(page) == [("#fig-two", "Figure 1.1"), ("#fig-two-2", "Figure 1.2")]


def test_captions_without_a_label_stand_below_their_pictures(tiny: TinyBook) -> None:
    options = "#| fig-cap: [One, Two]\n#| fig-alt: [A, B]\n#| layout-ncol: 2\nshow()"
    tiny.config["execute"] = {"enabled": False}
    tiny.chapter("one", markdown("# One"), stored(options, PICTURE, PICTURE))
    page = figures(tiny)
    assert [words(caption) for caption in page.iter("figcaption")] == ["One", "Two"]


def test_a_warning_is_no_cell_of_a_layout(tiny: TinyBook) -> None:
    tiny.config["execute"] = {"enabled": False}
    warned = {"name": "stderr", "text": "Beware"}
    cell = stored("#| layout-ncol: 2\n#| fig-alt: A\nshow()", warned, PICTURE, PICTURE)
    tiny.chapter("one", markdown("# One"), cell)
    page = figures(tiny)
    assert len(page.cssselect(".panel-cell")) == 2
    assert "Beware" in page.text_content()
    assert not any("Beware" in cell.text_content() for cell in page.cssselect(".panel-cell"))


def test_text_of_many_blocks_is_one_cell_of_a_layout(tiny: TinyBook) -> None:
    tiny.config["execute"] = {"enabled": False}
    text = {"text/markdown": "First.\n\nSecond."}
    cell = stored("#| layout-ncol: 2\nshow()", text, {"text/html": "<p>Third</p>\n<p>Fourth</p>"})
    tiny.chapter("one", markdown("# One"), cell)
    cells = [words(cell) for cell in figures(tiny).cssselect(".panel-cell")]
    assert cells == ["First. Second.", "Third Fourth"]


def test_a_layout_that_cannot_be_read_is_named_with_its_cell(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One"), code("#| layout-ncol: two\nprint(1)"))
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB304  notebooks/one.ipynb, cell 2" in result.output
    assert "“layout-ncol”: this layout cannot be read" in result.output


def test_a_cell_that_fails_is_the_only_fault(tiny: TinyBook) -> None:
    options = "#| label: fig-x\n#| fig-cap: X\n#| fig-subcap: [A, B]\n1 / 0"
    tiny.chapter("one", markdown("# One\n\n@fig-x-2"), code(options))
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB602" not in result.output


def test_outputs_stand_beside_one_another_where_there_is_room(
    browser: Browser, edition: Edition
) -> None:
    lefts = {}
    for width in (390, 820, 1440):
        context = browser.new_context(viewport={"width": width, "height": 900})
        page = context.new_page()
        page.goto((edition.folder / "pictures.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        lefts[width] = page.evaluate(
            """() => [...document.querySelectorAll("#fig-pair figure")]
              .map(part => part.getBoundingClientRect().left)"""
        )
        context.close()
    assert len(set(lefts[390])) == 1
    assert len(set(lefts[820])) == len(set(lefts[1440])) == 2
