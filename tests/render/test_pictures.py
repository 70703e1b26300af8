"""Pictures and frames of other people's books: without words, in HTML, and on other hosts."""

from __future__ import annotations

import json
from pathlib import Path

from lxml import html
from playwright.sync_api import Browser

from nkbook.render.site.headers import policy
from tests.books import TinyBook, markdown
from tests.render.formats import Editions, stored
from tests.render.test_outputs import PIXEL

HOST = "https://pictures.example.org"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
PLAN = f"![The plan of a bridge]({HOST}/plan.png?raw=true)"


def alts(editions: Editions) -> list[list[str]]:
    """What pictures say to those who do not see them, in HTML and EPUB."""
    return [tree.xpath(".//img/@alt") for tree in (editions.html, editions.epub)]


def test_caption_of_a_cell_stands_for_its_picture(tiny: TinyBook) -> None:
    cell = stored(
        '#| label: fig-bars\n#| fig-cap: "Bars of *two* years."\nplot()',
        {"image/png": PIXEL, "text/plain": "<Figure>"},
    )
    tiny.config["execute"]["enabled"] = False
    tiny.chapter("one", markdown("# One"), cell)
    editions = Editions(tiny)
    assert alts(editions) == [["Bars of two years."]] * 2
    assert "NB701" not in editions.result.output


def test_picture_without_any_words_is_told_and_shown(tiny: TinyBook) -> None:
    tiny.write("notebooks/plan.svg", SVG)
    tiny.chapter("one", markdown("# One"), markdown("![](plan.svg)"))
    editions = Editions(tiny)
    assert alts(editions) == [["Picture without a description"]] * 2
    place = "NB701  notebooks/one.ipynb, cell 2: the image “plan.svg” has no alt text"
    assert place in editions.result.output


def test_picture_of_another_host_is_shown_by_the_website_and_linked_elsewhere(
    tiny: TinyBook,
) -> None:
    badge = f"[![A mark]({HOST}/mark.svg)](https://example.org/)"
    figure = f"![A river]({HOST}/river.png){{#fig-river}}"
    tiny.chapter("one", markdown("# One"), markdown(f"{PLAN}\n\n{badge}\n\n{figure}\n\n@fig-river"))
    editions = Editions(tiny, "--lenient")
    assert "NB607  notebooks/one.ipynb, cell 2: the image" in editions.result.output
    assert editions.html.xpath(".//img/@src") == [
        f"{HOST}/plan.png?raw=true", f"{HOST}/mark.svg", f"{HOST}/river.png"
    ]  # fmt: skip
    assert editions.epub.xpath(".//img") == []
    links = {a.text_content(): a.get("href") for a in editions.epub.xpath(".//a")}
    assert links["The plan of a bridge"] == f"{HOST}/plan.png?raw=true"
    assert links["A mark"] == "https://example.org/"
    assert links["A river"] == f"{HOST}/river.png"
    assert "The plan of a bridge" in editions.pdf


def test_policy_names_the_hosts_of_pictures_and_no_other(tiny: TinyBook) -> None:
    raw = "```{=html}\n<img alt='Raw' src='https://raw.example.org/a.png'>\n```"
    tiny.chapter(
        "one", markdown(f"# One\n\n{PLAN}\n\n{raw}\n\n[A link](https://other.example.org)")
    )
    assert tiny.build(("html",), "--lenient").exit_code == 0
    site = tiny.root / "_site"
    hosts = {"img-src": {HOST, "https://raw.example.org"}}
    told = html.fromstring(tiny.page("index.html")).xpath("//meta[@http-equiv]/@content")
    assert policy(meta=True, hosts=hosts) in told
    assert f"img-src 'self' {HOST} https://raw.example.org;" in policy(meta=False, hosts=hosts)
    for name in ("_headers", ".htaccess", "vercel.json"):
        text = (site / name).read_text(encoding="utf-8")
        sent = policy(meta=False, hosts=hosts)
        assert (sent if name != "vercel.json" else json.dumps(sent)[1:-1]) in text
    assert "other.example.org" not in Path(site / "_headers").read_text(encoding="utf-8")


def test_picture_in_html_is_one_of_the_book(tiny: TinyBook) -> None:
    tiny.write("notebooks/plan.svg", SVG)
    again = '<center><img src="plan.svg" alt="Again"></center>'
    text = f'Words <img src="plan.svg" alt="A plan" width="50%"> and\n\n{again}'
    tiny.chapter("one", markdown("# One"), markdown(text))
    editions = Editions(tiny, "--lenient")
    assert alts(editions) == [["A plan", "Again"]] * 2
    (first, _) = editions.html.xpath(".//img")
    assert first.get("class").startswith("s-")  # its width, in the sheet of the site
    assert (tiny.root / "_site" / "notebooks" / first.get("src")).is_file()


def test_frame_is_on_the_website_and_a_link_elsewhere(tiny: TinyBook) -> None:
    frame = f'<iframe width="700" src="{HOST}/film?a=1" title="A film"></iframe>'
    tiny.chapter("one", markdown("# One"), markdown(f"{frame}\n\nMore."))
    editions = Editions(tiny, "--lenient")
    assert editions.html.xpath(".//iframe/@src") == [f"{HOST}/film?a=1"]
    assert policy(meta=True, hosts={"frame-src": {HOST}}) in tiny.page(
        "notebooks/one.html"
    ).replace("&#39;", "'")
    links = {a.text_content(): a.get("href") for a in editions.epub.xpath(".//a")}
    assert links["A film"] == f"{HOST}/film?a=1"
    assert "A film" in editions.pdf
    assert (
        f"NB607  notebooks/one.ipynb, cell 2: the frame “{HOST}/film?a=1”" in editions.result.output
    )


def test_script_that_nothing_runs_is_left_out_and_told(tiny: TinyBook) -> None:
    scripts = f'<script async src="{HOST}/x.js"></script>\n\n<script>window.ran = 1</script>'
    tiny.chapter("one", markdown("# One"), markdown(f"{scripts}\n\nMore."))
    editions = Editions(tiny)
    for tree in (editions.html, editions.epub):
        assert tree.xpath(".//script") == []
    for what in (f"“{HOST}/x.js”", "in the text"):
        assert f"NB305  notebooks/one.ipynb, cell 2: the script {what} is left out" in (
            editions.result.output
        )


def test_frame_is_no_wider_than_a_phone(tiny: TinyBook, browser: Browser) -> None:
    tiny.chapter("one", markdown("# One"), markdown(f'<iframe width="700" src="{HOST}"></iframe>'))
    assert tiny.build(("html",), "--lenient").exit_code == 0
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.route("https://**", lambda route: route.abort())
    page.goto((tiny.root / "_site" / "notebooks" / "one.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.close()
