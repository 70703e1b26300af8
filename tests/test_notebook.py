"""What chapters import: numbers, testimony and figures that can be traced, or a clear refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pypandoc
import pytest
from IPython.core.interactiveshell import InteractiveShell

from nkbook import model, notebook
from nkbook.data.exports import variables
from nkbook.data.provenance import state
from nkbook.errors import BookError
from nkbook.model import (
    FIGURE_MIME,
    Library,
    Observation,
    Place,
    Series,
    Source,
    Statistic,
)
from nkbook.notebook import chart, places, quote, series, short_name, show, source_line, statistic


def source(id: str, author: str, year: str, publisher: str = "") -> Source:
    return Source(id, "report", author, "Title", publisher, year, "", True, "", "")


def number(id: str, **changed: Any) -> Statistic:
    known: dict[str, Any] = {
        "id": id,
        "fact_id": "REP-03",
        "theme": "repression",
        "label": "people held",
        "value": None,
        "low": 53000,
        "high": 65000,
        "unit": "people",
        "qualifier": "",
        "as_of": "2025-10",
        "sources": ("kinu2025",),
        "status": "updated",
        "verified": True,
        "older": "",
        "note": "",
        "expression": "",
        "text": "53,000–65,000",
    }
    return Statistic(**{**known, **changed})


def row(year: str, entity: str, value: float | None, verified: bool = True) -> Observation:
    return Observation(year, entity, value, None, None, "MOU_TABLE", verified, "")


def spoken(id: str, **changed: Any) -> model.Testimony:
    known: dict[str, Any] = {
        "fact_id": "T04",
        "kind": "testimony",
        "speaker": "Illyong Ju",
        "left": "escaped North Korea in 2008",
        "left_certain": True,
        "left_note": "",
        "theme": "isolation",
        "excerpt": "At night, my father would turn on a small black radio […] We listened.",
        "source": "seed",
        "url": "https://example.org/",
        "content_note": "moderate",
        "note": "",
    }
    return model.Testimony(id=id, **{**known, **changed})


def by_id(*records: Any) -> Mapping[str, Any]:
    return MappingProxyType({record.id: record for record in records})


CAMP = Place(
    "camp-14", "Camp 14", "kwan-li-so", 39.6, 126.1, "", "", "", None, None, "seed", True, ""
)
TOWN = Place("town", "Town", "capital", 39.0, 125.8, "", "", "", None, None, "seed", True, "")
LIBRARY = Library(
    sources=by_id(
        source("kinu2025", "Korea Institute for National Unification", "2025", "KINU"),
        source("MOU_TABLE", "Ministry of Unification (Republic of Korea)", "2020"),
        source("MOU_2025", "Ministry of Unification (Republic of Korea)", "2026"),
        source("seed", "Liberty in North Korea (LiNK)", "c. 2020"),
    ),
    statistics=by_id(number("camp-prisoners-kinu"), number("recalled", verified=False)),
    testimonies=by_id(
        spoken("illyong-ju"),
        spoken("un", kind="institution", speaker="UN Commission of Inquiry", left=""),
        spoken("unsure", left_certain=False),
    ),
    places=by_id(CAMP, TOWN),
    kinds={"kwan-li-so": (CAMP,), "capital": (TOWN,)},
    series=by_id(
        Series(
            "arrivals",
            "Arrivals",
            "",
            "people a year",
            (
                row("1998", "male", 831),
                row("2024", "male", 26),
                row("2025", "male", 25),
                row("2025", "female", 198),
                row("2026", "female", 1, verified=False),
            ),
        )
    ),
    withdrawn=frozenset({"taken-back"}),
)


@pytest.fixture(autouse=True)
def _book(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "library", lambda: LIBRARY)


def test_series_leave_out_what_nobody_verified() -> None:
    found = series("arrivals")
    assert found.years == [1998, 2024, 2025, 2025]
    assert series("arrivals", since=2024).where(entity="male").values == [26, 25]
    assert found.unit == "people a year"


@pytest.mark.parametrize(
    ("ask", "code", "hint"),
    [
        (lambda: series("arrival"), "NF210", "“arrivals”"),
        (lambda: statistic("camp-prisoner-kinu"), "NF211", "“camp-prisoners-kinu”"),
        (lambda: statistic("recalled"), "NF218", ""),
        (lambda: quote("ilyong-ju"), "NF212", "“illyong-ju”"),
        (lambda: places("kwanliso"), "NF219", "“kwan-li-so”"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(ask: Any, code: str, hint: str) -> None:
    with pytest.raises(BookError) as caught:
        ask()
    (finding,) = caught.value.findings
    assert finding.code == code
    assert hint in finding.hint


def test_a_notebook_shows_a_refusal_as_a_message(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)  # another one that is active is no matter
    shell = InteractiveShell()
    shell.run_cell('from nkbook.notebook import series\nseries("arrival")')
    said = capsys.readouterr()
    assert "NF210  arrival: there is no series of this id" in said.out + said.err
    assert "Traceback" not in said.out + said.err


def test_a_statistic_is_its_linked_text() -> None:
    found = statistic("camp-prisoners-kinu")
    assert (found.low, found.high, found.text) == (53000, 65000, "53,000–65,000")
    # Word for word what the prose gets for `{{< var stat.camp-prisoners-kinu >}}`.
    assert found._repr_markdown_() == variables(LIBRARY)["stat"]["camp-prisoners-kinu"]
    assert found._repr_markdown_().startswith("[53,000–65,000](")


def test_places_come_by_kind() -> None:
    assert [place.id for place in places("kwan-li-so")] == ["camp-14"]
    assert [place.id for place in places()] == ["camp-14", "town"]


# Testimony


def test_a_testimony_is_a_quotation_with_its_speaker_and_source() -> None:
    shown = quote("illyong-ju")._repr_mimebundle_()
    assert shown["text/markdown"] == (
        "::: {#quo-illyong-ju .testimony}\n"
        "> At night, my father would turn on a small black radio […] We listened.\n"
        "\n"
        "[— [Illyong Ju](testimonies.ipynb#testimony-illyong-ju), escaped North Korea in 2008"
        " [@seed]]{.testimony-speaker}\n"
        ":::"
    )
    institution = quote("un")._repr_mimebundle_()["text/markdown"]
    assert "[— [UN Commission of Inquiry](testimonies.ipynb#testimony-un) [@seed]]" in institution


def test_pandoc_reads_the_quotation_as_meant() -> None:
    text = quote("illyong-ju")._repr_mimebundle_()["text/markdown"]
    blocks = json.loads(pypandoc.convert_text(text, "json", "markdown"))["blocks"]
    ((kind, (attributes, inside)),) = [(block["t"], block["c"]) for block in blocks]
    assert (kind, attributes[:2]) == ("Div", ["quo-illyong-ju", ["testimony"]])
    assert [block["t"] for block in inside] == ["BlockQuote", "Para"]
    (span,) = inside[1]["c"]
    assert span["c"][0][1] == ["testimony-speaker"]
    assert {item["t"] for item in span["c"][1]} >= {"Link", "Cite"}


def test_a_doubt_about_a_speaker_is_said_with_the_words() -> None:
    text = quote("unsure")._repr_mimebundle_()["text/markdown"]
    assert ", escaped North Korea in 2008 (as published; the date is in doubt) [@seed]" in text


def test_withdrawn_words_disappear_and_stop_no_chapter() -> None:
    shown = quote("taken-back")._repr_mimebundle_()
    assert set(shown.values()) == {""}


# Figures


def drawn() -> Any:
    fig, ax = chart.figure(height=2)
    ax.plot([2024, 2025], [26, 25])
    return fig


def test_a_figure_carries_its_picture_data_and_sources() -> None:
    men = series("arrivals").where(entity="male")
    shown = show(drawn(), data=men)._repr_mimebundle_()
    assert shown["image/svg+xml"].count("<svg") == 1
    assert shown[FIGURE_MIME] == {
        "unit": "people a year",
        "sources": ["MOU_TABLE"],
        "drawn_from": {"series": {"arrivals": state(LIBRARY, "series", "arrivals")}},
        "columns": ["series", "year", "entity", "value", "source"],
        "rows": [
            ["arrivals", "1998", "male", 831, "MOU_TABLE"],
            ["arrivals", "2024", "male", 26, "MOU_TABLE"],
            ["arrivals", "2025", "male", 25, "MOU_TABLE"],
        ],
    }
    json.dumps(shown)


def test_statistics_places_and_plain_rows_are_data_too() -> None:
    items = [statistic("camp-prisoners-kinu"), *places("capital"), {"year": 2025, "value": 3}]
    shown = show(drawn(), data=items)._repr_mimebundle_()[FIGURE_MIME]
    assert shown["sources"] == ["kinu2025", "seed"]
    assert shown["unit"] == "people"
    assert shown["drawn_from"] == {
        "places": {"town": "Town; 39, 125.8; seed"},
        "statistics": {"camp-prisoners-kinu": "53,000–65,000 people (2025-10; kinu2025)"},
    }
    assert shown["columns"][:3] == ["statistic", "label", "as_of"]
    assert len(shown["rows"]) == 3
    assert all(len(found) == len(shown["columns"]) for found in shown["rows"])


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"data": [{"x": 1}]}, ["NF214", "NF215"]),
        ({"data": [{"x": 1}], "unit": "people"}, ["NF215"]),
        ({"data": [], "unit": "people", "sources": ["seed"]}, ["NF216"]),
        ({"data": [{"x": 1}], "unit": "people", "sources": ["kinu2026"]}, ["NF213"]),
    ],
)
def test_a_figure_that_cannot_be_traced_is_refused(given: Any, codes: list[str]) -> None:
    with pytest.raises(BookError) as caught:
        show(drawn(), **given)
    assert [finding.code for finding in caught.value.findings] == codes
    if codes == ["NF213"]:
        assert "“kinu2025”" in caught.value.findings[0].hint


def test_a_figure_is_not_shown_a_second_time() -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    fig = pyplot.figure()
    show(fig, data=series("arrivals"))
    assert pyplot.get_fignums() == []


def test_each_body_is_named_once_with_its_years() -> None:
    known = LIBRARY.sources
    line = source_line([known["MOU_TABLE"], known["MOU_2025"], known["seed"]])
    assert line == "Sources: Ministry of Unification (2020–2026); Liberty in North Korea (2020)"
    assert source_line([known["kinu2025"]]).startswith("Source: Korea Institute")


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Hawk, David", "Hawk"),
        ("Kretchun, Nat; Kim, Jane", "Kretchun and Kim"),
        ("Robinson, W. Courtland; Lee, Myung Ken; Burnham, Gilbert", "Robinson and others"),
        ("Reporters Without Borders (RSF)", "Reporters Without Borders"),
        ("", "The publisher"),
    ],
)
def test_short_names(author: str, name: str) -> None:
    assert short_name(source("x", author, "2020", "The publisher")) == name
