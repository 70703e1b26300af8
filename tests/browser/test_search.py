"""Search in a real browser, from `file://`: what is typed, what is found, and where it leads."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.books import TinyBook, markdown
from tests.render.test_search import lead_nowhere

ROWS = "\n\n".join(f"### Row {n} of grain {{#stat-{n} .evidence}}\n\n{n} kg" for n in range(1, 41))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built tiny book. It comes before the browser, whose event loop builds cannot share."""
    tiny = TinyBook(tmp_path_factory.mktemp("search") / "book")
    tiny.chapter(
        "file",
        markdown(
            """
            # The file {#sec-file}

            A chapter about a file that the police keep.

            ## Marked before birth {#sec-marked}

            People’s origin, sŏngbun, decides. The file is long. By 2025 there were 34,537 of
            them, or 2.5 for a thousand. Kim Jong-un spoke of countries and camps.

            ## Law {#sec-law}

            법은 성분을 정한다.

            ::: {.testimony}
            > They read my secret aloud in the square.

            — Ann, left in 2009
            :::
            """
        ),
    )
    tiny.chapter("rows", markdown(f"# Rows\n\n## Stores {{#sec-stores}}\n\n{ROWS}"))
    assert tiny.build().exit_code == 0
    return tiny.root / "_site"


@pytest.fixture
def requests() -> list[str]:
    return []


@pytest.fixture
def page(shelf: Path, browser: Browser, requests: list[str]) -> Iterator[Page]:
    page = browser.new_page()
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto((shelf / "notebooks/file.html").as_uri())
    yield page
    page.close()
    assert not faults


def search(page: Page, text: str, key: str = "/") -> list[str]:
    """Open search with a key, type and give the titles of what is found."""
    page.keyboard.press(key)
    expect(page.locator(".search-status")).to_contain_text("Chapters")
    page.keyboard.type(text)
    return page.locator(".search-results .search-title").all_inner_texts()


def test_nothing_of_search_loads_before_it_is_opened(
    page: Page, requests: list[str], shelf: Path
) -> None:
    assert not any("assets/search" in url for url in requests)
    search(page, "police")
    loaded = {url.rpartition("/")[2] for url in requests if "assets/search" in url}
    assert loaded == {"search.js", "search.css", "search-documents.js"}
    assert all(url.startswith((shelf.as_uri(), "data:")) for url in requests)


def test_result_says_what_where_and_why(page: Page) -> None:
    search(page, "long camp")
    result = page.locator(".search-results a").first
    expect(result.locator(".search-title")).to_have_text("Marked before birth")
    expect(result.locator(".search-place")).to_have_text("Chapter 1: The file")
    assert result.locator("mark").all_inner_texts() == ["long", "camps"]
    expect(page.locator(".search-status")).to_have_text("1 result for “long camp”")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("SONGBUN", "Marked before birth"),
        ("sŏngbun", "Marked before birth"),
        ("so\u0306ngbun", "Marked before birth"),
        ("song-bun", "Marked before birth"),
        ("peoples origins", "Marked before birth"),
        ("country camp", "Marked before birth"),
        ("kim jong un", "Marked before birth"),
        ("jongun", "Marked before birth"),
        ("34,537", "Marked before birth"),
        ("34537", "Marked before birth"),
        ("2.5", "Marked before birth"),
        ("the file of police", "The file"),
        ("성분", "Law"),
        ("분을", "Law"),
        ("법", "Law"),
        ("다", "Law"),
    ],
)
def test_spelling_does_not_matter(page: Page, text: str, title: str) -> None:
    assert search(page, text) == [title]
    expect(page.locator(".search-status")).to_have_text(f"1 result for “{text}”")


def test_korean_syllables_apart_are_not_the_word(page: Page) -> None:
    assert search(page, "정분") == []


def test_similar_and_missing_words_are_answered(page: Page) -> None:
    status = page.locator(".search-status")
    assert search(page, "sungbun")[0] == "Marked before birth"
    expect(status).to_contain_text("1 result for similar words")
    page.locator(".search-input").fill("songbun zeppelin")
    expect(page.locator(".search-title")).to_have_text(["Marked before birth"])
    expect(status).to_contain_text("1 result for part of it")
    page.locator(".search-input").fill("zeppelin")
    expect(status).to_contain_text("Nothing found for “zeppelin”")
    expect(page.locator(".search-results a")).to_have_count(0)


def test_korean_is_marked_as_korean(page: Page) -> None:
    search(page, "성분")
    assert page.locator("mark [lang=ko]").first.inner_text() == "성분"


def test_words_of_a_witness_are_found_but_not_cut_short(page: Page) -> None:
    assert search(page, "secret square") == ["Ann, left in 2009"]
    assert "secret" not in page.locator(".search-results").inner_text()


def test_arrows_move_and_enter_opens(page: Page) -> None:
    search(page, "grain")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    focused = page.locator(".search-results a:focus")
    href = focused.get_attribute("href") or ""
    assert focused.locator(".search-title").inner_text() in {f"Row {n} of grain" for n in range(41)}
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".search-input")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.type("s")
    expect(page.locator(".search-input")).to_have_value("grains")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(href)
    assert page.locator(f"[id='{href.partition('#')[2]}']").is_visible()


def test_enter_opens_the_best_result_on_this_page_and_closes(page: Page) -> None:
    search(page, "jong-un")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_be_hidden()
    assert page.url.endswith("notebooks/file.html#sec-marked")
    expect(page.locator("#sec-marked")).to_be_in_viewport()


def test_nothing_typed_while_search_loads_is_lost(page: Page) -> None:
    page.evaluate(
        "() => { for (const key of '/sto')"
        " document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })); }"
    )
    page.get_by_role("dialog").wait_for()
    page.keyboard.type("res")
    expect(page.get_by_role("textbox")).to_have_value("stores")
    expect(page.locator(".search-results a").first).to_be_visible()


def test_many_results_are_shown_when_asked_for(page: Page) -> None:
    assert len(search(page, "grain")) == 3
    expect(page.locator(".search-count")).to_have_text("40")
    page.get_by_role("button", name="Show the first 30").click()
    expect(page.locator(".search-title")).to_have_count(30)
    expect(page.locator(".search-results li:nth-child(4) a")).to_be_focused()


def test_escape_closes_and_gives_focus_back(page: Page) -> None:
    button = page.get_by_role("button", name="Search")
    button.focus()
    search(page, "file", key="Enter")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(button).to_be_focused()
    # What was typed is there again, ready to be replaced.
    page.keyboard.press("Control+k")
    expect(page.locator(".search-input")).to_be_focused()
    page.keyboard.type("law")
    expect(page.locator(".search-input")).to_have_value("law")


def test_slash_is_a_letter_in_a_field_and_can_be_switched_off(page: Page) -> None:
    search(page, "1/2")
    expect(page.locator(".search-input")).to_have_value("1/2")
    page.get_by_role("checkbox", name="opens search").uncheck()
    page.reload()
    page.keyboard.press("/")
    page.wait_for_timeout(200)
    expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("checkbox", name="opens search")).not_to_be_checked()


def test_press_beside_the_dialog_closes_it(page: Page) -> None:
    search(page, "file")
    page.mouse.click(5, 5)
    expect(page.locator("dialog")).to_be_hidden()


def test_dialog_fills_a_phone_and_nothing_is_wider(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 500})
    search(page, "sŏngbun")
    box = page.locator("dialog").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 500}
    results = page.locator(".search-results")
    assert results.evaluate("node => node.scrollWidth <= node.clientWidth")


def test_without_scripts_no_button_promises_search(browser: Browser, shelf: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((shelf / "notebooks/file.html").as_uri())
    expect(page.locator(".search-button")).to_be_hidden()
    context.close()


@pytest.mark.parametrize(
    ("text", "title", "kind"),
    [
        ("songbun", "songbun", "Glossary"),
        ("성분", "songbun", "Glossary"),
        ("장마당", "jangmadang", "Glossary"),
        ("34,537", "North Koreans who had reached the South in all", "Statistics"),
        ("price of rice", "Price of a kilogram of rice", "Statistics"),
        ("political prison camps", "Political prison camps", "Chapters"),
    ],
)
def test_real_book_answers(
    page: Page, site: Path, requests: list[str], text: str, title: str, kind: str
) -> None:
    page.goto((site / "index.html").as_uri())
    del requests[:]
    assert search(page, text)[0].startswith(title)
    assert page.locator(".search-results h2").first.inner_text().startswith(kind)
    assert all(url.startswith((site.as_uri(), "data:")) for url in requests)


def test_real_book_has_every_result_on_its_page(site: Path) -> None:
    assert lead_nowhere(site) == []


def test_search_of_the_real_book_downloads_little(site: Path) -> None:
    names = ("search.js", "search.css", "search-documents.js")
    files = [(site / "assets" / name).read_bytes() for name in names]
    assert sum(len(gzip.compress(data, 9, mtime=0)) for data in files) < 150_000
