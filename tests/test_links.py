"""What chapters point at is there, and what is not is found without running them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.books import RealBook


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "words", "hint"),
    [
        (
            "index.qmd",
            "](#sec-preface)",
            "](#sec-prefase)",
            "index.qmd",
            "the link to #sec-prefase leads nowhere",
            "sec-preface",
        ),
        (
            "notebooks/hunger.ipynb",
            "](#sec-hunger-how)",
            "](hungry.ipynb#sec-hunger-how)",
            "notebooks/hunger.ipynb, cell 2",
            "the link to hungry.ipynb leads nowhere",
            "hunger.ipynb",
        ),
        (
            "notebooks/leaving.ipynb",
            "(@fig-leaving-arrivals)",
            "(@fig-leaving-arrival)",
            "notebooks/leaving.ipynb, cell 4",
            "the cross-reference @fig-leaving-arrival leads nowhere",
            "fig-leaving-arrivals",
        ),
        (
            "notebooks/leaving.ipynb",
            "[@MOU_TABLE]",
            "[@MOU_TABEL]",
            "notebooks/leaving.ipynb, cell 4",
            "the citation @MOU_TABEL leads nowhere",
            "MOU_TABLE",
        ),
        (
            "notebooks/hunger.ipynb",
            "{#sec-hunger-how}",
            "{#sec-hunger-method}",
            "notebooks/hunger.ipynb, cell 2",
            "the link to #sec-hunger-how leads nowhere",
            "",
        ),
        (
            "data/timeline.csv",
            "sec-leaders-founding",
            "sec-leaders-foundling",
            "data/timeline.csv, id korea-divided",
            "the section #sec-leaders-foundling is nowhere",
            "sec-leaders-founding",
        ),
    ],
)
def test_broken_target_is_found(
    tmp_path: Path, file: str, old: str, new: str, place: str, words: str, hint: str
) -> None:
    book = RealBook(tmp_path)
    book.swap(file, old, new)
    found = [line for line in book.findings() if line.startswith(f"NC108  {place}")]
    assert [line for line in found if words in line and hint in line], book.findings()


def test_the_book_points_at_nothing_that_is_not_there(tmp_path: Path) -> None:
    assert not [line for line in RealBook(tmp_path).findings() if line.startswith("NC108")]
