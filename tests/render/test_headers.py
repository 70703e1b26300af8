"""The policy of the site: the same everywhere, and pages that live by it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from playwright.sync_api import Browser, Page

from nkbook.errors import BookError
from nkbook.render.site.inline import InlineStyles
from tests.books import TinyBook

FORMATTED = """
# Formatted

| Left | Right | Centre |
|:-----|------:|:------:|
| a    |     1 |   x    |

| A column of a quarter     | and the rest, whose width pandoc computes from this line of dashes |
|---------------------------|--------------------------------------------------------------------|
| Long enough that the table is too wide for a line of text, so that it gets widths | b  |

![A bar](bar.svg){width=50% fig-alt="A bar"}

$$\\begin{aligned} x &= 1 \\\\ y &= 2 \\end{aligned}$$

```python
print("highlighted", 1)
```

<p class="own" style="color: rgb(1, 2, 3)">Styled by hand.</p>
"""

VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  (window.violations ??= []).push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(VIOLATIONS)
    yield page
    page.close()


def test_formatted_page_obeys_the_policy_and_looks_as_written(tiny: TinyBook, page: Page) -> None:
    tiny.write("notebooks/formatted.qmd", FORMATTED)
    tiny.config["book"]["chapters"].append("notebooks/formatted.qmd")
    tiny.write(
        "notebooks/bar.svg",
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 90"><path d="M0 0h900"/></svg>',
    )
    result = tiny.build()
    assert result.exit_code == 0, result.output
    page.goto((tiny.root / "_site" / "notebooks" / "formatted.html").as_uri())
    page.wait_for_load_state()
    assert page.evaluate("window.violations ?? []") == []

    def style(selector: str, name: str) -> str:
        return page.eval_on_selector(selector, f"e => getComputedStyle(e)['{name}']")

    assert [style(f"td >> nth={column}", "textAlign") for column in range(3)] == [
        "left",
        "right",
        "center",
    ]
    picture, column = (
        page.eval_on_selector(selector, "e => e.getBoundingClientRect().width")
        for selector in ("main img", ".prose >> nth=0")
    )
    assert picture == pytest.approx(column / 2, rel=0.02)
    assert page.locator("math").count() == 1
    assert style("pre .st", "color") != style("pre", "color")
    assert style(".own", "color") == "rgb(1, 2, 3)"


def test_policy_stops_what_runs_or_loads_otherwise(tiny: TinyBook, page: Page) -> None:
    assert tiny.build().exit_code == 0
    home = tiny.root / "_site" / "index.html"
    active = "<p onclick='window.ran = 1'>Press</p><script>window.ran = 1</script></main>"
    home.write_text(home.read_text("utf-8").replace("</main>", active), "utf-8")
    page.goto((tiny.root / "_site" / "index.html").as_uri())
    page.get_by_text("Press", exact=True).click()
    assert page.evaluate("window.ran ?? 0") == 0
    page.evaluate("new Image().src = 'https://example.invalid/x.png'")
    page.wait_for_function("window.violations?.some(v => v.includes('example.invalid'))")


def test_hosts_say_what_the_page_says(tiny: TinyBook) -> None:
    tiny.config["book"]["site-url"] = "https://example.org/books/tiny"
    assert tiny.build().exit_code == 0
    meta = html.fromstring(tiny.page("index.html")).xpath(
        "string(//meta[@http-equiv='Content-Security-Policy']/@content)"
    )
    directives = dict(part.split(" ", 1) for part in meta.split("; "))
    assert directives["default-src"] == "'none'"
    assert "unsafe" not in meta
    assert "frame-ancestors" not in directives
    whole = {**directives, "frame-ancestors": "'none'"}

    def parsed(policy: str) -> dict[str, str]:
        return dict(part.split(" ", 1) for part in policy.split("; "))

    netlify = tiny.page("_headers")
    assert parsed(re.search("Content-Security-Policy: (.*)", netlify)[1]) == whole  # type: ignore[index]
    # Where two rules give the same header, Cloudflare joins them: no path may get it twice.
    assert netlify.count("Cache-Control") == 1
    apache = tiny.page(".htaccess")
    assert parsed(re.search('Content-Security-Policy "(.*)"', apache)[1]) == whole  # type: ignore[index]
    assert apache.startswith("ErrorDocument 404 /books/tiny/404.html\n")
    vercel = json.loads(tiny.page("vercel.json"))["headers"]
    sent = {item["key"]: item["value"] for item in vercel[0]["headers"]}
    assert parsed(sent["Content-Security-Policy"]) == whole
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert tiny.page(".nojekyll") == ""


def test_style_that_is_more_than_a_style_is_refused(tiny: TinyBook) -> None:
    tiny.write("index.qmd", '# Home\n\n<p style="color: red} body { display: none">x</p>\n')
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB502  index.qmd" in result.output


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<td style="a: b">', '<td class="NAME">'),
        ("<td style='a: b'>", '<td class="NAME">'),
        ("<td style=a:b>", '<td class="NAME">'),
        ('<td class="x" style="a: b;">', '<td class="x NAME">'),
        ('<td\n style="a: b" class=x id="y">', '<td id="y" class="x NAME">'),
        ('<col style="a: b" />', '<col class="NAME" />'),
        ('<p CLASS="x" hidden STYLE="a: b">', '<p hidden class="x NAME">'),
        ('<p style="">', "<p>"),
        ('<td style=";a: b;;">', '<td class="NAME">'),
        ("<p title=\"<b style='x'>\">", "<p title=\"<b style='x'>\">"),
        ("<!-- <p style='a: b'> -->", "<!-- <p style='a: b'> -->"),
        ("a style=&quot;b&quot;", "a style=&quot;b&quot;"),
        ('<p data-style="a: b">', '<p data-style="a: b">'),
    ],
)
def test_style_becomes_a_class(before: str, after: str) -> None:
    lifted = InlineStyles().lift(before, "here")
    assert re.sub(r"s-[0-9a-f]{8}", "NAME", lifted) == after


@given(st.text(st.sampled_from("ab:;{}()\"'\\/*<>@! ,%-"), max_size=30))
def test_no_style_reaches_beyond_its_own_rule(text: str) -> None:
    styles = InlineStyles()
    try:
        styles.lift(f'<p style="{text.replace(chr(34), "&quot;")}">', "here")
    except BookError:
        return
    sheet = styles.sheet()
    assert sheet.count("{") == sheet.count("}") == sheet.count("\n")
    for sign in ('"', "'"):
        assert sheet.count(sign) % 2 == 0
    assert "/*" not in re.sub(r"\"[^\"]*\"|'[^']*'", "", sheet)
