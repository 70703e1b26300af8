"""What stands in the `_quarto.yml` of other people's books."""

from __future__ import annotations

import pytest

from nkbook.render import keys
from tests.books import TinyBook


@pytest.mark.parametrize(
    "path",
    [
        "book.google-analytics",
        "book.cookie-consent.style",
        "book.twitter-card.creator",
        "book.margin-header",
        "comments.hypothesis",
        "format.html.notebook-links",
        "format.html.grid.body-width",
        "format.html.mermaid.theme",
        "format.html.df-print",
        "keep-ipynb",
        "website.google-analytics",
    ],
)
def test_options_of_the_theme_are_known_with_all_that_is_below_them(path: str) -> None:
    assert keys.is_known(path)
    assert keys.idle_reason(path, "given")


def test_options_of_the_theme_are_told_and_stop_nothing(tiny: TinyBook) -> None:
    tiny.config["book"] |= {"google-analytics": "G-1", "sidebar": {"logo": "none.png"}}
    tiny.config["search"] = True
    tiny.save()
    result = tiny.run("build", "--engine", "portable")
    assert result.exit_code == 0, result.output
    assert "“book.google-analytics” has no effect" in result.output
    assert "“book.sidebar”, “search” have no effect" in result.output


def test_resources_of_all_chapters_go_along(tiny: TinyBook) -> None:
    tiny.write("CNAME", "book.example.org\n")
    tiny.config["resources"] = ["CNAME"]
    assert tiny.build().exit_code == 0
    assert (tiny.root / "_site" / "CNAME").read_text() == "book.example.org\n"


def test_file_of_references_is_the_last_chapter_before_appendices(tiny: TinyBook) -> None:
    tiny.bibliography()
    tiny.write("more.qmd", "# More\n\nWords [@kim].\n")
    tiny.write("sources.qmd", "# Sources {.unnumbered}\n\n::: {#refs}\n:::\n")
    tiny.config["book"] |= {"references": "sources.qmd", "appendices": ["more.qmd"]}
    assert tiny.build().exit_code == 0
    page = tiny.page("sources.html")
    assert "A Book" in page
    assert 'rel="next" href="more.html"' in page
