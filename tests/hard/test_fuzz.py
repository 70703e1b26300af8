"""Nonsense for everything that reads what people write: a value or a finding, never a traceback."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nkbook.data.package import read_rows, read_tables
from nkbook.errors import Findings
from nkbook.render import document as documents
from nkbook.render.active import find_active, find_active_svg
from nkbook.render.assembly import build_book
from nkbook.render.execution import stored_result
from nkbook.render.lowering import lower
from nkbook.render.project import Project, load_project
from nkbook.render.yaml_text import YamlError, read_yaml
from tests.books import TinyBook
from tests.conftest import ROOT
from tests.hard.conftest import times

Count = Callable[[str, int], None]


def many(few: int, number: int) -> Any:
    """So many examples, of which each may take its time."""
    return settings(
        max_examples=times(few, number),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def made_of(words: str) -> st.SearchStrategy[str]:
    """Texts of these pieces, written as in Python, between which anything may stand."""
    pieces = [word.encode().decode("unicode_escape") for word in words.split()]
    anything = st.text(st.characters(exclude_categories=()), max_size=4)
    return st.lists(st.sampled_from(pieces) | anything, max_size=40).map("".join)


YAML = made_of(
    r"""
    a:\x20 -\x20 \n \x20\x20 \x20\x20\x20\x20 &a\x20 *a <<:\x20 ?\x20 !! !!int\x20
    !!python/object:
    [ ] { } , ' " |\n >\n ---\n ... # 2024-13-45 0x 1e9 label:\x20fig-x echo:\x20false
    \t \0 \u2028
    %YAML\x201.1\n 999999999999999999999
    """
)
CSV = made_of(
    r"""
    , " "" \n \r\n \r =1+1 @x -1 1e999 \0 \ufeff yes no id,label,value 2024 hunger
    \u202e ; a\x20b \x20
    """
)
MARKDOWN = made_of(
    r"""
    #\x20 ##\x20x\x20{#sec-x} \n\n \n :::\x20{.callout-note} ::: ::::\x20{ } [ ]( )
    ![x](y.png) {#fig-x}
    @fig-x @sec-x [@kim] ^[note] |\x20a\x20|\x20b\x20|\n|---|---|\n {{<\x20var\x20a\x20>}}
    {{<\x20include\x20x\x20>}} {{<\x20meta\x20title\x20>}} {{<\x20 \x20>}} $$ $x$ \\(
    `{python}\x20x`
    ```{python} ``` <b\x20onclick=x()> <script> </div> <!-- --> {=html}
    {.x\x20onclick=y} layout-ncol=2
    panel-tabset column-margin \0 \ud800 attachment:x.png javascript:x data:text/html,x
    ---\n &#106; *
    #|\x20label:\x20x\n
    """
)
MARKUP = made_of(
    r"""
    < > / = " ' \x20 \n <svg <script onload href java script: &#106; &Tab; <!-- -->
    <!DOCTYPE
    <!ENTITY\x20x\x20 ]]> xmlns style url( \0
    """
)
JSON_TOKENS = made_of(
    r"""
    { } [ ] : , "cells" "nbformat" 4 "cell_type" "markdown" "code" "source" "outputs" "data"
    "text/plain" "output_type" "stream" "\\ud800" null true 1e999 NaN - 0 "metadata"
    "tags" ""
    """
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("cells", "nbformat", "cell_type", "source", "outputs", "data", "metadata"),
                    *("text", "output_type", "tags", "attachments", "raw_mimetype", "image/png"),
                ]
            ),
            inner
            | st.sampled_from(
                [4, "markdown", "code", "raw", "stream", "display_data", "error", []]
            ),
            max_size=6,
        )
    ),
    max_leaves=30,
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    tiny = TinyBook(tmp_path_factory.mktemp("fuzz") / "book")
    tiny.config["execute"]["enabled"] = False
    tiny.config["book"]["chapters"].append("notebooks/one.md")
    tiny.write("notebooks/one.md", "# One\n")
    tiny.save()
    return load_project(tiny.root)


def test_yaml(survived: Count) -> None:
    @many(300, 250_000)
    @given(YAML)
    def read(text: str) -> None:
        survived("YAML texts read", 1)
        with suppress(YamlError):
            read_yaml(text)

    read()


def test_csv(survived: Count) -> None:
    schema = read_tables(ROOT / "data", Findings())["statistics"].schema
    header = ",".join(field.name for field in schema.fields)

    @many(300, 250_000)
    @given(CSV, st.booleans())
    def read(text: str, has_header: bool) -> None:
        survived("CSV texts read", 1)
        findings = Findings()
        rows = read_rows(f"{header}\n{text}" if has_header else text, "x.csv", schema, findings)
        assert all(len(row.cells) == len(schema.fields) for row in rows)
        assert all(str(finding) for finding in findings)

    read()


def test_notebooks(survived: Count) -> None:
    @many(300, 200_000)
    @given(JSON_TOKENS | VALUES.map(json.dumps))
    def read(text: str) -> None:
        survived("notebooks read", 1)
        findings = Findings()
        document = documents._from_notebook("x.ipynb", text, findings)
        assert document or findings

    read()


def test_lowering(survived: Count, project: Project) -> None:
    variables = {"a": "1", "b": {"c": "2"}}

    @many(300, 150_000)
    @given(st.lists(MARKDOWN, max_size=3), st.booleans())
    def read(sources: list[str], is_code: bool) -> None:
        survived("chapters lowered", 1)
        kind = "code" if is_code else "markdown"
        cells = [
            {"cell_type": kind, "source": source.replace("\ud800", ""), "outputs": []}
            for source in sources
        ]
        text = json.dumps({"nbformat": 4, "cells": cells})
        findings = Findings()
        document = documents._from_notebook("notebooks/one.ipynb", text, findings)
        if document:
            lower(document, stored_result(document), project, variables, findings)

    read()


def test_markup(survived: Count) -> None:
    @many(300, 200_000)
    @given(MARKUP)
    def read(text: str) -> None:
        survived("pieces of HTML and drawings looked at", 1)
        found = list(find_active(text))
        if re.search(r"<script[\s/>]", text, re.IGNORECASE):
            assert found
        list(find_active_svg(text.encode("utf-8", "surrogatepass")))

    read()


def test_chapters_through_pandoc(survived: Count, project: Project) -> None:
    @many(15, 3_000)
    @given(MARKDOWN)
    def read(source: str) -> None:
        survived("chapters read by pandoc and resolved", 1)
        findings = Findings()
        clean = "".join(c for c in source if c in string.printable or ord(c) > 160)
        text = clean.encode("utf-8", "ignore").decode()
        texts = {entry.file: "# Home" for entry in project.entries} | {"notebooks/one.md": text}
        loaded = [documents._from_markdown(*item, findings) for item in texts.items()]
        lowered = {
            one.file: lower(one, stored_result(one), project, {"a": "1"}, findings)
            for one in loaded
        }
        with findings.collecting():
            book = build_book(project, loaded, lowered, {"kim"}, findings)
            shown = json.dumps([chapter.blocks for chapter in book.chapters])
            assert "<script" not in shown
            assert '"onclick"' not in shown

    read()
