"""Pictures of other people's books: without words of their own, and on other hosts."""

from __future__ import annotations

import json
from pathlib import Path

from lxml import html

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
    editions = Editions(tiny)
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
    assert tiny.build().exit_code == 0
    site = tiny.root / "_site"
    hosts = {HOST, "https://raw.example.org"}
    told = html.fromstring(tiny.page("index.html")).xpath("//meta[@http-equiv]/@content")
    assert policy(meta=True, hosts=hosts) in told
    assert f"img-src 'self' {HOST} https://raw.example.org;" in policy(meta=False, hosts=hosts)
    for name in ("_headers", ".htaccess", "vercel.json"):
        text = (site / name).read_text(encoding="utf-8")
        sent = policy(meta=False, hosts=hosts)
        assert (sent if name != "vercel.json" else json.dumps(sent)[1:-1]) in text
    assert "other.example.org" not in Path(site / "_headers").read_text(encoding="utf-8")
