"""The pages of evidence say what is in the data, who uses it, and nothing that was withdrawn."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypandoc
import pytest

from nkbook.data import load_library
from nkbook.evidence import list_sources, list_statistics, list_testimonies, pages
from nkbook.evidence.markdown import name_sources
from nkbook.evidence.usage import read_chapters
from nkbook.model import Library
from nkbook.render import ast
from tests.conftest import ROOT
from tests.test_notebook import LIBRARY, by_id, number, source, spoken

PROSE = """# A chapter {#sec-chapter .unnumbered}

About {{< var stat.camp-prisoners-kinu >}} people [@kinu2025; @seed, p. 3], mail me@example.org.
"""
CODE = 'quote("illyong-ju")\nshow(fig, data=series("arrivals"), sources=["MOU_2025"])'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    library = Library(
        sources=by_id(
            *LIBRARY.sources.values(),
            source("unused", "Nobody", "1999"),
            source("only-recalled", "Nobody else", "1999"),
        ),
        statistics=by_id(
            number("camp-prisoners-kinu", older="camp-prisoners-2014", note="At most $5 a_b*."),
            number("camp-prisoners-2014", text="80,000–120,000", as_of="2013/2014"),
            number("recalled", verified=False, sources=("only-recalled",), label="UNVERIFIED"),
            number("share", text="88.8%", unit="%", theme="refugees"),
            number("deaths", text="hundreds of thousands", unit="deaths"),
            number(
                "ratio",
                expression=(
                    'round(series("arrivals", year="2025", entity="male")'
                    ' / stat("camp-prisoners-2014"), 4)'
                ),
                status="computed",
                sources=("MOU_TABLE",),
                unit="times",
            ),
        ),
        testimonies=by_id(
            spoken("illyong-ju"), spoken("harsh", content_note="high", left_certain=False)
        ),
        places=LIBRARY.places,
        series=LIBRARY.series,
    )
    monkeypatch.setattr(pages, "load_library", lambda _: library)
    cells = [
        {"cell_type": "markdown", "source": PROSE.splitlines(keepends=True)},
        {"cell_type": "code", "source": CODE},
    ]
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "chapter.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (folder / "statistics.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (tmp_path / "index.qmd").write_text("# Home\n\n{{< var stat.share >}}\n", encoding="utf-8")
    return tmp_path


def row(text: str, anchor: str) -> str:
    """What stands from one anchor to the next."""
    return next(part for part in text.split("{#")[1:] if part.startswith(f"{anchor} "))


def test_chapters_are_read_and_the_pages_of_evidence_are_not(root: Path) -> None:
    chapters = read_chapters(root)
    assert [(c.link, c.title) for c in chapters] == [
        ("../index.qmd", "Home"),
        ("chapter.ipynb", "A chapter"),
    ]
    assert chapters[1].citations == {"kinu2025", "seed"}
    assert chapters[1].variables == {"camp-prisoners-kinu"}
    assert {"illyong-ju", "arrivals", "MOU_2025"} <= chapters[1].names


def test_a_number_tells_what_it_is_and_where_it_is_used(root: Path) -> None:
    text = list_statistics(root).text
    found = row(text, "stat-camp-prisoners-kinu")
    assert "### People held {#stat-camp-prisoners-kinu" in text
    assert "**53,000–65,000 people**" in found
    assert "As of October 2025. Updated since the page that this book answers." in found
    assert 'data-status="Updated"' in found
    assert "(sources.ipynb#src-kinu2025)" in found
    assert "Earlier: [80,000–120,000 people](#stat-camp-prisoners-2014), 2013–2014." in found
    assert "Later: [53,000–65,000 people](#stat-camp" in row(text, "stat-camp-prisoners-2014")
    assert "Used in: [A chapter](chapter.ipynb#sec-chapter)." in found
    assert "Used in: [Home](../index.qmd)." in row(text, "stat-share")
    assert "**88.8%**" in row(text, "stat-share")
    assert "**hundreds of thousands of deaths**" in row(text, "stat-deaths")


def test_a_computed_number_tells_how_and_links_what_it_follows_from(root: Path) -> None:
    text = list_statistics(root).text
    assert (
        "Worked out: [25 (Arrivals, male, 2025)](../data/series/arrivals.csv) ÷ "
        "([53,000–65,000](#stat-camp-prisoners-2014)) = 0.000385–0.000472, "
        "rounded to 0.0004–0.0005."
    ) in row(text, "stat-ratio")
    goes_into = "Goes into: [53,000–65,000 times](#stat-ratio)."
    assert goes_into in row(text, "stat-camp-prisoners-2014")
    assert goes_into not in row(text, "stat-share")


def test_no_two_sources_are_named_alike() -> None:
    watch, same = source("a", "Watch", "2024", "Press"), source("b", "Watch", "2024", "Copy")
    other = replace(source("c", "Watch", "2024"), title="A *star*")
    assert name_sources(by_id(watch, same, other, source("d", "Watch", "2023"))) == {
        "a": "Watch, 2024, *Title*, Press",
        "b": "Watch, 2024, *Title*, Copy",
        "c": r"Watch, 2024, *A \*star\**",
        "d": "Watch, 2023",
    }


def test_no_two_sources_of_the_book_are_named_alike() -> None:
    names = name_sources(load_library(ROOT).sources).values()
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_text_from_the_data_is_never_taken_for_markup(root: Path) -> None:
    assert r"At most \$5 a\_b\*." in list_statistics(root).text


def test_numbers_that_nobody_verified_are_nowhere(root: Path) -> None:
    pages = list_statistics(root).text + list_sources(root).text
    assert "UNVERIFIED" not in pages
    assert "recalled" not in pages


def test_testimonies_are_shown_as_published_and_withdrawn_ones_not(root: Path) -> None:
    text = list_testimonies(root).text
    found = row(text, "testimony-illyong-ju")
    assert r"> At night, my father would turn on a small black radio \[…\] We listened." in found
    assert "**Illyong Ju**, escaped North Korea in 2008." in found
    assert "One person’s account." in found
    assert "[A chapter](chapter.ipynb#quo-illyong-ju)" in found
    harsh = row(text, "testimony-harsh")
    assert "in 2008 (as published; the date is in doubt)." in harsh
    assert harsh.index("Content note") < harsh.index("> At night")


def test_only_sources_that_the_book_rests_on_are_listed(root: Path) -> None:
    text = list_sources(root).text
    assert {f"{{#src-{id} .evidence" in text for id in LIBRARY.sources} == {True}
    assert "src-unused" not in text
    assert "Behind 4 numbers." in row(text, "src-kinu2025")
    assert "Used in: [A chapter](chapter.ipynb)." in row(text, "src-MOU_2025")


@pytest.fixture
def seed(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The row of a source, after its record was changed."""
    library = pages.load_library(root)

    def changed(**values: Any) -> str:
        sources = {**library.sources, "seed": replace(library.sources["seed"], **values)}
        monkeypatch.setattr(pages, "load_library", lambda _: replace(library, sources=sources))
        return row(list_sources(root).text, "src-seed")

    return changed


def test_the_title_of_a_source_leads_to_its_page(seed: Callable[..., str]) -> None:
    address = "https://www.example.org/a_(b)*c"
    text = "::: {#" + seed(url=address)
    assert "At example.org." in text
    link, *_ = ast.nodes(json.loads(pypandoc.convert_text(text, "json", "markdown")), "Link")
    assert ast.stringify(link) == "Title"
    assert link["c"][2][0] == address


def test_addresses_that_nobody_checked_say_so(seed: Callable[..., str]) -> None:
    found = seed(url="https://example.org/a_b", url_certain=False)
    assert "At example.org (address not checked)." in found


def test_no_mark_is_printed_twice(seed: Callable[..., str]) -> None:
    assert "Kim, R. *Who knows?* " in seed(title="Who knows?", author="Kim, R.")


def headings(blocks: list[Any]) -> list[str]:
    return [block["c"][1][0] for block in blocks if block["t"] == "Header"]


def test_ids_are_unique_over_all_pages(root: Path) -> None:
    text = "".join(page(root).text for page in (list_statistics, list_testimonies, list_sources))
    blocks = json.loads(pypandoc.convert_text(text, "json", "markdown"))["blocks"]
    anchors = [block["c"][0][0] for block in blocks if block["t"] == "Div"]
    ids = headings(blocks) + anchors
    assert len(ids) == len(set(ids))
    assert {f"src-{id}" for id in LIBRARY.sources} <= set(ids)


def test_a_choice_reads_as_the_row_does() -> None:
    assert pages.SHORT_STATUSES.keys() == pages.STATUSES.keys()
    for status, short in pages.SHORT_STATUSES.items():
        assert pages.STATUSES[status].startswith(short)


def test_every_kind_in_the_data_package_has_words() -> None:
    package = json.loads((ROOT / "data" / "datapackage.json").read_text("utf-8"))
    enums: dict[tuple[str, str], list[str]] = {}
    for resource in package["resources"]:
        fields = resource["schema"]["fields"] if isinstance(resource.get("schema"), dict) else []
        for field in fields:
            enums[resource["name"], field["name"]] = field.get("constraints", {}).get("enum", [])
    assert set(enums["statistics", "theme"]) <= set(pages.THEMES)
    assert set(enums["testimonies", "theme"]) <= set(pages.THEMES)
    assert set(enums["statistics", "status"]) <= set(pages.STATUSES)
    assert set(enums["sources", "type"]) <= set(pages.KINDS)
    assert set(enums["testimonies", "content_note"]) <= {"none", *pages.CONTENT}
