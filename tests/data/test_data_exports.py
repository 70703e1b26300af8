"""The variables and the bibliography are complete, deterministic and written in one step."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from nkbook.data import exports, load_library, write_exports
from nkbook.data.exports import bibliography, variables
from nkbook.errors import BookError
from nkbook.model import Library
from tests.data.conftest import ROOT, Copy


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(ROOT)


def test_a_variable_is_a_link_to_the_evidence(library: Library) -> None:
    expected = "[53,000–65,000](#stat-camp-prisoners-kinu){.stat}"
    assert variables(library)["stat"]["camp-prisoners-kinu"] == expected


def test_only_verified_statistics_become_variables(library: Library) -> None:
    assert variables(library)["stat"].keys() == library.statistics.keys()
    recalled = replace(library.statistics["arrivals-2025"], verified=False)
    changed = replace(library, statistics={"arrivals-2025": recalled})
    assert variables(changed)["stat"] == {}


def test_a_dollar_is_not_taken_for_mathematics(library: Library) -> None:
    priced = replace(library.statistics["arrivals-2025"], text="US$80–300")
    changed = replace(library, statistics={"price": priced})
    assert variables(changed)["stat"]["price"].startswith(r"[US\$80–300](")


def test_every_source_is_an_item_with_a_type_of_csl(library: Library) -> None:
    items = bibliography(library)
    assert [item["id"] for item in items] == sorted(library.sources)
    assert {item["type"] for item in items} <= {
        "article-journal",
        "article-newspaper",
        "book",
        "dataset",
        "document",
        "entry-encyclopedia",
        "legislation",
        "paper-conference",
        "post-weblog",
        "report",
        "webpage",
    }


def test_every_kind_of_document_has_a_type_of_csl() -> None:
    package = json.loads((ROOT / "data" / "datapackage.json").read_text("utf-8"))
    fields = package["resources"][0]["schema"]["fields"]
    kinds = next(field for field in fields if field["name"] == "type")["constraints"]["enum"]
    assert set(kinds) == exports._CSL_TYPES.keys()


def test_persons_have_names_and_organisations_are_literal(library: Library) -> None:
    items = {item["id"]: item for item in bibliography(library)}
    assert items["hawk_hg"]["author"] == [{"family": "Hawk", "given": "David"}]
    assert items["intermedia2012"]["author"] == [
        {"family": "Kretchun", "given": "Nat"},
        {"family": "Kim", "given": "Jane"},
    ]
    assert items["kinu2025"]["author"] == [{"literal": "Korea Institute for National Unification"}]


def test_dates_may_be_ranges_inferred_or_missing(library: Library) -> None:
    items = {item["id"]: item for item in bibliography(library)}
    assert items["kinu2025"]["issued"] == {"date-parts": [[2025]]}
    assert items["rsf_index"]["issued"] == {"date-parts": [[2002], [2026]]}
    assert items["bbc_jeans"]["issued"] == {"date-parts": [[2024]], "circa": True}
    assert "issued" not in items["nkr_songbun"]


def test_pandoc_cites_every_source(copy: Copy) -> None:
    write_exports(copy.root)
    keys = sorted(load_library(copy.root).sources)
    import pypandoc

    done = subprocess.run(
        [pypandoc.get_pandoc_path(), "--citeproc", "--to=plain", "--bibliography=_references.json"],
        input="; ".join(f"@{key}" for key in keys),
        cwd=copy.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == ""


def test_the_files_are_what_the_renderers_read(copy: Copy) -> None:
    written = write_exports(copy.root)
    assert [file.name for file in written] == ["_variables.yml", "_references.json"]
    library = load_library(copy.root)
    assert yaml.safe_load(written[0].read_text("utf-8")) == variables(library)
    assert json.loads(written[1].read_text("utf-8")) == bibliography(library)


def test_a_second_write_changes_nothing(copy: Copy) -> None:
    first = write_exports(copy.root)
    before = [(file.read_bytes(), file.stat().st_mtime_ns) for file in first]
    assert write_exports(copy.root) == ()
    assert [(file.read_bytes(), file.stat().st_mtime_ns) for file in first] == before


def test_only_what_changed_is_written(copy: Copy) -> None:
    write_exports(copy.root)
    copy.change("sources.csv", 0, title="Another title")
    assert [file.name for file in write_exports(copy.root)] == ["_references.json"]


def test_the_bytes_do_not_depend_on_hash_seed_or_row_order(copy: Copy) -> None:
    write = "import sys, pathlib, nkbook.data as d; d.write_exports(pathlib.Path(sys.argv[1]))"
    results = []
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", write, str(copy.root)],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Pyongyang", "LC_ALL": "C"},
            check=True,
        )
        files = [copy.root / "_variables.yml", copy.root / "_references.json"]
        results.append([file.read_bytes() for file in files])
        for file in files:
            file.unlink()
        copy.write("statistics.csv", copy.rows("statistics.csv")[::-1])
        copy.write("sources.csv", copy.rows("sources.csv")[::-1])
    assert results[0] == results[1]


def test_a_failed_write_leaves_the_last_good_file(
    copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = {file: file.read_bytes() for file in write_exports(copy.root)}
    copy.change("sources.csv", 0, title="Another title")

    def fail(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_exports(copy.root)
    assert {file: file.read_bytes() for file in good} == good
    assert sorted(file.name for file in copy.root.iterdir()) == [
        "_references.json",
        "_variables.yml",
        "data",
    ]


def test_bad_data_writes_nothing(copy: Copy) -> None:
    copy.change("sources.csv", 0, title="")
    with pytest.raises(BookError):
        write_exports(copy.root)
    assert [file.name for file in copy.root.iterdir()] == ["data"]
