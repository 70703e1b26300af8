"""A computed statistic follows its inputs, and a row that cannot be worked out says why."""

from __future__ import annotations

import pytest

from nkbook.data import load_library
from nkbook.data.expressions import read, work_out
from nkbook.errors import Finding
from tests.data.conftest import ROOT, Copy
from tests.data.test_data_faults import index, only

STATISTICS = "statistics.csv"
SERIES = "series/refugee_arrivals_kor.csv"


def change(copy: Copy, id: str, **cells: str) -> str:
    return copy.change(STATISTICS, index(copy, STATISTICS, id=id), **cells)


def fault(copy: Copy, id: str, code: str, column: str = "expression", **cells: str) -> Finding:
    return only(copy, code, f"{change(copy, id, **cells)}, column {column}")


def test_no_computed_number_is_typed_in_the_book(copy: Copy) -> None:
    computed = [row for row in copy.rows(STATISTICS) if row["status"] == "computed"]
    assert len(computed) > 50
    for row in computed:
        assert row["expression"], row["id"]
        assert not row["value"] + row["low"] + row["high"], row["id"]


def test_the_words_of_every_computed_number_end_in_it() -> None:
    library = load_library(ROOT)
    for item in library.statistics.values():
        if item.expression:
            answer = work_out(
                read(item.expression), library.statistics, library.series, item.unit, item.as_of
            )
            shown = item.text.removeprefix(item.qualifier).strip()
            last = str(answer).replace(" observations", "").split(" ")[-1]
            assert last.removesuffix("%") == shown.removesuffix("%"), item.id


def test_a_computed_number_follows_its_statistics(copy: Copy) -> None:
    change(copy, "arrivals-2025", value="396")
    library = load_library(copy.root)
    assert library.statistics["arrivals-2025-women-share"].text == "50%"
    assert library.statistics["arrivals-per-week-2025"].text == "about 8"


def test_a_computed_number_follows_its_series(copy: Copy) -> None:
    copy.change(SERIES, index(copy, SERIES, year="2023"), value="300")
    library = load_library(copy.root)
    assert library.statistics["arrivals-2020-2025"].value == 1118
    assert library.statistics["arrivals-2023-2025"].text == "223–300"


def test_a_change_passes_through_computed_numbers(copy: Copy) -> None:
    change(copy, "camp-system-begun", low="1966", high="1966", value="")
    library = load_library(copy.root)
    assert library.statistics["camp-system-years"].text == "60"
    assert library.statistics["camps-longer-than-nazi"].text == "5"
    assert library.statistics["camps-longer-than-gulag"].text == "2.0–2.4"


def test_a_computed_number_may_not_be_typed(copy: Copy) -> None:
    assert "Empty the cell" in fault(copy, "state-years", "ND125", "value", value="78").hint


def test_a_computed_number_needs_an_expression(copy: Copy) -> None:
    assert "change the status" in fault(copy, "state-years", "ND125", expression="").hint


def test_no_other_number_has_an_expression(copy: Copy) -> None:
    found = fault(copy, "arrivals-2025", "ND125", expression='stat("arrivals-2024")')
    assert "updated" in found.message


@pytest.mark.parametrize(
    ("code", "expression"),
    [
        ("ND120", 'stat("state-founded"'),
        ("ND120", "2026 - 1948"),
        ("ND120", 'stat("state-founded") > 1900'),
        ("ND121", 'last_year - stat("state-fuonded")'),
        ("ND122", 'stat("camp-deaths-un-inquiry")'),
        ("ND122", 'series("unga_adopted_without_vote", year="2018")'),
        ("ND123", 'stat("state-founded") / stat("expression-score-article19")'),
        ("ND126", 'stat("state-founded") / days_of_a_year'),
    ],
)
def test_each_fault_of_an_expression(copy: Copy, code: str, expression: str) -> None:
    sources = ";".join(row["id"] for row in copy.rows("sources.csv"))
    assert fault(copy, "state-years", code, expression=expression, sources=sources).hint


def test_a_row_that_nobody_verified_is_no_input(copy: Copy) -> None:
    change(copy, "arrivals-2025", verified="no")
    faults = copy.faults()
    assert {item.code for item in faults} == {"ND122"}
    assert len(faults) == 2


def test_a_circle_is_shown_at_each_of_its_rows_and_nowhere_else(copy: Copy) -> None:
    first = change(copy, "arrivals-total-1998", expression='stat("arrivals-total-2019")')
    second = change(copy, "arrivals-total-2019", expression='stat("arrivals-total-1998")')
    faults = copy.faults()
    assert {item.code for item in faults} == {"ND124"}
    assert {item.place for item in faults} == {
        f"{row}, column expression" for row in (first, second)
    }
    assert "arrivals-total-1998 ← arrivals-total-2019" in faults[0].message


def test_a_number_names_the_sources_of_its_inputs(copy: Copy) -> None:
    assert fault(copy, "state-years", "ND127", "sources", sources="derived").hint == (
        "Add wp_division."
    )


def test_all_faults_are_found_at_once(copy: Copy) -> None:
    change(copy, "state-years", expression="nothing")
    change(copy, "press-editions", expression='count(series("rsf"))')
    assert [item.code for item in copy.faults()] == ["ND121", "ND120"]
