"""What machines read about the book is whole, honest of rights, and agrees with itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest
import yaml

import nkbook
from nkbook.data import load_library
from nkbook.data.description import describe, outdated_resources
from tests.data.conftest import ROOT, Copy

PACKAGE: dict[str, Any] = json.loads((ROOT / "data" / "datapackage.json").read_text("utf-8"))
CITATION: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
SERIES = json.loads((ROOT / "data" / "schemas" / "series.json").read_text("utf-8"))


def resource(name: str) -> dict[str, Any]:
    return next(found for found in PACKAGE["resources"] if found["name"] == name)


@pytest.mark.parametrize("item", PACKAGE["resources"], ids=lambda item: item["name"])
def test_every_resource_says_what_it_is_and_who_may_use_it(item: dict[str, Any]) -> None:
    assert item["title"]
    assert item["description"]
    assert all(licence["name"] and licence["title"] for licence in item["licenses"])
    schema = SERIES if isinstance(item.get("schema"), str) else item.get("schema", {"fields": ()})
    for field in schema["fields"]:
        assert field["type"], field
        assert field.get("title") or field.get("description"), f"{field['name']} is not described"
        assert field["type"] != "number" or field["unit"], f"{field['name']} has no unit"
    if item["path"].startswith("series/"):
        assert item["unit"]
        assert item["sources"]


def test_words_of_testimony_are_not_ours_to_license() -> None:
    assert resource("testimonies")["licenses"][0]["name"] == "other-closed"
    assert "belong to" in resource("testimonies")["licenses"][0]["title"]
    assert PACKAGE["licenses"][0]["name"] == "CC-BY-4.0"
    assert "not ours to license" in PACKAGE["rights"]


def test_the_sources_of_a_series_are_those_of_its_rows() -> None:
    sources = load_library(ROOT).sources
    found = resource("refugee_arrivals_kor")["sources"]
    table = sources["MOU_TABLE"]
    assert {
        "title": f"{table.author}: {table.title} ({table.year})",
        "path": table.url,
    } in found
    assert outdated_resources(ROOT) == ()


def test_an_address_that_nobody_checked_is_not_given(copy: Copy) -> None:
    rows = copy.rows("sources.csv")
    at = next(at for at, row in enumerate(rows) if row["id"] == "MOU_TABLE")
    copy.change("sources.csv", at, url_certain="no")
    changed = outdated_resources(copy.root)
    assert "refugee_arrivals_kor" in changed
    described = {item["name"]: item for item in describe(copy.root)["resources"]}
    addresses = [source.get("path") for source in described["refugee_arrivals_kor"]["sources"]]
    assert rows[at]["url"] not in addresses


def test_a_new_source_of_a_series_is_missed(copy: Copy) -> None:
    assert outdated_resources(copy.root) == ()
    copy.change("series/pds_ration.csv", 0, source="coi2014")
    assert outdated_resources(copy.root) == ("pds_ration",)


def test_what_follows_from_other_files_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/describe.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_every_file_names_the_same_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    codemeta = json.loads((ROOT / "codemeta.json").read_text("utf-8"))
    newest = re.search(r"^## (\S+) \((\S+)\)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert newest
    assert {
        project["version"],
        CITATION["version"],
        CITATION["preferred-citation"]["edition"],
        codemeta["version"],
        codemeta["supportingData"]["version"],
        codemeta["isPartOf"]["version"],
        PACKAGE["version"],
        newest[1],
    } == {nkbook.__version__}
    assert str(CITATION["date-released"]) == codemeta["datePublished"] == newest[2]


def test_the_citation_has_what_archives_ask_for() -> None:
    assert CITATION["cff-version"] == "1.2.0"
    assert CITATION["type"] == "dataset"
    for key in ("message", "title", "abstract", "license", "keywords"):
        assert CITATION[key], key
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(CITATION["date-released"]))
    assert CITATION["license"] == PACKAGE["licenses"][0]["name"]
    preferred = CITATION["preferred-citation"]
    assert preferred["year"] == CITATION["date-released"].year
    for entry in (CITATION, preferred, *CITATION["references"]):
        assert entry["type"]
        assert entry["title"]
        # Organisations have a name; persons would have given and family names.
        assert all(author.keys() == {"name"} for author in entry["authors"])


def test_the_citation_refers_to_sources_as_the_data_name_them() -> None:
    sources = {source.title: source for source in load_library(ROOT).sources.values()}
    for reference in CITATION["references"]:
        source = sources[reference["title"]]
        assert reference["authors"] == [{"name": name} for name in source.author.split("; ")]
        assert reference["url"] == source.url
        assert str(reference["year"]) in source.year
