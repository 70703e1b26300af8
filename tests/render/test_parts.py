"""Small parts with wide inputs: shortcodes, findings, archives, project keys."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nkbook.clock import EPOCH, edition_date
from nkbook.errors import BookError, Finding, Findings, nearest, parse_findings
from nkbook.render import ast, keys, pandoc
from nkbook.render.archive import write_zip
from nkbook.render.shortcodes import expand

WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="{}`~"), max_size=200)
LINE = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30
)


def expanded(text: str, **variables: object) -> tuple[str, Findings]:
    findings = Findings()
    out = expand(
        text,
        place="here",
        folder=Path(),
        root=Path(),
        variables=variables,
        metadata={},
        findings=findings,
    )
    return out, findings


@given(WORDS)
def test_text_without_shortcodes_stays_as_it_is(text: str) -> None:
    assert expanded(text) == (text, Findings())


@given(before=WORDS, value=LINE, after=WORDS)
def test_variables_are_put_in_their_place(before: str, value: str, after: str) -> None:
    text, findings = expanded(f"{before}{{{{< var a.b-c >}}}}{after}", a={"b-c": value})
    assert text == before + value + after
    assert not findings


@given(st.text(max_size=60))
def test_any_call_is_replaced_or_reported(call: str) -> None:
    text, findings = expanded("{{< " + call + " >}}")
    assert findings or text != ""


@given(st.lists(st.tuples(LINE, LINE), min_size=1, max_size=4))
def test_findings_can_be_read_back_from_their_text(items: list[tuple[str, str]]) -> None:
    findings = [Finding("file, row 3", "NB123", message, hint) for message, hint in items]
    findings = [f for f in findings if ": " not in f.message]
    assert parse_findings(str(BookError(findings))) == findings


def test_repeated_findings_are_told_once() -> None:
    findings = Findings()
    for _ in range(3):
        findings.add("NB001", "here", "wrong", "mend it")
    assert len(list(findings)) == 1


def test_nearest_names_a_close_spelling_or_the_alternative() -> None:
    assert nearest("arivals", ["arrivals", "camps"]) == "Did you mean “arrivals”?"
    assert nearest("xyz", ["arrivals"], "No.") == "No."


def test_archives_have_the_same_bytes_whatever_the_files_dates(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        folder = tmp_path / name
        (folder / "sub").mkdir(parents=True)
        for file in ("z.txt", "sub/a.html"):
            (folder / file).write_text(file)
        target = tmp_path / f"{name}.zip"
        entries: dict[str, Path | bytes] = {"book/z.txt": folder / "z.txt"}
        entries["book/sub/a.html"] = folder / "sub/a.html"
        write_zip(target, entries, datetime(2026, 1, 2, tzinfo=UTC))
        made.append(target.read_bytes())
        assert zipfile.ZipFile(target).namelist() == ["book/sub/a.html", "book/z.txt"]
    assert made[0] == made[1]


def test_edition_is_dated_by_its_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert edition_date(tmp_path) == EPOCH
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert edition_date(tmp_path) == datetime(1970, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("path", ["book.title", "format.html.theme.light", "editor.render"])
def test_known_keys(path: str) -> None:
    assert keys.is_known(path)


@pytest.mark.parametrize("path", ["book.titel", "format.html.tok", "bok"])
def test_unknown_keys_have_neighbours(path: str) -> None:
    assert not keys.is_known(path)
    assert nearest(path.rsplit(".", 1)[-1], keys.siblings(path))


def test_tree_survives_reading_walking_and_writing() -> None:
    blocks = pandoc.parse("# A *b* [c](d){.e}\n\n| x |\n|---|\n| 1 |\n\n[^1]\n\n[^1]: n", place="t")
    assert ast.walk(blocks, lambda node: None) == blocks
    assert ast.stringify(blocks[0]["c"][2]) == "A b c"
    assert "<em>b</em>" in pandoc.write(blocks, ["--to", "html"], place="t")


def test_pandoc_warnings_are_faults() -> None:
    with pytest.raises(BookError, match="NB501"):
        pandoc.parse("::: {.a}\nunclosed", place="chapter.md")
