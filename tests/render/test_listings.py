"""Code with a label and a caption: numbered and referred to, in every format."""

from __future__ import annotations

from typing import Any

import pytest

from tests.books import TinyBook, markdown
from tests.epubs import Check
from tests.render.edition import Edition, build, references, words


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return build("listings", tmp_path_factory.mktemp("listings") / "book")


def listings(page: Any) -> list[tuple[str, str, str]]:
    """Id, caption and code of each listing."""
    return [
        (
            figure.get("id"),
            words(figure.find("figcaption")).replace("\u00a0", " "),
            words(figure.find(".//pre")),
        )
        for figure in page.iterfind(".//figure[@class='listing']")
    ]


IN_PROGRAMS = [
    ("lst-sum", "Listing 1.1: A sum", "total = sum([1, 2, 3])"),
    (
        "lst-loop",
        "Listing 1.2: A loop that prints, unlike Listing 1.1",
        "for number in range(3): print(number)",
    ),
]


def test_listings_are_numbered_and_captioned(edition: Edition) -> None:
    page = edition.page("programs")
    assert listings(page) == IN_PROGRAMS
    assert page.find(".//figure[@id='lst-sum']/figcaption/em") is not None


def test_code_of_a_cell_is_a_listing_and_its_output_none(edition: Edition) -> None:
    page = edition.page("cells")
    assert listings(page) == [("lst-cell", "Listing 2.1: A cell that runs", "print(2 + 2)")]
    assert "4" in [words(pre) for pre in page.xpath(".//pre[not(ancestor::figure)]")]


def test_references_say_number_and_lead_there(edition: Edition) -> None:
    assert references(edition.page("index")) == [("programs.html#lst-sum", "Listing 1.1")]
    assert references(edition.page("programs")) == [
        ("#lst-sum", "Listing 1.1"),
        ("#lst-sum", "Listing 1.1"),
        ("#lst-loop", "1.2"),
        ("#lst-loop", "Program 1.2"),
        ("cells.html#lst-cell", "Listing 2.1"),
    ]


def test_epub_has_the_same(edition: Edition, check_epub: Check) -> None:
    assert listings(edition.chapter("sec-programs")) == IN_PROGRAMS
    assert check_epub(edition.epub) == []


def test_print_has_the_same(edition: Edition) -> None:
    text = edition.print().replace("\u00a0", " ")
    for part in ("Listing 1.1: A sum total = sum", "Listing 2.1: A cell that runs print(2 + 2) 4"):
        assert part in text


def test_code_without_a_caption_cannot_be_referred_to(tiny: TinyBook) -> None:
    tiny.chapter("one", markdown("# One\n\nSee @lst-x.\n\n```{#lst-x .python}\npass\n```\n"))
    result = tiny.build()
    assert result.exit_code == 1
    assert "NB602" in result.output
