"""What `make bench` measures is what it says it measures, and the README says what it measured."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import peers, report, runs
from benchmarks.books import write_book
from benchmarks.build import main, measure
from benchmarks.plot import draw
from benchmarks.subjects import Subject, synthetic_books
from nkbook.render.checksums import files_of
from tests.conftest import ROOT

FORMATS = ("html", "epub", "pdf")


@pytest.fixture
def results() -> dict[str, Any]:
    return json.loads(report.RESULTS.read_text(encoding="utf-8"))


def test_the_same_number_of_chapters_gives_the_same_book(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_book(tmp_path / name, 12)
    one, two = (
        {name: file.read_bytes() for name, file in files_of(tmp_path / folder).items()}
        for folder in ("one", "two")
    )
    assert one == two
    assert sum(name.startswith("chapters/") for name in one) == 12


def test_a_synthetic_book_builds_and_every_reference_leads_somewhere(tmp_path: Path) -> None:
    subject, whole = synthetic_books(tmp_path, 2)
    assert (subject.title, whole.title) == ("2 chapters, website", "2 chapters, all formats")
    taken = measure(whole)
    assert list(taken["runs"]) == ["first", "unchanged", "text", "serial"]
    assert taken["different"] == []
    first, unchanged = taken["runs"]["first"], taken["runs"]["unchanged"]
    assert first["ran"] == ["chapters/chapter-0001.ipynb", "chapters/chapter-0002.ipynb"]
    assert unchanged["ran"] == []
    assert 5e7 < first["memory"] < 1e9
    assert 0 < first["stages"]["Executing chapters"] < first["seconds"]
    page = (whole.root / "_site" / "chapters" / "chapter-0001.html").read_text(encoding="utf-8")
    for words in ("Figure\u00a02.1", "Chapter\u00a02", "Table\u00a01.1", "Author", "callout"):
        assert words in page
    floor = [sys.executable, "-m", "benchmarks.floor", str(whole.root)]
    parts = json.loads(runs.run(floor, ROOT)[1])
    assert parts.keys() == {"import", "figures", "pandoc", "typst"}
    assert all(0 < seconds < 60 for seconds in parts.values())


def test_what_fails_is_not_measured(tmp_path: Path) -> None:
    (subject, _) = synthetic_books(tmp_path, 1)
    (subject.root / "references.bib").unlink()
    with pytest.raises(SystemExit, match="NB107"):
        runs.build(subject.root, subject.formats)


def test_an_author_changes_one_sentence_or_one_number(tmp_path: Path) -> None:
    (synthetic, _) = synthetic_books(tmp_path, 1)
    before = {name: file.read_bytes() for name, file in files_of(synthetic.root).items()}
    synthetic.change_text()
    after = {name: file.read_bytes() for name, file in files_of(synthetic.root).items()}
    assert {name for name in after if after[name] != before[name]} == {synthetic.chapter}
    assert b"One more sentence." in after[synthetic.chapter]

    (tmp_path / "series.csv").write_text('year,value,note\n1998,71,\n1999,148,"a, b"\n')
    Subject("book", tmp_path, 1, ("html",), "", "series.csv").change_data()
    changed = (tmp_path / "series.csv").read_text(encoding="utf-8")
    assert changed == 'year,value,note\n1998,71,\n1999,149,"a, b"\n'


def test_programs_that_are_not_here_are_told_as_they_were_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (subject, _) = synthetic_books(tmp_path, 1)
    times = {"first": 2.0, "unchanged": 1.0, "text": 1.0}
    kept = {"date": "2029-01-01", "version": "1.10", "books": []}
    recorded = tmp_path / "recorded.json"
    recorded.write_text(json.dumps({"Quarto": kept}), encoding="utf-8")
    monkeypatch.setattr(peers, "RECORDED", recorded)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = dict(peers.compare([(subject, times)], tmp_path, {"date": "2030-01-01"}))
    assert found == {"Quarto": {**kept, "recorded": True}}


def test_a_program_that_is_here_is_measured_on_a_copy_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "jupyter-book"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "Jupyter Book : 1.0.4"\npwd >> "$LOG"\n', "utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(peers, "RECORDED", tmp_path / "recorded.json")
    monkeypatch.setenv("PATH", f"{program.parent}:/bin")
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    monkeypatch.delitem(peers.PROGRAMS, "Quarto")
    (subject, whole) = synthetic_books(tmp_path, 1)
    before = (subject.root / subject.chapter).read_bytes()
    times = {"first": 2.0, "unchanged": 1.0, "text": 1.0}
    measured = [(subject, times), (whole, times)]
    found = dict(peers.compare(measured, tmp_path, {"date": "2030-01-01"}))
    peer = found["Jupyter Book"]
    assert (peer["version"], peer["date"], peer["recorded"]) == ("1.0.4", "2030-01-01", False)
    assert [book["book"] for book in peer["books"]] == ["1 chapter, website"]
    assert peer["books"][0]["theirs"].keys() == times.keys()
    assert (subject.root / subject.chapter).read_bytes() == before
    # Asked for its version once, and run three times, in a folder of its own.
    folders = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert folders.count(str(tmp_path / "peer-1-html")) == 3
    assert json.loads(peers.RECORDED.read_text(encoding="utf-8")).keys() == {"Jupyter Book"}


def test_a_bar_that_is_missed_is_told() -> None:
    def book(chapters: int, seconds: float, memory: float, different: list[str]) -> dict[str, Any]:
        first = {"seconds": seconds, "memory": memory}
        title = f"{chapters} chapters, website"
        return {
            **{"name": f"{chapters} chapters", "title": title, "chapters": chapters},
            **{"formats": ["html"], "runs": {"first": first}, "different": different},
        }

    good = {"books": [book(10, 10, 9e8, []), book(100, 129, 9e8, [])], "peers": {}}
    assert report.missed(good) == []
    bad = {"books": [book(10, 10, 2e9, ["a.html"]), book(100, 131, 9e8, [])], "peers": {}}
    assert report.missed(bad) == [
        "Missed: 2000 MB for 10 chapters, website, first.",
        "Missed: other bytes from the same sources of 10 chapters, website: a.html.",
        "Missed: a chapter takes 1.31 times as long in 100 chapters, website.",
    ]


def test_readme_says_what_was_measured(results: dict[str, Any]) -> None:
    for file, text in report.texts(results).items():
        page = file.read_text(encoding="utf-8")
        assert text in page
        assert report.filled(page, text) == page
    assert report.PICTURE.read_text(encoding="utf-8") == draw(results)


def test_a_part_of_the_books_leaves_the_results_as_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = report.RESULTS.read_bytes()
    monkeypatch.setattr("benchmarks.build.compare", lambda *_: {})
    assert main(["--books", "1"]) in {0, 1}
    assert "1 chapter, website" in capsys.readouterr().out
    assert report.RESULTS.read_bytes() == before
