"""House rules for `figures/`: what is no longer what chapters and data say is found at once."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from nkbook.checks import run_checks
from nkbook.data import load_library
from nkbook.data.provenance import state
from nkbook.model import Library
from tests.books import FIGURE, TinyBook, code, markdown
from tests.conftest import ROOT, copy_book


def edit(file: Path, old: str, new: str) -> None:
    """Replace words that stand once in a file."""
    text = file.read_bytes().decode()
    assert text.count(old) == 1, (file.name, old, text.count(old))
    file.write_bytes(text.replace(old, new).encode())


def stale(root: Path) -> dict[str, str]:
    """What the checks say of figures, with the hint, by code and place."""
    found = [finding for finding in run_checks(root) if finding.code.startswith("NC5")]
    said = {
        f"{f.code} {re.sub(r', cell [0-9]+', '', f.place)}": f"{f.message} | {f.hint}"
        for f in found
    }
    assert len(said) == len(found)
    return said


AGAIN = "Run `nkbook figures {}`, look at the picture, and commit its files."


def test_what_changed_since_a_figure_was_drawn_is_found_and_nothing_else(tmp_path: Path) -> None:
    root = tmp_path / "book"
    copy_book(root)
    data, figures, notebooks = root / "data", root / "figures", root / "notebooks"
    edit(data / "series" / "life_expectancy_wpp2019.csv", "1998,PRK,64.49", "1998,PRK,64.48")
    edit(data / "statistics.csv", 'before the build-up",38,', 'before the build-up",39,')
    edit(data / "places.csv", "kyo-hwa-so,39.01,126.15", "kyo-hwa-so,39.02,126.15")
    edit(figures / "fig-speech-interval.svg", "</svg>", "<!-- straighter --></svg>")
    edit(figures / "fig-hunger-crops.csv", ",1961,", ",1960,")
    (figures / "fig-hunger-rations.csv").unlink()
    edit(notebooks / "hunger.ipynb", "Estimates of the famine’s dead differ", "Estimates differ")
    edit(notebooks / "leaving.ipynb", "label: fig-leaving-china", "label: fig-leaving-chine")
    (figures / "fig-own.svg").write_text("<svg/>")  # drawn by an author, and none of our business
    said = stale(root)
    assert {place: words.partition(" | ")[0] for place, words in said.items()} == {
        "NC501 figures/fig-speech-interval.svg": "was changed by hand: it is not what was drawn",
        "NC501 figures/fig-hunger-crops.csv": "was changed by hand: it is not what was drawn",
        "NC502 figures/fig-health-life.svg": (
            "the series “life_expectancy_wpp2019” changed since fig-health-life was drawn"
        ),
        "NC502 figures/fig-crossing-the-border-barriers.svg": (
            "the statistic “border-guard-posts-2019” changed since fig-crossing-the-border-barriers"
            " was drawn: it was 38 posts (2019; HRW_2024_NEWSREEM)"
            " and is 39 posts (2019; HRW_2024_NEWSREEM)"
        ),
        "NC502 figures/fig-forced-labour-map.svg": (
            "the place “kyo-04” changed since fig-forced-labour-map was drawn: it was"
            " Kyo-hwa-so No. 4 (Kangdong); 39.01, 126.15; operating; hrnk_map and is"
            " Kyo-hwa-so No. 4 (Kangdong); 39.02, 126.15; operating; hrnk_map"
        ),
        "NC503 notebooks/hunger.ipynb (fig-hunger-deaths)": (
            "caption changed since fig-hunger-deaths was drawn"
        ),
        "NC504 notebooks/hunger.ipynb (fig-hunger-rations)": (
            "there is no figures/fig-hunger-rations.csv"
        ),
        "NC504 notebooks/leaving.ipynb (fig-leaving-chine)": (
            "there is no figures/fig-leaving-chine.svg, figures/fig-leaving-chine.csv,"
            " figures/fig-leaving-chine.json"
        ),
        "NC504 figures/fig-leaving-china.svg": "no chapter draws this figure",
    }
    hints = {place: words.partition(" | ")[2] for place, words in said.items()}
    assert hints["NC502 figures/fig-health-life.svg"] == AGAIN.format("fig-health-life")
    assert "Change the chapter or the data instead" in hints["NC501 figures/fig-hunger-crops.csv"]
    assert "removes its files" in hints["NC504 figures/fig-leaving-china.svg"]


@pytest.fixture
def drawn(tiny: TinyBook) -> TinyBook:
    """A book with one figure and its committed files."""
    tiny.bibliography()
    tiny.chapter("one", markdown("# One"), code(FIGURE))
    tiny.save()
    assert tiny.run("figures").exit_code == 0
    assert not stale(tiny.root)
    return tiny


def test_each_word_of_a_cell_counts(drawn: TinyBook) -> None:
    notebook = drawn.root / "notebooks" / "one.ipynb"
    edit(notebook, "One line from lower left", "A line from lower left")
    edit(notebook, "[[1]]", "[[2]]")
    place = "NC503 notebooks/one.ipynb (fig-line)"
    assert stale(drawn.root)[place].startswith("alt text and code changed since fig-line")


def test_a_figure_that_moved_to_another_chapter_is_drawn_again(drawn: TinyBook) -> None:
    drawn.config["book"]["chapters"].remove("notebooks/one.ipynb")
    drawn.chapter("two", markdown("# Two"), code(FIGURE))
    drawn.save()
    (said,) = stale(drawn.root).values()
    assert said.startswith("chapter changed since fig-line was drawn")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": 1, "chapter": 2, "sha256": 3}'])
def test_provenance_that_cannot_be_read_is_a_finding(drawn: TinyBook, text: str) -> None:
    edit(drawn.root / "notebooks" / "one.ipynb", "display(\\n", "show = display\\nshow(\\n")
    assert drawn.run("figures").exit_code == 0
    drawn.write("figures/fig-line.json", text)
    (said,) = stale(drawn.root).values()
    assert "fig-line" in said


def test_a_figure_of_data_that_are_gone_is_found(drawn: TinyBook) -> None:
    shutil.copytree(ROOT / "data", drawn.root / "data")
    file = drawn.root / "figures" / "fig-line.json"
    provenance = json.loads(file.read_text(encoding="utf-8"))
    provenance["drawn_from"] = {"series": {"gone": "0"}, "pebbles": {"one": "grey"}}
    file.write_text(json.dumps(provenance), encoding="utf-8")
    (said,) = stale(drawn.root).values()
    assert "data/ has no “gone” any more" in said


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library(ROOT)


def test_the_digest_of_a_series_is_that_of_what_chapters_may_draw(library: Library) -> None:
    known = library.series["life_expectancy_wpp2019"]
    first, *rest = known.rows

    def digest(**changed: object) -> str:
        series = replace(known, **changed)  # type: ignore[arg-type]
        return state(replace(library, series={known.id: series}), "series", known.id)

    whole = digest()
    assert len(whole) == 64
    assert digest(title="Another title") == whole
    unread = replace(first, verified=False, value=1.0)
    assert digest(rows=(*known.rows, unread)) == whole
    others = [
        digest(unit="months"),
        digest(rows=(replace(first, note="Another note"), *rest)),
        digest(rows=(replace(first, value=None), *rest)),
        digest(rows=(*rest, first)),
        digest(rows=(*known.rows, first)),
        digest(rows=(unread, *rest)),
    ]
    assert len({whole, *others}) == len(others) + 1
