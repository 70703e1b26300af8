"""The Content-Security-Policy: the book never meets it, and what is not the book is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from nkbook.render.site.headers import headers, policy

COLLECT = """addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  (window.violations ??= []).push(`${violatedDirective} ${blockedURI}`))"""

VIOLATIONS = "() => window.violations ?? []"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.add_init_script(COLLECT)
    yield context
    context.close()


def use(page: Page) -> None:
    """Press what a chapter offers."""
    page.locator(".citation a").first.click()
    page.locator("[popover]:popover-open").wait_for()
    page.keyboard.press("Escape")
    page.locator(".theme-toggle").click()
    page.locator("summary", has_text="Data and downloads").first.click()
    page.locator(".search-button").click()
    page.keyboard.type("border")
    page.locator("dialog[open] .search-results a").first.wait_for()
    page.keyboard.press("Escape")


def test_no_page_meets_the_policy(context: BrowserContext, site: Path, address: str) -> None:
    page = context.new_page()
    met = []
    for file in sorted(site.rglob("*.html")):
        page.goto(address + file.relative_to(site).as_posix())
        met += [f"{page.url}: {violation}" for violation in page.evaluate(VIOLATIONS)]
    assert met == []


@pytest.mark.parametrize("served", [True, False])
def test_what_readers_press_does_not_meet_it(
    context: BrowserContext, site: Path, address: str, served: bool
) -> None:
    page = context.new_page()
    chapter = "notebooks/crossing-the-border.html"
    page.goto(address + chapter if served else (site / chapter).as_uri())
    use(page)
    assert page.evaluate(VIOLATIONS) == []


def test_server_says_what_hosts_are_told(context: BrowserContext, site: Path, address: str) -> None:
    answer = context.request.get(address + "index.html")
    for name, value in headers().items():
        assert answer.headers[name.lower()] == value
        for file in ("_headers", ".htaccess", "vercel.json"):
            assert name in (site / file).read_text(encoding="utf-8")
    assert policy(meta=True) in (site / "index.html").read_text(encoding="utf-8")


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Another host, and what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", asked
    server.shutdown()
    server.server_close()


def test_what_is_not_the_books_is_stopped(
    context: BrowserContext, site: Path, tmp_path: Path, elsewhere: tuple[str, list[str]]
) -> None:
    """Markup that an author pasted, or that someone slipped in, on a page opened from a file."""
    host, asked = elsewhere
    page_text = (site / "404.html").read_text(encoding="utf-8")
    intruder = (
        "<script>document.title = 'changed'</script>"
        f'<script src="{host}script.js"></script><img src="{host}picture.png" alt="">'
        f'<img src="none.png" alt="" onerror="document.title = \'changed\'">'
        f'<iframe src="{host}frame.html"></iframe><link rel="stylesheet" href="{host}style.css">'
        f'<style>body {{ background: url("{host}paper.png") }}</style>'
        f'<form action="{host}form"><button>Send</button></form>'
    )
    (tmp_path / "page.html").write_text(page_text.replace("</main>", intruder + "</main>"), "utf-8")
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.locator("form").evaluate("form => form.requestSubmit()")
    page.wait_for_timeout(300)
    assert asked == []
    assert page.title() != "changed"
    directives = {violation.split()[0] for violation in page.evaluate(VIOLATIONS)}
    assert {"script-src-elem", "script-src-attr", "img-src", "style-src-elem"} <= directives
