"""Pages of evidence: readers filter and sort the rows, and links to a row always find it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.books import TinyBook, markdown

ROWS = [
    ("Fruit", "apple", "sweet", "2020"),
    ("Fruit", "Quince", "sour", "2024-05"),
    ("Fruit", "lemon", "sour", "2019"),
    ("Fruit", "pear", "sweet", ""),
    ("Roots", "beet", "sweet", "2021"),
    ("Roots", "rādīt", "bitter", "2022"),
    ("Roots", "turnip", "bitter", "2018"),
    ("Roots", "yam", "sweet", "2024-06"),
]


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of evidence."""
    tiny = TinyBook(tmp_path_factory.mktemp("evidence") / "book")
    parts = ["# Things"]
    for group in ("Fruit", "Roots"):
        parts.append(f"## {group} {{#g-{group.lower()}}}")
        for title, name, taste, date in ROWS:
            if title == group:
                data = f'data-taste="{taste}"' + (f' data-date="{date}"' if date else "")
                parts.append(f"### {name} {{#stat-{name.lower()} .evidence .unnumbered {data}}}")
                parts.append(f"What is known of it. [A link](#stat-yam) for {name}.")
    tiny.chapter("things", markdown("\n\n".join(parts)))
    result = tiny.build()
    assert result.exit_code == 0, result.output
    return tiny.root / "_site/notebooks/things.html"


@pytest.fixture
def page(things: Path, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1200, "height": 500})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(things.as_uri())
    yield page
    context.close()
    assert not faults


def shown(page: Page) -> list[str]:
    rows = page.locator("section.evidence:visible h3")
    return [text.removesuffix("#") for text in rows.all_inner_texts()]


def choose(page: Page, name: str) -> Locator:
    """A list of the filter. Headings and links may have its word in their names, too."""
    return page.get_by_role("combobox", name=name, exact=True)


def test_words_choices_and_count(page: Page) -> None:
    count = page.get_by_role("status")
    expect(count).to_have_text("8 entries")
    page.get_by_label("Taste").select_option("bitter")
    assert shown(page) == ["rādīt", "turnip"]
    expect(page.get_by_role("heading", name="Fruit")).to_be_hidden()
    page.get_by_label("With the words").fill("RADIT")
    assert shown(page) == ["rādīt"]
    expect(count).to_have_text("1 of 8 entries")
    page.get_by_role("button", name="Reset").click()
    assert shown(page) == [name for _, name, _, _ in ROWS]
    expect(page.get_by_role("button", name="Reset")).to_be_hidden()


def test_order_can_be_chosen_and_undone(page: Page) -> None:
    order = page.get_by_label("Order")
    order.select_option("By name")
    assert shown(page)[:3] == ["apple", "beet", "lemon"]
    order.select_option("Newest first")
    assert shown(page)[:3] == ["yam", "Quince", "rādīt"]
    assert shown(page)[-1] == "pear"
    order.select_option("Oldest first")
    assert shown(page)[0] == "turnip"
    order.select_option("As printed")
    assert shown(page) == [name for _, name, _, _ in ROWS]
    expect(page.get_by_role("heading", name="Roots")).to_be_visible()


def test_part_holds_in_any_order(page: Page) -> None:
    page.get_by_label("Order").select_option("By name")
    choose(page, "Section").select_option("Roots")
    assert shown(page) == ["beet", "rādīt", "turnip", "yam"]


def test_filtered_view_has_an_address(page: Page) -> None:
    page.get_by_label("Taste").select_option("sour")
    page.get_by_label("Order").select_option("By name")
    page.goto(page.url)
    assert shown(page) == ["lemon", "Quince"]
    expect(page.get_by_label("Taste")).to_have_value("sour")


def test_link_to_a_hidden_row_shows_it(page: Page) -> None:
    page.get_by_label("Taste").select_option("sour")
    page.locator("section.evidence:visible").first.get_by_role("link", name="A link").click()
    expect(page.locator("#stat-yam")).to_be_in_viewport()
    expect(page.get_by_role("status")).to_have_text("8 entries")


def test_real_statistics_can_be_filtered(browser: Browser, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / "notebooks/statistics.html").as_uri() + "?status=Contested&q=camps")
    rows = page.locator("section.evidence:visible")
    assert 0 < rows.count() < 50
    expect(rows.first).to_contain_text("camp")
    page.close()


def test_figures_can_be_filtered_and_sorted(browser: Browser, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / "figures/index.html").as_uri())
    figures = page.locator(".gallery > li:visible")
    everything = figures.count()
    choose(page, "Chapter").select_option("Leaving")
    assert {text.split(".")[0] for text in figures.locator(".gallery-label").all_inner_texts()} == {
        "Figure\u00a022"
    }
    page.get_by_role("button", name="Reset").click()
    choose(page, "Part").select_option("Change")
    choose(page, "Order").select_option("By name")
    titles = figures.locator(".gallery-title").all_inner_texts()
    assert 1 < len(titles) < everything
    assert titles == sorted(titles, key=str.casefold)
    page.get_by_label("With the words").fill("no figure says this")
    expect(page.get_by_role("status")).to_have_text("No entry has all of this")
    page.close()
