"""House rules find what an editor would circle, and nothing else."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from nkbook import model
from nkbook.checks import evidence, prose, shape, terms, usage
from nkbook.data import load_library
from nkbook.errors import Findings
from nkbook.model import Library
from nkbook.render.document import Cell, Document
from tests.conftest import ROOT

ANN = model.Testimony(
    "ann", "T1", "testimony", "Ann", "", True, "", "isolation", "Words.", "s", "", "none", ""
)
LIBRARY = Library({}, {}, {"ann": ANN}, {}, {}, withdrawn=frozenset({"gone"}))


def found(*cells: Cell) -> list[str]:
    findings = Findings()
    document = Document("notebooks/one.ipynb", cells, {})
    prose.check(document, findings)
    evidence.check(document, LIBRARY, findings)
    return [str(finding) for finding in findings]


@pytest.mark.parametrize(
    "text",
    [
        "On 25 August 2020, the 38th parallel, Camps 14, 16 and 25, Article 27, the 1990s.",
        "From 2016–2020 or 2016–20, at 20:00, 38 North said so [@kim2020, p. 3].[^1]",
        "`code 5` and ```\n12\n```\n[x](a.html#b-2){.c width=3}",
    ],
)
def test_dates_ordinals_and_names_may_be_typed(text: str) -> None:
    assert found(Cell(1, "markdown", text)) == []


@pytest.mark.parametrize(
    ("picture", "fault"),
    [
        ("![](plan.png)", "“plan.png” has no alt text"),
        ('![](plan.png){fig-alt="A plan"}', ""),
        ("![A plan](plan.png)", ""),
        ("![A plan](https://example.org/plan.png)", "is on another host"),
        ("```\n![](plan.png)\n```", ""),
    ],
)
def test_pictures_have_words_and_lie_in_the_book(picture: str, fault: str) -> None:
    findings = found(Cell(2, "markdown", picture))
    assert len(findings) == bool(fault)
    assert all("NC109" in finding and fault in finding for finding in findings)


@pytest.mark.parametrize("number", ["5", "1,047", "53,000–65,000", "83.3%", "482 km", "$3,000"])
def test_other_numbers_come_from_data(number: str) -> None:
    (finding,) = found(Cell(4, "markdown", f"There were {number} of them."))
    assert "NC101  notebooks/one.ipynb, cell 4" in finding


def test_figures_end_in_show() -> None:
    cell = Cell(2, "code", "plt.plot([1])", {"label": "fig-x"})
    assert "NC102" in found(cell)[0]
    assert found(Cell(2, "code", "show(fig, data=s)", {"label": "fig-x"})) == []


def test_every_id_is_in_the_data() -> None:
    unknown = Cell(3, "markdown", "It was {{< var stat.total >}}.")
    assert "data/ has no statistic “total”" in found(unknown)[0]
    assert "Did you mean “ann”?" in found(Cell(3, "code", 'quote("anna")'))[0]


def test_ids_stand_in_full() -> None:
    assert "NC107" in found(Cell(3, "code", 's = [series(f"votes_{kind}") for kind in kinds]'))[0]


def test_withdrawn_quotations_are_no_fault() -> None:
    assert found(Cell(3, "code", 'quote("ann")'), Cell(4, "code", "quote('gone')")) == []


@pytest.mark.parametrize(
    ("text", "levels"),
    [("# A\n\n## B\n\n### C\n\n## D", 0), ("# A\n\n### C", 1), ("# A\n\n```\n#### x\n```", 0)],
)
def test_no_heading_level_is_skipped(text: str, levels: int) -> None:
    assert sum("NC104" in finding for finding in found(Cell(1, "markdown", text))) == levels


@pytest.mark.parametrize("word", ["organization", "labor", "neighbors", "centers", "analyzed"])
def test_american_spelling_is_found(word: str) -> None:
    assert f"“{word}”" in found(Cell(1, "markdown", f"The {word} of it."))[0]


@pytest.mark.parametrize(
    "text",
    [
        "Organisation, labour, collaboration, elaborate, centred, analysis.",
        "The Center for Strategic and International Studies wrote *The organization of labor*.",
        "He said “my neighbor” [work](https://labor.example).",
    ],
)
def test_british_spelling_names_and_quotations_stay(text: str) -> None:
    assert found(Cell(1, "markdown", text)) == []


SONGBUN = model.Term("songbun", "songbun", "성분", "seongbun", ("songbun",), "A class.")
POLICE = model.Term("state-security", "Ministry", "", "", ("State Security",), "Police.")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Low songbun counts.", 1),
        ("Low [songbun](#term-songbun) counts, and songbun stays.", 0),
        ("Songbun first, then [songbun](#term-songbun).", 1),
        ("A class, *songbun* ([성분]{lang=ko}).", 0),
        ("## Songbun {#sec-songbun}\n\nNothing, see @sec-songbun [@songbun_book].", 0),
        ("The songbun-like; state security of a state.", 0),
        ("State Security came.", 1),
        ("- {{< var stat.a >}} songbun classes", 0),
    ],
)
def test_terms_are_linked_or_explained_where_they_first_come(text: str, codes: int) -> None:
    findings = Findings()
    document = Document("notebooks/one.ipynb", (Cell(1, "markdown", text),), {})
    terms.check(document, [SONGBUN, POLICE], findings)
    assert [finding.code for finding in findings] == ["NC106"] * codes


GOOD = """# Title {#sec-one}

One sentence answers the question [@seed].

::: {.key-numbers}
- {{< var stat.a >}} people
- {{< var stat.b >}} camps
:::

## Why {#sec-one-why}

WORDS

## How we know {#sec-one-how}
"""
FIGURE = Cell(2, "code", "show(fig)", {"label": "fig-x"})
SAID = {"description": "Why."}


def shaped(text: str, *cells: Cell, front: Mapping[str, str] = SAID) -> list[str]:
    findings = Findings()
    shape.check(Document("one.ipynb", (Cell(1, "markdown", text), *cells), front), findings)
    return [finding.code for finding in findings]


def test_a_chapter_has_its_shape() -> None:
    whole = GOOD.replace("WORDS", "word " * 1000)
    assert shaped(whole, FIGURE) == []
    assert shaped(whole.replace("- {{< var stat.b >}} camps\n", ""), FIGURE) == ["NC201"]
    assert shaped(whole) == ["NC202"]
    assert shaped(whole.replace("How we know", "Method"), FIGURE) == ["NC203"]
    assert shaped(GOOD, FIGURE) == ["NC204"]
    assert shaped(whole.replace("WORDS", "") + "word " * 900, FIGURE) == ["NC204"]
    assert shaped(whole.replace("question [", "question. And more ["), FIGURE) == ["NC205"]
    assert shaped(whole, FIGURE, front={}) == ["NC206"]


def test_nobody_reads_hard_numbers_before_the_content_note() -> None:
    whole = GOOD.replace("WORDS", "word " * 1000)
    note = '::: {.callout-warning title="Content note"}\nIt is hard.\n:::\n\n'
    before = whole.replace("::: {.key-numbers}", f"{note}::: {{.key-numbers}}")
    assert shaped(before, FIGURE) == []
    assert shaped(whole.replace("## Why", f"{note}## Why"), FIGURE) == ["NC207"]
    assert shaped(whole.replace("word word", f"{note}word", 1), FIGURE) == []


def test_only_numbered_chapters_have_a_shape() -> None:
    preface = Cell(1, "markdown", "# Preface {#sec-preface .unnumbered}")
    assert not shape.is_chapter(Document("one.ipynb", (preface,), {}))
    assert shape.is_chapter(Document("one.ipynb", (Cell(1, "markdown", GOOD),), {}))


def test_rows_that_nothing_uses_and_claims_that_nobody_judged(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    (tmp_path / "notebooks").mkdir()
    library = replace(load_library(ROOT), audit={}, timeline={})
    findings = Findings()
    usage.check(tmp_path, library, findings)
    codes = Counter(finding.code for finding in findings)
    assert codes["NC301"] == len(library.statistics)
    assert codes["NC303"] == len(library.testimonies)
    assert codes["NC304"] == len(library.series)
    assert codes["NC305"] == len(library.glossary)
    assert codes["NC401"] == len(library.coverage)
    assert codes["NC402"] == sum(s.status == "source page" for s in library.statistics.values())
