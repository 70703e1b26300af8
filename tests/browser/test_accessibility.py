"""Nobody is left out: WCAG 2.2 AA on every page, and what no rule of a program can see."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.conftest import ROOT

AXE = ROOT / "tests" / "web" / "node_modules" / "axe-core" / "axe.min.js"

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

CHAPTER = "notebooks/political-prison-camps.html"

KINDS = (
    "index.html",
    CHAPTER,
    "notebooks/crossing-the-border.html",
    "notebooks/statistics.html",
    "notebooks/testimonies.html",
    "notebooks/sources.html",
    "notebooks/glossary.html",
    "notebooks/timeline.html",
    "figures/index.html",
    "figures/fig-leaving-arrivals.html",
    "404.html",
)
"""A page of each kind."""

RUN_AXE = """rules => axe.run(document, { resultTypes: ["violations"], runOnly: rules }).then(
  result => result.violations.flatMap(fault => fault.nodes.map(node =>
    `${fault.id}: ${node.target.join(" ")} ${(node.any[0] ?? fault).message ?? fault.help}`)))"""

COLOURS = """tags => axe.getRules(tags)
  .filter(rule => rule.tags.includes("cat.color")).map(rule => rule.ruleId)"""
"""Which of the rules look at colours."""

SHAPES = """() => JSON.stringify([...document.querySelectorAll("body *")].map(e => {
  const { x, y, width, height } = e.getBoundingClientRect();
  return [e.checkVisibility({ visibilityProperty: true, opacityProperty: true }),
    x, y, width, height];
}))"""
"""What is seen of each element, and where: all that axe looks at but colours."""

OPEN_ALL = "() => { for (const item of document.querySelectorAll('details')) item.open = true; }"

TOO_WIDE = """() => {
  const edge = document.documentElement.clientWidth + 1;
  if (document.documentElement.scrollWidth <= edge) return [];
  return [...document.querySelectorAll("body *")]
    .filter(e => e.getBoundingClientRect().right > edge && !e.closest(".table-scroll, pre"))
    .map(e => `${e.tagName}.${e.className} ${(e.textContent ?? "").slice(0, 40)}`);
}"""

CUT = """() => [...document.querySelectorAll("body *")].filter(e => {
  const style = getComputedStyle(e);
  const hides = (way) => way === "hidden" || way === "clip";
  if (!e.checkVisibility() || style.position === "absolute" || !e.textContent.trim()) return false;
  return (hides(style.overflowX) && e.scrollWidth > e.clientWidth + 1)
      || (hides(style.overflowY) && e.scrollHeight > e.clientHeight + 1);
}).map(e => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 40)}`)"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A context where a test may add its own scripts, which the site's policy forbids."""
    context = browser.new_context(reduced_motion="reduce", bypass_csp=True, service_workers="block")
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is, in both widths and both colours."""
    found: list[str] = []

    def run(rules: list[str]) -> None:
        faults: Any = page.evaluate(RUN_AXE, rules)
        found.extend(f"{page.url} {page.viewport_size} {colours} {fault}" for fault in faults)

    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=(colours := "light"))
        light = page.evaluate(SHAPES)
        run(RULES)
        page.emulate_media(color_scheme=(colours := "dark"))
        # Where the dark moves and hides nothing, only a rule about colours can find more.
        same = page.evaluate(SHAPES) == light
        run(page.evaluate(COLOURS, RULES) if same else RULES)
    return found


def test_axe_finds_nothing_on_any_page(context: BrowserContext, site: Path, address: str) -> None:
    assert AXE.is_file(), "axe is missing: `make test` installs it."
    context.add_init_script(path=AXE)
    page = context.new_page()
    found: list[str] = []
    for file in sorted(site.rglob("*.html")):
        page.goto(address + file.relative_to(site).as_posix())
        page.evaluate(OPEN_ALL)
        found += violations(page)
    assert found == []


def test_axe_finds_nothing_in_what_opens(context: BrowserContext, address: str) -> None:
    context.add_init_script(path=AXE)
    page = context.new_page()
    page.goto(address + CHAPTER)
    page.locator(".citation a").first.click()
    page.locator("[popover]:popover-open").first.wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("camp")
    page.locator("dialog[open] li").first.wait_for()
    assert violations(page) == []


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("name", ["index.html", CHAPTER, "figures/index.html"])
def test_keyboard_reaches_everything_and_shows_where_it_is(
    page: Page, address: str, name: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address + name)
    page.evaluate(OPEN_ALL)
    wanted = page.evaluate(
        """() => [...document.querySelectorAll("a, button, input, select, summary, [tabindex]")]
          .filter(e => e.checkVisibility({ visibilityProperty: true }) && e.tabIndex >= 0).length"""
    )
    assert wanted > 10
    faults = []
    places = []
    for _ in range(wanted):
        page.keyboard.press("Tab")
        here: Any = page.evaluate(
            """() => {
              const e = document.activeElement;
              const style = getComputedStyle(e);
              const boxes = [...e.getClientRects()].filter(b => b.width && b.height);
              const seen = boxes.some(b => {
                const x = (Math.max(b.left, 0) + Math.min(b.right, innerWidth)) / 2;
                const y = (Math.max(b.top, 0) + Math.min(b.bottom, innerHeight)) / 2;
                const top = document.elementFromPoint(x, y);
                return top && (e.contains(top) || top.contains(e));
              });
              return {
                name: `${e.tagName}.${e.className} ${(e.textContent ?? "").trim().slice(0, 30)}`,
                ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
                seen,
                place: [...document.querySelectorAll("*")].indexOf(e),
              };
            }"""
        )
        places.append(here["place"])
        faults += [f"no ring: {here['name']}"] if not here["ring"] else []
        faults += [f"covered: {here['name']}"] if not here["seen"] else []
    assert faults == []
    assert len(set(places)) == wanted
    assert places == sorted(places), "The keyboard goes in the order of the text"


@pytest.mark.parametrize("name", KINDS)
def test_zoom_of_400_percent_loses_nothing(page: Page, address: str, name: str) -> None:
    """A window of 1280 by 1024 at 400% (WCAG 1.4.10) has 320 by 256 pixels."""
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(address + name)
    page.evaluate(OPEN_ALL)
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate(CUT) == []
    # What stays while the reader scrolls leaves most of the window to the text.
    page.evaluate("() => window.scrollTo(0, 600)")
    held = page.evaluate(
        """() => Math.max(0, ...[...document.querySelectorAll("body *")]
          .filter(e => ["sticky", "fixed"].includes(getComputedStyle(e).position))
          .map(e => e.getBoundingClientRect())
          .filter(b => b.width > 100 && b.bottom > 0 && b.top < innerHeight)
          .map(b => Math.min(b.bottom, innerHeight) - Math.max(b.top, 0)))"""
    )
    assert held <= 256 / 4


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("width", [390, 1280])
def test_text_of_200_percent_loses_nothing(page: Page, address: str, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    twice = {"standard": 32, "fixed": 26}  # as a reader sets it: media queries know it too
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": twice})
    page.goto(address + name)
    assert page.evaluate("() => getComputedStyle(document.documentElement).fontSize") == "32px"
    page.evaluate(OPEN_ALL)
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("name", KINDS)
def test_wider_spacing_of_text_loses_nothing(page: Page, address: str, name: str) -> None:
    """The spacing of WCAG 1.4.12."""
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(address + name)
    page.add_style_tag(
        content="* { line-height: 1.5 !important; letter-spacing: 0.12em !important;"
        " word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }"
    )
    page.evaluate(OPEN_ALL)
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("name", ["index.html", CHAPTER])
def test_nothing_moves_for_those_who_ask(page: Page, address: str, name: str) -> None:
    page.goto(address + name)
    moving = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll("body *")]
          .filter(e => {
            const style = getComputedStyle(e);
            return style.scrollBehavior === "smooth" || style.animationName !== "none"
              || style.transitionDuration.split(",").some(time => parseFloat(time) > 0.001);
          }).map(e => `${e.tagName}.${e.className}`)"""
    )
    assert moving == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_forced_colours_are_honoured(page: Page, address: str, colours: str) -> None:
    page.emulate_media(forced_colors="active", color_scheme=colours)
    page.goto(address + CHAPTER)
    # What is a button by its frame alone keeps its frame.
    for button in page.locator("header button").all():
        if button.is_visible():
            style = button.evaluate(
                "e => { const s = getComputedStyle(e); return [s.color, s.backgroundColor]; }"
            )
            assert style[0] != style[1]
    page.keyboard.press("Tab")
    assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") != "none"


@pytest.mark.parametrize("name", ["index.html", CHAPTER, "notebooks/statistics.html"])
def test_what_is_heard_first_stands_first(page: Page, address: str, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(address + name)
    tops: list[float] = page.evaluate(
        """() => [...document.querySelectorAll("main :is(h1, h2, h3, p, li, figcaption, img)")]
          .filter(e => e.checkVisibility() && !e.closest("details:not([open]), [popover]"))
          .map(e => e.getBoundingClientRect().top + scrollY)"""
    )
    assert len(tops) > 20
    assert [(a, b) for a, b in itertools.pairwise(tops) if b < a - 2] == []
