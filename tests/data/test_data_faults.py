"""Every kind of fault in a data file is found, at its place, with a code and a hint."""

from __future__ import annotations

import pytest

from nkbook.errors import Finding
from tests.data.conftest import Copy

STATISTICS = "statistics.csv"
SERIES = "series/refugee_arrivals_kor.csv"


def only(copy: Copy, code: str, place: str) -> Finding:
    faults = copy.faults()
    assert [(fault.code, fault.place) for fault in faults] == [(code, place)]
    return faults[0]


def index(copy: Copy, name: str, **cells: str) -> int:
    """The first row of a table whose cells are as wanted."""
    rows = copy.rows(name)
    return next(at for at, row in enumerate(rows) if cells.items() <= row.items())


def test_the_copy_itself_has_no_fault(copy: Copy) -> None:
    assert copy.faults() == []


@pytest.mark.parametrize(
    "text", ["53,000", "about 5", "5 km", "nan", "inf", "1e3", "05", "0x1", "５", " 5"]
)
def test_a_bad_number(copy: Copy, text: str) -> None:
    place = copy.change(SERIES, 3, value=text)
    fault = only(copy, "ND106", f"{place}, column value")
    assert text in fault.message
    assert "digits" in fault.hint


def test_a_number_too_large_to_count_with(copy: Copy) -> None:
    place = copy.change(SERIES, 3, value="9" * 400)
    only(copy, "ND110", f"{place}, column value")


def test_a_number_out_of_bounds(copy: Copy) -> None:
    place = copy.change("places.csv", 0, lat="139.57")
    only(copy, "ND110", f"{place}, column lat")


def test_too_many_cells_in_a_row(copy: Copy) -> None:
    copy.change_text(SERIES, lambda text: text.replace("2009,PRK,2914", "2009,PRK,2,914"))
    line = index(copy, SERIES, year="2009") + 2
    assert "comma" in only(copy, "ND105", f"data/{SERIES}, row {line}").hint


def test_an_empty_line(copy: Copy) -> None:
    copy.change_text(SERIES, lambda text: text.replace("2009,PRK", "\n2009,PRK"))
    assert [fault.code for fault in copy.faults()] == ["ND105"]


def test_quoting_that_is_never_closed(copy: Copy) -> None:
    copy.change_text(SERIES, lambda text: text.replace("2009,PRK", '2009,"PRK'))
    line = 2009 - 1998 + 2
    only(copy, "ND105", f"data/{SERIES}, row {line}")


def test_a_nul_character(copy: Copy) -> None:
    copy.change_text(SERIES, lambda text: text.replace("2009,PRK", "2009,P\0RK"))
    line = 2009 - 1998 + 2
    only(copy, "ND103", f"data/{SERIES}, row {line}, column entity")


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "@SUM(1)", "+1+cmd|x", "-2+3", "+a"])
def test_a_cell_that_a_spreadsheet_would_run(copy: Copy, text: str) -> None:
    place = copy.change("sources.csv", 0, title=text)
    assert text in only(copy, "ND128", f"{place}, column title").message


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x1b"])
def test_a_character_that_nobody_sees(copy: Copy, hidden: str) -> None:
    place = copy.change("sources.csv", 0, title=f"A title{hidden} of a report")
    fault = only(copy, "ND129", f"{place}, column title")
    assert f"U+{ord(hidden):04X}" in fault.message


def test_a_million_columns(copy: Copy) -> None:
    copy.change_text(SERIES, lambda text: text.replace("\n", ",x" * 1_000_000 + "\n", 1))
    assert "1,00" in only(copy, "ND104", f"data/{SERIES}, row 1").message


def test_a_cell_without_end(copy: Copy) -> None:
    copy.change_text(SERIES, lambda text: text.replace("2009,PRK", "2009," + "x" * 1_000_000))
    line = 2009 - 1998 + 2
    only(copy, "ND105", f"data/{SERIES}, row {line}")


def test_a_file_in_another_encoding(copy: Copy) -> None:
    file = copy.file("sources.csv")
    file.write_bytes(file.read_bytes().replace(b"ARTICLE 19", "ARTÍCLE 19".encode("latin-1"), 1))
    faults = [fault for fault in copy.faults() if fault.code == "ND102"]
    assert [fault.place for fault in faults] == ["data/sources.csv, row 2"]
    assert "UTF-8" in faults[0].hint


def test_a_byte_order_mark_and_other_line_ends_are_harmless(copy: Copy) -> None:
    file = copy.file(STATISTICS)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert copy.faults() == []


def test_line_numbers_count_line_breaks_inside_cells(copy: Copy) -> None:
    copy.change(STATISTICS, 0, note="two\nlines")
    rows = copy.rows(STATISTICS)
    rows[1]["unit"] = ""
    copy.write(STATISTICS, rows)
    only(copy, "ND107", f"data/{STATISTICS}, row 4, column unit")


def test_a_required_cell_that_is_empty(copy: Copy) -> None:
    place = copy.change(STATISTICS, 4, label="")
    only(copy, "ND107", f"{place}, column label")


def test_an_unknown_enum_value_names_the_nearest(copy: Copy) -> None:
    place = copy.change(STATISTICS, 4, status="contestd")
    assert "contested" in only(copy, "ND108", f"{place}, column status").hint


def test_a_flag_that_is_neither_yes_nor_no(copy: Copy) -> None:
    place = copy.change(SERIES, 0, verified="maybe")
    assert "yes or no" in only(copy, "ND106", f"{place}, column verified").message


def test_an_id_of_another_form(copy: Copy) -> None:
    rows = copy.rows(STATISTICS)
    free = next(
        at for at, row in enumerate(rows) if all(other["older"] != row["id"] for other in rows)
    )
    place = copy.change(STATISTICS, free, id="Camp Prisoners")
    only(copy, "ND109", f"{place}, column id")


def test_white_space_around_a_cell(copy: Copy) -> None:
    place = copy.change(STATISTICS, 4, label=copy.rows(STATISTICS)[4]["label"] + " ")
    only(copy, "ND109", f"{place}, column label")


def test_a_duplicate_id(copy: Copy) -> None:
    name = copy.rows(STATISTICS)[0]["id"]
    rows = copy.rows(STATISTICS)
    copy.write(STATISTICS, [*rows, rows[0]])
    fault = only(copy, "ND111", f"data/{STATISTICS}, row {len(rows) + 2}, column id")
    assert name in fault.message
    assert "row 2" in fault.message


def test_a_duplicate_observation(copy: Copy) -> None:
    rows = copy.rows(SERIES)
    copy.write(SERIES, [*rows, rows[-1]])
    only(copy, "ND111", f"data/{SERIES}, row {len(rows) + 2}, column entity")


def test_an_unknown_source_of_a_series_names_the_nearest(copy: Copy) -> None:
    place = copy.change(SERIES, 5, source="MOU_TABEL")
    assert "MOU_TABLE" in only(copy, "ND112", f"{place}, column source").hint


def test_an_unknown_source_in_a_list_names_the_nearest(copy: Copy) -> None:
    at = index(copy, STATISTICS, id="camp-prisoners-kinu")
    place = copy.change(STATISTICS, at, sources="kinu2013;kinu2052")
    assert "kinu2025" in only(copy, "ND112", f"{place}, column sources").hint


def test_an_unknown_older_row(copy: Copy) -> None:
    at = index(copy, STATISTICS, id="camp-prisoners-kinu")
    place = copy.change(STATISTICS, at, older="camp-prisoners-sede")
    assert "camp-prisoners-seed" in only(copy, "ND112", f"{place}, column older").hint


def test_a_circle_of_older_rows(copy: Copy) -> None:
    at = index(copy, STATISTICS, id="camps-seed")
    place = copy.change(STATISTICS, at, older="camps-kinu")
    places = [fault.place for fault in copy.faults() if fault.code == "ND118"]
    assert f"{place}, column older" in places
    assert len(places) == 2


@pytest.mark.parametrize("name", [STATISTICS, SERIES])
def test_a_low_end_over_the_high_end(copy: Copy, name: str) -> None:
    place = copy.change(name, 0, value="", low="5", high="2")
    only(copy, "ND113", f"{place}, column low")


def test_prisoners_in_the_wrong_order(copy: Copy) -> None:
    place = copy.change("places.csv", 0, prisoners_low="10", prisoners_high="9")
    only(copy, "ND113", f"{place}, column prisoners_low")


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"value": "", "low": "", "high": ""}, "value"),
        ({"value": "", "low": "5", "high": ""}, "high"),
        ({"value": "", "low": "", "high": "5"}, "low"),
        ({"value": "3", "low": "2", "high": "5"}, "value"),
        ({"value": "3", "low": "", "high": "", "qualifier": "thousands"}, "qualifier"),
    ],
)
def test_a_statistic_is_a_value_or_a_range(copy: Copy, cells: dict[str, str], column: str) -> None:
    place = copy.change(STATISTICS, 0, **cells)
    only(copy, "ND114", f"{place}, column {column}")


def test_an_observation_without_any_number(copy: Copy) -> None:
    place = copy.change(SERIES, 0, value="")
    only(copy, "ND114", f"{place}, column value")


def test_half_a_position(copy: Copy) -> None:
    place = copy.change("places.csv", 0, lon="")
    only(copy, "ND114", f"{place}, column lat")


@pytest.mark.parametrize("date", ["2025-13", "2025-02-30", "2020/2016"])
def test_a_date_that_is_none(copy: Copy, date: str) -> None:
    place = copy.change(STATISTICS, 0, as_of=date)
    only(copy, "ND115", f"{place}, column as_of")


def test_an_excerpt_of_forty_one_words(copy: Copy) -> None:
    place = copy.change(
        "testimonies.csv", 0, excerpt=" ".join(["word"] * 20 + ["[…]"] + ["w"] * 21)
    )
    assert "41 words" in only(copy, "ND116", f"{place}, column excerpt").message


def test_an_unknown_column_names_the_nearest(copy: Copy) -> None:
    copy.change_text(SERIES, lambda text: text.replace("verified", "verifed", 1))
    faults = copy.faults()
    assert {fault.code for fault in faults} == {"ND104"}
    assert "verified" in faults[0].hint


def test_columns_in_another_order(copy: Copy) -> None:
    copy.change_text(SERIES, lambda text: text.replace("low,high", "high,low", 1))
    only(copy, "ND104", f"data/{SERIES}, row 1")


def test_an_empty_file(copy: Copy) -> None:
    copy.file(SERIES).write_bytes(b"")
    only(copy, "ND104", f"data/{SERIES}")


def test_a_missing_file(copy: Copy) -> None:
    copy.file(SERIES).rename(copy.file("series/refugee_arrivals.csv"))
    faults = {(fault.code, fault.place) for fault in copy.faults()}
    assert faults == {
        ("ND102", f"data/{SERIES}"),
        ("ND117", "data/series/refugee_arrivals.csv"),
    }


def test_a_series_that_nothing_describes(copy: Copy) -> None:
    copy.file("series/other.csv").write_text("year\n", encoding="utf-8")
    only(copy, "ND117", "data/series/other.csv")


def test_all_faults_of_all_files_come_together(copy: Copy) -> None:
    copy.change("sources.csv", 0, url_certain="perhaps")
    copy.change(STATISTICS, 0, value="x", low="", high="")
    copy.change("testimonies.csv", 0, kind="rumour")
    copy.change("places.csv", 0, source="nowhere")
    copy.change(SERIES, 0, verified="")
    faults = copy.faults()
    assert {fault.place.split(",")[0] for fault in faults} == {
        "data/sources.csv",
        f"data/{STATISTICS}",
        "data/testimonies.csv",
        "data/places.csv",
        f"data/{SERIES}",
    }


def test_no_data_package(copy: Copy) -> None:
    copy.file("datapackage.json").unlink()
    only(copy, "ND102", "data/datapackage.json")


def test_a_data_package_that_is_not_json(copy: Copy) -> None:
    copy.file("datapackage.json").write_text("{\n  name:\n}", encoding="utf-8")
    only(copy, "ND101", "data/datapackage.json, line 2")


@pytest.mark.parametrize("content", ["[]", "{}", '{"resources": 3}', '{"resources": [3]}'])
def test_a_data_package_of_another_shape(copy: Copy, content: str) -> None:
    copy.file("datapackage.json").write_text(content, encoding="utf-8")
    assert {fault.code for fault in copy.faults()} == {"ND101"}


def test_a_resource_without_a_path(copy: Copy) -> None:
    copy.change_json("datapackage.json", lambda package: package["resources"][0].pop("path"))
    assert "resource 1" in copy.faults()[0].message


def test_a_path_that_leads_out_of_the_folder(copy: Copy) -> None:
    copy.change_json(
        "datapackage.json", lambda package: package["resources"][0].update(path="../sources.csv")
    )
    assert "leads out" in copy.faults()[0].message


def test_a_construct_that_is_not_understood_is_refused(copy: Copy) -> None:
    copy.change_json("schemas/series.json", lambda s: s["fields"][0].update(type="yaer"))
    assert {fault.code for fault in copy.faults()} == {"ND101"}


def test_an_unknown_constraint_names_the_nearest(copy: Copy) -> None:
    copy.change_json(
        "schemas/series.json", lambda s: s["fields"][0]["constraints"].update(requird=True)
    )
    assert "required" in copy.faults()[0].hint


def test_a_column_that_the_book_needs(copy: Copy) -> None:
    def drop_label(package: dict[str, list[dict[str, dict[str, list[dict[str, str]]]]]]) -> None:
        fields = package["resources"][1]["schema"]["fields"]
        fields[:] = [field for field in fields if field["name"] != "label"]

    copy.change_json("datapackage.json", drop_label)
    assert any("“label”" in fault.message for fault in copy.faults())


def test_a_column_that_lists_ids_of_no_table(copy: Copy) -> None:
    def misspell(package: dict[str, list[dict[str, dict[str, list[dict[str, str]]]]]]) -> None:
        fields = package["resources"][1]["schema"]["fields"]
        next(field for field in fields if field["name"] == "sources")["listOf"] = "sauces"

    copy.change_json("datapackage.json", misspell)
    assert "sources" in only(copy, "ND101", "data/datapackage.json").hint


def test_a_series_without_a_unit(copy: Copy) -> None:
    copy.change_json("datapackage.json", lambda package: package["resources"][-1].pop("unit"))
    only(copy, "ND117", "data/datapackage.json")
