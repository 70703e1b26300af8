"""One list of references for the whole book, in the chapter that asks for it with `#refs`."""

from __future__ import annotations

import pytest

from tests.books import TinyBook, markdown
from tests.render.edition import Edition, build, words


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build("references", tmp_path_factory.mktemp("references") / "book")


def test_citations_of_every_page_lead_to_the_one_list(edition: Edition) -> None:
    links = edition.page("wells").xpath("//*[@class='citation']/a/@href")
    assert links == ["references.html#ref-digger", "references.html#ref-walker"]
    listed = edition.page("references")
    assert [entry.get("id") for entry in listed.find_class("csl-entry")] == [
        "ref-digger",
        "ref-unnamed",
        "ref-walker",
    ]


def test_other_pages_have_no_list(edition: Edition) -> None:
    for name in ("index", "wells", "rivers"):
        page = edition.page(name)
        assert not page.find_class("csl-entry"), name
        assert "References" not in map(words, page.xpath("//main//h2"))


def test_a_list_for_another_format_is_none_of_the_website(tiny: TinyBook) -> None:
    tiny.bibliography()
    listed = '::: {.content-visible when-format="epub"}\n::: {#refs}\n:::\n:::'
    tiny.chapter("one", markdown("# One\n\nIt is so [@kim]."))
    tiny.chapter("two", markdown(f"# Two\n\n{listed}"))
    assert tiny.build().exit_code == 0
    assert 'id="ref-kim"' in tiny.page("notebooks/one.html")
