"""Cards: one picture for each page, in which the longest title finds its place."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from PIL import Image

from nkbook.render.site.cards import SIZE, Card, draw_cards, shortened
from nkbook.render.site.tokens import colour

TITLES = (
    "I",
    "The North Korean People’s Challenges",
    "A title that goes on and on, as the titles of reports do whose authors could not decide " * 4,
    "W" * 400,
    "사람" * 100,
    "“Quotes” #set page(width: 1pt) *and* `markup` $x$ \\ </svg>",
    "",
)


@pytest.fixture(scope="module")
def pictures() -> list[Image.Image]:
    cards = [Card(title, "Tiny book " * 9, "Part · Chapter 1" * 9) for title in TITLES]
    return [Image.open(io.BytesIO(data)) for data in draw_cards(cards, "", "en-GB")]


def rows_with_ink(picture: Image.Image, box: Sequence[int]) -> int:
    """How many rows of a box hold something else than the paper's colour."""
    area = picture.convert("RGB").crop(tuple(box))  # type: ignore[arg-type]
    paper = area.getpixel((area.width - 1, area.height - 1))
    return sum(
        any(area.getpixel((x, y)) != paper for x in range(0, area.width, 2))
        for y in range(area.height)
    )


@pytest.mark.parametrize("index", range(len(TITLES)))
def test_card_holds_its_title(pictures: list[Image.Image], index: int) -> None:
    picture = pictures[index]
    assert picture.size == SIZE
    assert picture.mode == "P"
    # Nothing at the edges of the paper: at the right, and between head and title.
    assert rows_with_ink(picture, (1150, 0, 1200, 548)) == 0
    assert rows_with_ink(picture, (0, 120, 1200, 150)) == 0
    assert rows_with_ink(picture, (76, 520, 1150, 548)) == 0


def test_card_is_small_and_in_the_colours_of_the_book(pictures: list[Image.Image]) -> None:
    for data in draw_cards([Card(title, "Tiny book") for title in TITLES], "", "en"):
        assert len(data) < 40_000
    ground = pictures[1].convert("RGB").getpixel((10, 300))
    wanted = tuple(bytes.fromhex(colour("paper")[1:]))
    assert max(abs(a - b) for a, b in zip(ground, wanted, strict=True)) <= 4  # type: ignore[arg-type]


def test_cards_are_the_same_every_time() -> None:
    cards = [Card("One"), Card("Two", "Book")]
    mark = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><path d="M0 0h2v2z"/></svg>'
    first, second = draw_cards(cards, mark, "en"), draw_cards(cards, mark, "en")
    assert first == second
    assert first[0] != first[1]


def test_long_text_is_cut_between_words() -> None:
    assert shortened("one two three", 20) == "one two three"
    assert shortened("one two, three", 10) == "one two…"
    assert shortened("onetwothree", 6) == "onetwo…"
