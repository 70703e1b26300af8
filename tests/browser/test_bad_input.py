"""Chapters that nobody should write: their pages stay readable at every width."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.books import TinyBook, code, markdown
from tests.browser.test_accessibility import OPEN_ALL, TOO_WIDE

WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2

NUMBER = "[1,200–3,400 people](statistics.ipynb#stat-crowd){.stat}"


def picture(width: int, height: int) -> str:
    size = f'width="{width}pt" height="{height}pt" viewBox="0 0 {width} {height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}><path d="M0 0H{width}V{height}z"/></svg>'
    )


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built book. It comes before the browser, whose event loop builds cannot share."""
    book = TinyBook(tmp_path_factory.mktemp("bad") / "book")
    book.config["book"]["title"] = f"A very long title of a book that goes on and on about {WORD}"
    book.write("_variables.yml", f'crowd: "{NUMBER}"\n')
    book.write("notebooks/tall.svg", picture(40, 4000))
    book.write("notebooks/wide.svg", picture(6000, 30))
    book.chapter(
        "long",
        markdown(f"# {'A title that does not end ' * 12}{WORD}"),
        markdown(f"## {'Heading words ' * 30}\n\n{WORD}\n\n`{'code_' * 60}`"),
        markdown(f"<https://example.org/{'path/' * 60}>\n\n> {WORD}\n\n1. {WORD}"),
        code(f"#| echo: true\nx = '{'y' * 500}'\nprint('z' * 500)"),
    )
    sentence = "The same plain sentence stands here once more. "
    sections = (f"## Section {n}\n\n{sentence * 25}" for n in range(100))
    book.chapter("words", markdown("# Twenty thousand words\n\n" + "\n\n".join(sections)))
    columns = range(30)
    rows = [[f"Column {n}" for n in columns], ["---"] * 30]
    rows += [[f"value {row * n}" for n in columns] for row in range(12)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    book.chapter("table", markdown(f"# Wide\n\n{table}\n\n: Thirty columns {{#tbl-wide}}"))
    book.chapter(
        "korean",
        markdown("# 조선 사람들\n\n## 성분\n\n첫째.\n\n## 성분\n\n둘째.[^1]\n\n## 결론\n\n셋째."),
        markdown("[^1]: " + "긴 각주. " * 300),
    )
    book.chapter(
        "shapes",
        markdown(
            '# Shapes\n\n![A tall one](tall.svg){#fig-tall fig-alt="Tall"}\n\nBetween.\n\n'
            '![A wide one](wide.svg){#fig-wide fig-alt="Wide"}'
        ),
    )
    crowd = "There were {{< var crowd >}} here. "
    book.chapter("crowd", markdown(f"# Crowd\n\n{crowd * 40}"))
    book.chapter("statistics", markdown("# Numbers\n\n## Crowd {#stat-crowd .evidence}\n\n1,200."))
    book.chapter("empty", markdown(""))
    result = book.build()
    assert result.exit_code == 0, result.output
    return book.root / "_site"


@pytest.fixture(scope="module")
def window(shelf: Path, browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def page(window: Page) -> Page:
    """The same window for each test, as wide as a phone: a new one takes longer than a test."""
    window.set_viewport_size({"width": 390, "height": 800})
    return window


NAMES = ("long", "words", "table", "korean", "shapes", "crowd", "empty")


@pytest.mark.parametrize("width", [320, 390, 820, 1440])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_wider_than_the_window(page: Page, shelf: Path, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((shelf / f"notebooks/{name}.html").as_uri())
    page.evaluate(OPEN_ALL)
    assert page.evaluate(TOO_WIDE) == []
    expect(page.locator("h1")).to_be_visible()
    # The header of a book with a long title leaves the window to the text.
    assert page.locator("header").first.evaluate("e => e.offsetHeight") < 100


def test_home_of_a_long_title_fits_a_phone(page: Page, shelf: Path) -> None:
    page.goto((shelf / "index.html").as_uri())
    assert page.evaluate(TOO_WIDE) == []


def test_wide_table_can_be_reached_by_keyboard(page: Page, shelf: Path) -> None:
    page.goto((shelf / "notebooks/table.html").as_uri())
    box = page.locator(".table-scroll")
    box.focus()
    last = page.get_by_role("cell", name="value 29", exact=True)
    expect(last).not_to_be_in_viewport()
    for _ in range(80):
        page.keyboard.press("ArrowRight")
    expect(last).to_be_in_viewport()


def test_headings_of_one_name_have_addresses_of_their_own(page: Page, shelf: Path) -> None:
    page.goto((shelf / "notebooks/korean.html").as_uri())
    ids = [h.get_attribute("id") for h in page.locator("main section[id]").all()]
    assert len(set(ids)) == len(ids) >= 3
    links = page.locator("main .heading-link").all()
    targets = {str(link.get_attribute("href")).removeprefix("#") for link in links}
    assert targets <= set(ids)
    assert page.locator("h1 [lang=ko], h1:lang(ko)").count() == 1


def test_tall_picture_leaves_the_text_in_reach(page: Page, shelf: Path) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto((shelf / "notebooks/shapes.html").as_uri())
    assert page.locator("#fig-tall img").evaluate("e => e.offsetHeight") <= 1.5 * 900
    assert page.locator("#fig-wide img").evaluate("e => e.offsetWidth") > 600


def test_every_use_of_a_number_leads_to_its_row(page: Page, shelf: Path) -> None:
    page.goto((shelf / "notebooks/crowd.html").as_uri())
    uses = page.locator("main p a.stat")
    assert uses.count() == 40
    uses.last.click()
    expect(page.locator("#stat-crowd")).to_be_in_viewport()
