"""What an edition said stays on record: changes are found, explained, and told to readers."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from nkbook.cli import main
from nkbook.evidence import list_changes, list_corrections, list_sources, list_statistics
from nkbook.evidence.differences import compare
from nkbook.evidence.editions import (
    EditionRecord,
    Printed,
    last_record,
    read_record,
    records_folder,
)
from nkbook.evidence.terminal import chain_lines
from tests.books import RealBook
from tests.conftest import ROOT


@pytest.fixture
def book(tmp_path: Path) -> RealBook:
    return RealBook(tmp_path)


def row_of(file: Path, id: str) -> Mapping[str, str]:
    with file.open(encoding="utf-8", newline="") as stream:
        return next(row for row in csv.DictReader(stream) if row["id"] == id)


# Changes --------------------------------------------------------------------------------------


def test_changed_digit_of_a_series_needs_a_reason(book: RealBook) -> None:
    book.swap("data/series/child_stunting.csv", "2000,PRK,51,", "2000,PRK,52,")
    (found,) = [line for line in book.findings() if line.startswith("NC701")]
    assert "data/series/child_stunting.csv" in found
    assert f"say why in data/changes.csv ({book.edition}, series, child_stunting" in found
    book.explain_change("series", "child_stunting", "The survey was corrected.")
    assert not [line for line in book.findings() if line.startswith("NC7")]


def test_swapped_words_of_a_testimony_are_found(book: RealBook) -> None:
    book.swap("data/testimonies.csv", "was warned not to be swayed", "was told not to be swayed")
    (found,) = [line for line in book.findings() if line.startswith("NC7")]
    assert found.startswith("NC701  data/testimonies.csv: the testimony “jeongyol-kim”")


def test_other_number_is_told_with_its_reason(
    book: RealBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = row_of(book.root / "data" / "statistics.csv", "arrivals-2019")
    line = f"arrivals-2019,{old['fact_id']},{old['theme']},{old['label']},"
    book.swap("data/statistics.csv", f"{line}1047,", f"{line}1100,")
    (found,) = [text for text in book.findings() if text.startswith("NC701")]
    assert "“arrivals-2019” was 1,047 people a year (2019)" in found
    assert "is 1,100 people a year (2019)" in found
    book.explain_change("statistic", "arrivals-2019", "The ministry corrected its table.")
    assert not [text for text in book.findings() if text.startswith("NC7")]
    said = book.run("diff", book.edition)
    assert "arrivals-2019" in said.output
    assert "+53 (+5.1%)" in said.output
    assert "Why: The ministry corrected its table." in said.output
    told = list_changes(book.root).text
    assert "(#stat-arrivals-2019)" in told
    assert "The ministry corrected its table." in told
    row = list_statistics(book.root).text.partition("{#stat-arrivals-2019 ")[2]
    before = "In the last edition: 1,047 people a year (2019). The ministry corrected its table."
    assert before in row.partition("###")[0]
    chain = json.loads(book.run("explain", "arrivals-2019", "--json").output)
    assert chain["last edition"]["had"] == "1,047 people a year (2019)"
    assert chain["last edition"]["because"] == "The ministry corrected its table."


@pytest.mark.parametrize(
    ("before", "after", "amount"),
    [(2914, 2915, "+1"), (2914, 2911, "−3 (−0.1%)"), (0, 5, "+5"), (50, 49.5, "−0.5 (−1%)")],
)
def test_a_change_is_never_told_as_none(before: float, after: float, amount: str) -> None:
    first, second = (
        EditionRecord(
            "0", "", {"a": Printed("a", str(n), "", n, None, None, ())}, {}, {}, {}, {}, {}
        )
        for n in (before, after)
    )
    (change,) = compare(first, second)
    assert change.amount == amount


def test_ids_that_are_gone_keep_their_address(book: RealBook) -> None:
    for file in (
        "index.qmd",
        *(f"notebooks/{n}.ipynb" for n in ("leaving", "crossing-the-border")),
    ):
        path = book.root / file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("arrivals-2009", "arrivals-peak"), encoding="utf-8")
    book.swap("data/statistics.csv", "arrivals-2009", "arrivals-peak")
    (found,) = [line for line in book.findings() if line.startswith("NC7")]
    assert found.startswith("NC702  data/statistics.csv")
    assert "Readers may have cited it" in found
    book.explain_change(
        "statistic", "arrivals-2009", "Named for what it is.", successor="arrivals-peak"
    )
    assert not [line for line in book.findings() if line.startswith("NC7")]
    rows = list_statistics(book.root).text
    stub = rows.partition("{#stat-arrivals-2009 ")[2]
    assert f"Last in edition {book.edition}: 2,914 people a year." in stub
    assert "See [arrivals-peak](#stat-arrivals-peak)." in stub
    said = book.run("explain", "stat-arrivals-2009").output
    assert "No longer in the book; see arrivals-peak." in said
    assert "Named for what it is." in said
    book.swap("data/changes.csv", ",arrivals-peak,", ",arrivals-top,")
    (found,) = [line for line in book.findings() if line.startswith("NC108")]
    assert "data/, printed as #stat-arrivals-2009: the link to #stat-arrivals-top" in found


def test_deleted_source_is_found_and_its_id_stays(book: RealBook) -> None:
    path = book.root / "data" / "sources.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("MOU_2022_DATASOM,")]
    assert len(kept) == len(lines) - 1
    path.write_text("".join(kept), encoding="utf-8")
    found = book.findings()
    faults = [line for line in found if "ND112  data/" in line and "MOU_2022_DATASOM" in line]
    assert faults
    assert all("Hint: " in line for line in faults)
    book.add("sources", id="unused", type="report", title="T", year="2020", url_certain="no")
    record = last_record(book.root)
    assert record
    file = records_folder(book.root) / f"{book.edition}.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["sources"]["gone2020"] = "Somebody, 2020"
    file.write_text(json.dumps(content), encoding="utf-8")
    path.write_text("".join(lines), encoding="utf-8")
    assert any("NC702  data/sources.csv" in line and "gone2020" in line for line in book.findings())
    assert "{#src-gone2020 " in list_sources(book.root).text


def test_withdrawn_words_leave_without_a_reason_and_without_a_trace(book: RealBook) -> None:
    path = book.root / "data" / "testimonies.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    words = next(row["excerpt"] for row in rows if row["id"] == "jeongyol-kim")
    for row in rows:
        if row["id"] == "jeongyol-kim":
            row |= {"excerpt": "", "speaker": "", "withdrawn": "yes"}
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    assert not [line for line in book.findings() if line.startswith("NC7")]
    files = [file for file in (book.root / "data").rglob("*") if file.is_file()]
    assert not any(words[:40] in file.read_text(encoding="utf-8") for file in files)


def test_reason_for_nothing_is_found(book: RealBook) -> None:
    book.explain_change("statistic", "arrivals-2019", "It moved.")
    (found,) = [line for line in book.findings() if line.startswith("NC703")]
    assert "“arrivals-2019” is what edition" in found


def test_record_that_is_taken_away_is_missed(book: RealBook) -> None:
    (records_folder(book.root) / f"{book.edition}.json").unlink()
    found = [line for line in book.findings() if line.startswith("NC703")]
    assert found
    assert all(f"there is no record of edition {book.edition}" in line for line in found)


def test_address_of_a_figure_that_is_gone_leads_somewhere(book: RealBook) -> None:
    for file in (book.root / "figures").glob("fig-leaving-women.*"):
        file.unlink()
    book.explain_change("figure", "fig-leaving-women", "Its data stand in another figure.")
    (found,) = [line for line in book.findings() if line.startswith("NC704")]
    assert "Put /figures/fig-leaving-women.html into the aliases:" in found
    front = 'description: \\"Who reaches'
    alias = "aliases: [/figures/fig-leaving-women.html]\\n"
    book.swap("notebooks/leaving.ipynb", f'"{front}', f'"{alias}",\n    "{front}')
    assert not [line for line in book.findings() if line.startswith("NC704")]


# Records --------------------------------------------------------------------------------------


def test_edition_is_recorded_once(book: RealBook) -> None:
    assert book.run("record", "9.0.0").exit_code == 0
    assert read_record(records_folder(book.root) / "9.0.0.json").edition == "9.0.0"
    again = book.run("record", "9.0.0")
    assert again.exit_code == 1
    assert "NE105  data/editions/9.0.0.json" in again.output
    assert "NE104  next" in book.run("record", "next").output


def test_records_hold_no_words_of_testimony(book: RealBook) -> None:
    with (book.root / "data" / "testimonies.csv").open(encoding="utf-8", newline="") as stream:
        excerpts = [row["excerpt"] for row in csv.DictReader(stream)]
    for file in records_folder(book.root).glob("*.json"):
        text = file.read_text(encoding="utf-8")
        assert not [words for words in excerpts if words[:30] in text]


def test_built_edition_can_be_compared(book: RealBook, tmp_path: Path) -> None:
    archive = tmp_path / "edition.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for name in ("data", "figures", "notebooks"):
            for file in sorted((book.root / name).rglob("*")):
                packed.write(file, f"book-data/{file.relative_to(book.root)}")
        packed.writestr("../data/climbs.csv", "x")
    book.swap("data/series/child_stunting.csv", "2000,PRK,51,", "2000,PRK,52,")
    changes = json.loads(book.run("diff", str(archive), "now", "--json").output)
    assert [(change["kind"], change["record"]) for change in changes] == [
        ("series", "child_stunting")
    ]
    assert not (tmp_path.parent / "data").exists()


@pytest.mark.parametrize("name", ["0.9.9", "nowhere/at/all"])
def test_unknown_edition_is_named(book: RealBook, name: str) -> None:
    result = book.run("diff", name)
    assert result.exit_code == 1
    assert f"NE102  {name}: there is no such edition" in result.output
    assert book.edition in result.output


def test_broken_record_is_named(book: RealBook) -> None:
    file = records_folder(book.root) / "9.9.9.json"
    file.write_text('{"edition": "9.9.9"}', encoding="utf-8")
    assert "NE101  9.9.9.json: is no record" in book.run("diff", "9.9.9").output


# Corrections ----------------------------------------------------------------------------------


def correct(book: RealBook, **cells: str) -> None:
    entry = {
        "id": "stunting-2000",
        "table": "child_stunting",
        "row": "year=2000;entity=PRK",
        "column": "value",
        "original": "51",
        "corrected": "50.5",
        "reason": "The table of the survey report has another number.",
        "source": "coi2014",
        "date": "2026-11-28",
    }
    book.add("corrections", **(entry | cells))


def test_correction_is_read_in_the_place_of_the_source(book: RealBook) -> None:
    correct(book)
    book.explain_change("series", "child_stunting", "A misprint in the source.")
    assert not [line for line in book.findings() if line.startswith(("ND", "NC7"))]
    chain = json.loads(book.run("explain", "child_stunting", "--json").output)
    (row,) = [row for row in chain["rows"] if row["year"] == "2000"]
    assert row["value"] == 50.5
    assert "Corrected: the source has 51 (value), read here as 50.5." in row["note"]
    assert "The table of the survey report has another number." in list_corrections(book.root).text


@pytest.mark.parametrize(
    ("cells", "code", "words"),
    [
        ({"original": "52"}, "ND132", "expects “52”"),
        ({"row": "year=1890"}, "ND131", "0 rows of child_stunting are meant"),
        ({"row": "entity=PRK"}, "ND131", "rows of child_stunting are meant, not one"),
        ({"table": "child_stuntin"}, "ND130", "Did you mean “child_stunting”?"),
        ({"column": "valu"}, "ND130", "Did you mean “value”?"),
        ({"corrected": "fifty"}, "ND106", "“fifty” is not a number"),
        ({"source": "nobody"}, "ND112", "unknown id “nobody”"),
    ],
)
def test_correction_that_does_not_fit_is_a_fault(
    book: RealBook, cells: Mapping[str, str], code: str, words: str
) -> None:
    correct(book, **cells)
    found = [line for line in book.findings() if line.startswith(code)]
    assert any("data/corrections.csv, row 2" in line and words in line for line in found)


def test_correction_fails_when_the_source_is_corrected(book: RealBook) -> None:
    correct(book)
    book.swap("data/series/child_stunting.csv", "2000,PRK,51,", "2000,PRK,50.5,")
    (found,) = [line for line in book.findings() if line.startswith("ND132")]
    assert "where “50.5” stands now" in found
    assert "take the correction out" in found


# Chains ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "told"),
    [
        (
            "stat-arrivals-2009",
            [
                "2,914 people a year",
                "MOU_TABLE",
                "leaving.ipynb, cell 4",
                "index.qmd, line",
                "Timeline",
            ],
        ),
        ("https://b.example/notebooks/statistics.html#stat-arrivals-2009", ["2,914 people a year"]),
        ("figures/fig-leaving-arrivals.html", ["leaving.ipynb, cell 5"]),
        ("arrivals-per-day-2009", ["2,914 ÷ 365 days = 7.98, rounded to 8", "arrivals-2009"]),
        ("@coi2014", ["A/HRC/25/63", "un-inquiry-interviews", "fig-forced-labour-prisoners"]),
        ("fig-leaving-arrivals", ["leaving.ipynb, cell 5", "chart.stack(", "matplotlib"]),
        ("testimony-jeongyol-kim", ["Jeongyol Kim", "LiNK", 'quote("jeongyol-kim")']),
        ("child_stunting", ["WDI_STUNT", "44.7"]),
        ("leaving", ["fig-leaving-women", "arrivals-2009", "MOU_TABLE", "notebooks/leaving.html"]),
        ("index", ["At a glance", "file            index.qmd", "page            index.html"]),
    ],
)
def test_every_kind_of_id_is_explained(id: str, told: list[str]) -> None:
    result = CliRunner().invoke(main, ["--project", str(ROOT), "explain", id])
    assert result.exit_code == 0, result.output
    assert not [words for words in told if words not in result.output]


def test_long_names_stand_apart_from_what_they_name() -> None:
    lines = list(chain_lines({"files": {"figures/fig-leaving-arrivals.svg": "4855b637"}}))
    assert lines == ["files", "  figures/fig-leaving-arrivals.svg  4855b637"]


@pytest.mark.parametrize(("text", "code"), [("{", "NE106"), ("[]", "NE103"), ("{}", "NE103")])
def test_provenance_that_cannot_be_read_ends_no_chain_with_a_traceback(
    book: RealBook, text: str, code: str
) -> None:
    (book.root / "figures" / "fig-leaving-arrivals.json").write_text(text, encoding="utf-8")
    result = book.run("explain", "fig-leaving-arrivals")
    assert result.exit_code == 1
    assert code in result.output
    assert "Hint: " in result.output


def test_unknown_id_is_named_with_the_nearest() -> None:
    result = CliRunner().invoke(main, ["--project", str(ROOT), "explain", "arivals-2009"])
    assert result.exit_code == 1
    assert "NE103  arivals-2009" in result.output
    assert "Did you mean “arrivals-2009”?" in result.output
