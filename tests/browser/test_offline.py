"""The book without a connection: a real worker, on the real server, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from nkbook.render.serve import Server, start_server
from tests.books import TinyBook

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'

MISSING = """async () => {
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => (port1.onmessage = (e) => resolve(e.data.missing)));
  active.postMessage({ ask: "state" }, [port2]);
  return answer;
}"""

CONTROLLED = "() => navigator.serviceWorker.controller !== null"


@dataclass
class Served:
    """A tiny book on the author's own server."""

    book: TinyBook
    server: Server

    @property
    def url(self) -> str:
        return self.server.address

    def edit(self, name: str, words: str) -> None:
        self.book.write(f"notebooks/{name}.md", f"# {name}\n\n{words}\n\n![A square](square.svg)\n")
        result = self.book.build()
        assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> TinyBook:
    """The first edition, which nobody changes."""
    tiny = TinyBook(tmp_path_factory.mktemp("offline") / "book")
    tiny.write("notebooks/square.svg", PICTURE)
    tiny.config["book"]["chapters"] += ["notebooks/one.md", "notebooks/두 장.md"]
    tiny.write("notebooks/one.md", "# one\n\nFirst edition.\n\n![A square](square.svg)\n")
    tiny.write("notebooks/두 장.md", "# 둘\n\nFirst edition of two.\n")
    result = tiny.build()
    assert result.exit_code == 0, result.output
    return tiny


@pytest.fixture
def served(built: TinyBook, tmp_path: Path) -> Iterator[Served]:
    book = built.copied(tmp_path / "book")
    server = start_server(book.root / "_site", 0)
    yield Served(book, server)
    server.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


def open_page(context: BrowserContext, url: str) -> Page:
    """A page with the worker at work, and what the page loaded in its cache."""
    page = context.new_page()
    page.goto(url)
    page.wait_for_function(CONTROLLED)
    return page


def wait_for(page: Page, question: str) -> None:
    """Wait until an asynchronous function of the page says yes."""
    for _ in range(400):
        if page.evaluate(question):
            return
        page.wait_for_timeout(50)
    raise AssertionError(question)


def wait_until_kept(page: Page, *paths: str) -> None:
    wait_for(
        page,
        f"async () => {{ const missing = await ({MISSING})();"
        f" return {json.dumps(paths)}.every((path) => !missing.includes(path)); }}",
    )


def words(page: Page) -> str:
    return page.locator("main").inner_text()


def test_page_that_was_read_opens_without_a_connection(
    served: Served, context: BrowserContext
) -> None:
    page = open_page(context, served.url + "notebooks/one.html")
    wait_until_kept(page, "notebooks/one.html", "notebooks/square.svg")
    context.set_offline(True)
    page.reload()
    assert "First edition." in words(page)
    page.wait_for_function("() => document.images[0].naturalWidth > 0")
    assert page.evaluate("() => [...document.styleSheets].some(s => s.cssRules.length > 100)")
    page.goto(served.url)
    assert "Tiny book" in words(page)
    page.goto(served.url + "notebooks/두 장.html")
    assert page.url == served.url + "offline.html"
    assert "This page is not on this device" in words(page)
    page.get_by_role("link", name="Home").click()
    assert "Hello." in words(page)


def test_page_read_later_is_kept_too(served: Served, context: BrowserContext) -> None:
    page = open_page(context, served.url)
    page.goto(served.url + "notebooks/두 장.html")
    wait_until_kept(page, "notebooks/두 장.html")
    context.set_offline(True)
    page.reload()
    assert "First edition of two." in words(page)


def keep_the_book(page: Page) -> None:
    page.get_by_role("button", name="Keep the whole book on this device (").click()
    page.get_by_text("The whole book is on this device").wait_for()


def test_whole_book_can_be_kept_and_removed(served: Served, context: BrowserContext) -> None:
    page = open_page(context, served.url)
    keep_the_book(page)
    assert page.evaluate(MISSING) == []
    context.set_offline(True)
    page.goto(served.url + "notebooks/두 장.html")
    assert "First edition of two." in words(page)
    page.goto(served.url)
    page.get_by_role("button", name="Remove it from this device").click()
    page.get_by_text("The book was removed from this device.").wait_for()
    page.goto(served.url + "notebooks/두 장.html")
    assert "This page is not on this device" in words(page)


def test_reader_hears_what_could_not_be_kept(served: Served, context: BrowserContext) -> None:
    page = open_page(context, served.url)
    button = page.get_by_role("button", name="Keep the whole book on this device")
    button.wait_for()
    # A network that answers with a page of its own, as in hotels, is no download.
    (served.book.root / "_site" / "notebooks" / "one.html").write_text("<h1>Please log in</h1>")
    button.click()
    page.get_by_text("1 of ").wait_for()
    assert page.evaluate(MISSING) == ["notebooks/one.html"]
    assert button.is_enabled()
    page.goto(served.url + "notebooks/one.html")
    assert "Please log in" in page.content()
    context.set_offline(True)
    page.reload()
    assert "This page is not on this device" in words(page)


def test_new_edition_takes_the_place_of_the_old_one(
    served: Served, context: BrowserContext
) -> None:
    page = open_page(context, served.url)
    keep_the_book(page)
    (old,) = page.evaluate("async () => caches.keys()")
    served.edit("one", "Second edition.")
    page.goto(served.url + "notebooks/one.html")
    assert "Second edition." in words(page)
    wait_for(
        page,
        f"async () => {{ const names = await caches.keys();"
        f" return names.length === 1 && names[0] !== {json.dumps(old)}; }}",
    )
    # Whoever kept the whole book has the whole of the new edition.
    assert page.evaluate(MISSING) == []
    context.set_offline(True)
    page.goto(served.url + "notebooks/one.html")
    assert "Second edition." in words(page)


def test_new_edition_that_is_not_whole_leaves_the_old_one(
    served: Served, context: BrowserContext
) -> None:
    page = open_page(context, served.url)
    keep_the_book(page)
    served.edit("one", "Second edition.")
    file = served.book.root / "_site" / "notebooks" / "one.html"
    file.write_text(file.read_text(encoding="utf-8") + "<!-- Added on the way -->", "utf-8")
    page.evaluate("async () => (await navigator.serviceWorker.ready).update().catch(() => {})")
    wait_for(
        page,
        "async () => { const { installing, waiting } = await navigator.serviceWorker.ready;"
        " return !installing && !waiting && (await caches.keys()).length === 1; }",
    )
    # Online, the reader sees what is there now; without a connection, the old edition, whole.
    page.goto(served.url + "notebooks/one.html")
    assert "Second edition." in words(page)
    context.set_offline(True)
    page.reload()
    assert "First edition." in words(page)
    assert page.evaluate("() => [...document.styleSheets].some(s => s.cssRules.length > 100)")


def test_books_on_one_host_leave_each_other_alone(served: Served, context: BrowserContext) -> None:
    page = open_page(context, served.url)
    page.evaluate("async () => { await caches.open('book http://example.org/ 1'); }")
    served.edit("one", "Second edition.")
    before = page.evaluate("async () => caches.keys()")
    page.reload()
    wait_for(
        page,
        "async () => { const now = await caches.keys();"
        f" return now.length === 2 && now.some((name) => !{json.dumps(before)}.includes(name)); }}",
    )
    assert "book http://example.org/ 1" in page.evaluate("async () => caches.keys()")


def test_address_without_html_finds_the_page(served: Served, context: BrowserContext) -> None:
    page = open_page(context, served.url + "notebooks/one.html")
    wait_until_kept(page, "notebooks/one.html")
    context.set_offline(True)
    page.goto(served.url + "notebooks/one?from=a-feed")
    assert "First edition." in words(page)


def test_nothing_is_offered_from_a_file(served: Served, context: BrowserContext) -> None:
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(Path(served.book.root / "_site" / "index.html").as_uri())
    page.wait_for_load_state("networkidle")
    assert not page.locator(".keep").is_visible()
    assert faults == []


def test_nothing_is_stored_but_the_book(served: Served, context: BrowserContext) -> None:
    page = open_page(context, served.url)
    keep_the_book(page)
    assert context.cookies() == []
    assert (
        page.evaluate("() => Object.keys(localStorage).concat(Object.keys(sessionStorage))") == []
    )
    assert page.evaluate("async () => (await indexedDB.databases()).length") == 0
