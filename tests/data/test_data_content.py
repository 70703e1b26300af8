"""What must hold of the book's own data, whatever rows are added."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from nkbook.data import load_library, wording
from nkbook.model import Library
from tests.data.conftest import ROOT, WITHDRAWN, Copy


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(ROOT)


def test_the_data_package_is_valid_under_the_real_frictionless() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"],
        cwd=ROOT / "data",
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout)
    assert report["valid"], report["tasks"]
    assert done.returncode == 0


def test_every_excerpt_has_at_most_forty_words(library: Library) -> None:
    for testimony in library.testimonies.values():
        assert len(testimony.excerpt.replace("[…]", " ").split()) <= 40, testimony.id


def test_every_verified_statistic_has_a_known_source(library: Library) -> None:
    for statistic in library.statistics.values():
        if statistic.verified:
            assert statistic.sources, statistic.id
        assert set(statistic.sources) <= library.sources.keys(), statistic.id


def test_the_source_of_every_observation_and_place_exists(library: Library) -> None:
    for series in library.series.values():
        assert {row.source for row in series.rows} <= library.sources.keys(), series.id
    assert {place.source for place in library.places.values()} <= library.sources.keys()


def test_every_testimony_has_a_source_and_a_page(library: Library) -> None:
    for testimony in library.testimonies.values():
        assert testimony.source in library.sources
        assert testimony.url.startswith("https://")


def test_a_statistic_carries_its_text(library: Library) -> None:
    assert library.statistics["camp-prisoners-kinu"].text == "53,000–65,000"
    assert library.statistics["arrivals-2025-women-share"].text == "88.8%"
    assert library.statistics["border-fence-new-hrw"].text == "482\u00a0km"
    assert library.statistics["border-guard-posts-hrw"].text == "more than 6,500"
    assert library.statistics["camp-deaths-un-inquiry"].text == "hundreds of thousands"
    assert library.statistics["mobile-subscriptions-expert"].text == "6.5–7.0\u00a0million"


def test_a_number_from_memory_is_named_as_such(library: Library) -> None:
    for statistic in library.statistics.values():
        assert statistic.verified or statistic.note, statistic.id


def test_every_statistic_can_be_dated(library: Library) -> None:
    for statistic in library.statistics.values():
        assert wording.as_of(statistic.as_of)


def test_camp_points_are_rounded_to_about_a_kilometre(library: Library) -> None:
    for place in library.places.values():
        for degree in (place.lat, place.lon):
            assert degree is None or round(degree, 2) == degree, place.id


def test_no_place_is_an_execution_or_burial_site(library: Library) -> None:
    for place in library.places.values():
        assert not {"execution", "burial", "grave"} & set(place.kind.split()), place.id


def test_the_two_series_of_arrivals_agree(library: Library) -> None:
    by_sex = library.series["refugee_arrivals_kor_by_sex"]
    for row in library.series["refugee_arrivals_kor"].rows:
        parts = [part.value or 0 for part in by_sex.where(year=row.year).rows]
        # The rows of 1998 and 2001 hold several years.
        if parts and int(row.year) > 2001:
            assert sum(parts) == row.value, row.year


def test_withdrawn_words_are_left_out_of_the_library(copy: Copy) -> None:
    name = copy.rows("testimonies.csv")[1]["id"]
    copy.change("testimonies.csv", 1, **WITHDRAWN)
    assert copy.faults() == []
    assert name not in load_library(copy.root).testimonies
    assert set(load_library(copy.root).withdrawn) == {name}


def test_only_a_withdrawn_row_may_be_empty_of_name_and_words(copy: Copy) -> None:
    copy.change("testimonies.csv", 1, **WITHDRAWN | {"withdrawn": "no"})
    assert {fault.code for fault in copy.faults()} == {"ND107"}


@pytest.mark.parametrize("column", ["speaker", "left", "left_note", "excerpt", "note"])
def test_a_withdrawn_row_may_not_keep_words_that_readers_would_get(copy: Copy, column: str) -> None:
    place = copy.change("testimonies.csv", 1, **WITHDRAWN | {column: "Kept."})
    faults = [(fault.code, fault.place) for fault in copy.faults()]
    assert faults == [("ND140", f"{place}, column {column}")]


def test_the_outlines_are_small_closed_and_within_the_map() -> None:
    file = ROOT / "data" / "outlines.json"
    assert file.stat().st_size < 60_000
    features = json.loads(file.read_text("utf-8"))["features"]
    assert [feature["properties"]["iso3"] for feature in features] == [
        "PRK",
        "KOR",
        "CHN",
        "RUS",
        "JPN",
    ]
    for feature in features:
        for polygon in feature["geometry"]["coordinates"]:
            for ring in polygon:
                assert ring[0] == ring[-1]
                assert len(ring) >= 4
                for lon, lat in ring:
                    assert 121 <= lon <= 134
                    assert 32.5 <= lat <= 45
