"""Sets of tabs in the browser: by mouse and keyboard, from an address, and on paper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_accessibility import AXE, violations
from tests.render.edition import Edition, build

TOP = "tab => tab.getBoundingClientRect().top"


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build("tabsets", tmp_path_factory.mktemp("tabs") / "book")


@pytest.fixture
def page(browser: Browser, edition: Edition) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 900})
    opened = context.new_page()
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text))
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto((edition.folder / "greetings.html").as_uri())
    yield opened
    context.close()
    assert faults == []


def chosen(page: Page) -> list[str]:
    """The titles of the tabs that are open, also of sets that no reader sees."""
    texts = page.locator("[role=tab][aria-selected=true]").all_text_contents()
    return [text.strip() for text in texts]


def test_first_tab_of_each_set_is_open(page: Page) -> None:
    assert page.locator("[role=tablist]").count() == 3
    assert chosen(page) == ["English", "English", "Morning"]
    expect(page.get_by_text("Say hello")).to_be_visible()
    expect(page.get_by_role("tabpanel", name="English").first).to_be_visible()
    assert page.locator(".tab-title:visible").count() == 0


def test_choice_holds_for_the_group_and_keeps_its_place(page: Page) -> None:
    tab = page.get_by_role("tab", name="Français").nth(1)
    tab.scroll_into_view_if_needed()
    before = tab.evaluate(TOP)
    tab.click()
    assert chosen(page) == ["Français", "Français", "Morning"]
    assert abs(tab.evaluate(TOP) - before) < 1


def test_title_that_the_other_set_lacks_leaves_it_alone(page: Page) -> None:
    page.get_by_role("tab", name="Both").click()
    assert chosen(page) == ["English", "Both", "Morning"]


def test_arrow_keys_move_and_one_tab_stop_is_enough(page: Page) -> None:
    page.get_by_role("tab", name="English").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Français").first).to_be_focused()
    assert chosen(page)[0] == "Français"
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="English").first).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("tab", name="Français").first).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("tabpanel", name="Français").first).to_be_focused()


def test_address_of_what_a_panel_holds_opens_it(page: Page) -> None:
    page.goto(f"{page.url}#plus-tard")
    expect(page.get_by_text("Dites bonsoir.")).to_be_in_viewport()
    page.goto(f"{page.url.partition('#')[0]}#evening")
    expect(page.get_by_text("Late.")).to_be_in_viewport()
    assert chosen(page)[1:] == ["Both", "Evening"]


def test_choice_is_forgotten_with_the_page(page: Page) -> None:
    page.get_by_role("tab", name="Français").first.click()
    page.reload()
    assert chosen(page)[0] == "English"


def test_paper_shows_every_panel_under_its_heading(page: Page) -> None:
    page.emulate_media(media="print")
    for words in ("Dites bonjour.", "Rien", "Late."):
        expect(page.get_by_text(words).first).to_be_visible()
    assert page.locator(".tab-title:visible").count() == 7
    assert page.locator("[role=tab]:visible").count() == 0


def test_everything_is_there_without_scripts(browser: Browser, edition: Edition) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((edition.folder / "greetings.html").as_uri())
    assert page.locator(".tab-title:visible").count() == 7
    expect(page.get_by_text("Late.")).to_be_visible()
    context.close()


def test_tabs_are_accessible(browser: Browser, edition: Edition) -> None:
    # The site's policy forbids what a test adds.
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto((edition.folder / "greetings.html").as_uri())
    page.add_script_tag(path=AXE)
    assert violations(page) == []
    page.get_by_role("tab", name="Both").click()
    assert violations(page) == []
    context.close()
