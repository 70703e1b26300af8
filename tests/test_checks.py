"""House rules find what an editor would circle, and nothing else."""

from __future__ import annotations

import pytest

from nkbook import model
from nkbook.checks import evidence, prose
from nkbook.errors import Findings
from nkbook.model import Library
from nkbook.render.document import Cell, Document

ANN = model.Testimony(
    "ann", "T1", "testimony", "Ann", "", "", "isolation", "Words.", "s", "", "none", ""
)
LIBRARY = Library({}, {}, {"ann": ANN}, {}, {})


def found(*cells: Cell) -> list[str]:
    findings = Findings()
    document = Document("notebooks/one.ipynb", cells, {})
    prose.check(document, findings)
    evidence.check(document, LIBRARY, {"gone"}, findings)
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


def test_withdrawn_quotations_are_no_fault() -> None:
    assert found(Cell(3, "code", 'quote("ann")'), Cell(4, "code", "quote('gone')")) == []
