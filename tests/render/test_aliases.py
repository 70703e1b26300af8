"""An address that a page once had leads to where it is now, as in Quarto."""

from __future__ import annotations

import pytest

from tests.books import TinyBook

CHAPTER = "---\naliases: {aliases}\n---\n\n# One\n\nHere now.\n"


def with_aliases(tiny: TinyBook, aliases: str) -> None:
    tiny.config["book"]["chapters"].append("notebooks/one.qmd")
    tiny.config["book"]["site-url"] = "https://book.example/"
    tiny.write("notebooks/one.qmd", CHAPTER.format(aliases=aliases))


def test_old_addresses_lead_to_the_chapter(tiny: TinyBook) -> None:
    with_aliases(tiny, "[first.html, /figures/fig-old.html, /old/]")
    result = tiny.build()
    assert result.exit_code == 0, result.output
    site = tiny.root / "_site"
    for name, target in (
        ("notebooks/first.html", "one.html"),
        ("figures/fig-old.html", "../notebooks/one.html"),
        ("old/index.html", "../notebooks/one.html"),
    ):
        page = (site / name).read_text(encoding="utf-8")
        assert f'<meta http-equiv="refresh" content="0; url={target}">' in page
        assert f'<a href="{target}">One</a>' in page
    listed = (site / "sitemap.xml").read_text(encoding="utf-8")
    assert "one.html" in listed
    assert "first.html" not in listed
    assert "fig-old.html" not in listed


@pytest.mark.parametrize(
    ("alias", "words"),
    [
        ("../../outside.html", "is no page of the site"),
        ("picture.png", "is no page of the site"),
        ("/index.html", "is a page already"),
        ("one.html", "is a page already"),
        ("/404.html", "is a page already"),
    ],
)
def test_alias_that_cannot_be_is_a_fault(tiny: TinyBook, alias: str, words: str) -> None:
    with_aliases(tiny, f"[{alias}]")
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB710  notebooks/one.qmd" in result.output
    assert words in result.output
    assert not (tiny.root / "_site").exists()
