"""The glossary, the timeline and the audit say what `data/` says, and link to the chapters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nkbook.errors import BookError
from nkbook.evidence import answers, reference
from nkbook.evidence.usage import Section
from nkbook.model import Claim, Event, Library, Passage, Term
from tests.test_notebook import LIBRARY, by_id, number, source

CHAPTER = """# Songbun, the family file {#sec-songbun}

It is [songbun](#term-songbun).

## Who reads it? {#sec-songbun-file}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    library = Library(
        sources=by_id(*LIBRARY.sources.values(), source("hrnk", "HRNK", "2012")),
        statistics=by_id(number("levels", text="51"), number("recalled", verified=False)),
        testimonies={},
        places={},
        series={},
        glossary=by_id(
            Term("zeal", "Zeal", "", "", ("Zeal",), "Enthusiasm."),
            Term("songbun", "songbun", "성분", "seongbun", ("songbun",), "A *class*."),
        ),
        timeline=by_id(
            Event("late", "2016/2020", "{{< var stat.levels >}} kinds.", ("hrnk",), ""),
            Event("early", "1958-05", "It began.", ("hrnk", "seed"), "sec-songbun-file"),
        ),
        coverage=by_id(Passage("songbun", "Songbun", "No Freedom", "songbun", "sec-songbun", "")),
        audit=by_id(
            Claim(
                "levels",
                "songbun",
                "there are many levels",
                "A report.",
                "{{< var stat.levels >}} in the 1960s.",
                "holds, dated",
                ("levels", "recalled"),
                ("hrnk",),
            )
        ),
    )
    for module in (answers, reference):
        monkeypatch.setattr(module, "load_library", lambda _: library)
    cell = {"cell_type": "markdown", "source": CHAPTER.splitlines(keepends=True)}
    (tmp_path / "notebooks").mkdir()
    chapter = tmp_path / "notebooks" / "songbun.ipynb"
    chapter.write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    return tmp_path


def test_terms_stand_in_order_with_hangul_and_chapters(root: Path) -> None:
    text = reference.list_terms(root).text
    assert text.index("{#term-songbun ") < text.index("{#term-zeal ")
    assert "[성분]{lang=ko}, *seongbun*. A \\*class\\*." in text
    assert "Used in: [Songbun, the family file](songbun.ipynb)." in text
    assert text.count("Used in") == 1


def test_events_stand_by_date_with_sources_and_sections(root: Path) -> None:
    text = reference.list_events(root).text
    assert text.index("## Before 1990") < text.index("May 1958") < text.index("## 2010 to 2019")
    assert (
        """::: {#event-early .evidence data-date="1958-05"}
**May 1958**

It began [@hrnk; @seed].

More in [Songbun, the family file: Who reads it?](#sec-songbun-file)
:::"""
        in text
    )
    assert (
        """**2016–2020**

[51](#stat-levels){.stat} kinds [@hrnk].
:::"""
        in text
    )


def test_a_chapter_is_named_once() -> None:
    assert Section("Songbun", "Songbun").place == "Songbun"


def test_claims_have_a_verdict_and_evidence_that_can_be_followed(root: Path) -> None:
    text = answers.list_claims(root).text
    assert "### Songbun {#audit-songbun}" in text
    assert "#### There are many levels {#claim-levels .evidence" in text
    assert 'data-verdict="Holds, dated"}' in text
    assert "**Holds, dated.** [51](#stat-levels){.stat} in the 1960s." in text
    assert "Where it comes from: A report." in text
    assert "Numbers:" not in text, "the only other number is not verified"
    assert "(sources.ipynb#src-hrnk)" in text


def test_every_section_of_the_page_names_ours(root: Path) -> None:
    text = answers.list_coverage(root).text
    assert "| No Freedom: Songbun | [Songbun, the family file](#sec-songbun) |" in text


def test_verdicts_are_counted(root: Path) -> None:
    text = answers.count_verdicts(root).text
    assert "| Holds, dated |" in text
    assert text.count("| 1 |") == 1


def test_a_number_nobody_verified_is_not_printed(root: Path) -> None:
    library = answers.load_library(root)
    claim = Claim("x", "songbun", "x", "", "{{< var stat.recalled >}}", "holds", (), ())
    with pytest.raises(BookError, match="ND119"):
        answers.fill_variables(claim.evidence, library)
