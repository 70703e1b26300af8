"""Words that follow from numbers hold as long as the numbers do, or `nkbook check` says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nkbook.checks import ties
from nkbook.cli import main
from nkbook.errors import Finding, Findings
from nkbook.evidence.ties import find_ties, tied_ids
from nkbook.evidence.usage import read_chapters
from nkbook.model import Library
from nkbook.render.document import Cell, Document
from tests.books import TinyBook, markdown
from tests.conftest import ROOT
from tests.test_notebook import by_id, number

LIBRARY = Library(
    {},
    by_id(
        number("women", value=55.3, low=None, high=None, unit="%", text="55.3%"),
        number("camps"),
    ),
    {},
    {},
    {},
)


def document(*texts: str) -> Document:
    cells = (Cell(at, "markdown", text) for at, text in enumerate(texts, start=1))
    return Document("notebooks/one.ipynb", tuple(cells), {})


def found(text: str) -> list[Finding]:
    findings = Findings()
    ties.check(document("# Title", text), LIBRARY, findings)
    return findings.items


def test_words_that_hold_are_no_fault() -> None:
    assert found("""[More than half]{test="stat('women') > 50"} are women.""") == []


def test_words_that_do_not_hold_are_shown_with_what_the_data_say() -> None:
    (finding,) = found("""[Nearly all]{test="stat('women') > 90"} are women.""")
    assert finding.code == "NC603"
    assert finding.place == "notebooks/one.ipynb, cell 2"
    assert "“Nearly all” does not hold, for this is false: 55.3% > 90" in finding.message
    assert "Change the words" in finding.hint


def test_words_do_not_hold_for_a_part_of_a_range() -> None:
    assert found("""[over]{test="stat('camps') > 60000"}""")[0].code == "NC603"


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("""[most]{test="stat('women') >"}""", "NC601", "the test of “most”: cannot be read"),
        ("""[most]{test="os.system('x')"}""", "NC601", "no part of the language"),
        ("""[most]{test="stat('women')"}""", "NC601", "compares nothing: 55.3%"),
        ("""[most]{test="1 < 2"}""", "NC601", "names nothing"),
        ("""[most]{test=yes}""", "NC601", "a test that cannot be read"),
        ("""[most]{.x test="1 < 2"}""", "NC601", "a test that cannot be read"),
        ("""most {test="stat('women') > 50"}""", "NC601", "a test without words"),
        ("""[most]{test="stat('woman') > 50"}""", "NC602", "no statistic “woman”"),
        ("""[most]{test="stat('women') / stat('women') < series('x')"}""", "NC602", "no series"),
    ],
)
def test_each_fault_of_a_test(text: str, code: str, says: str) -> None:
    (finding,) = found(text)
    assert finding.code == code
    assert says in finding.message
    assert finding.hint


def test_ties_are_found_with_their_words_and_ids() -> None:
    text = """A [b]{.c} [rose]{test="stat('x') > series('y')"}, `[z]` {{< var stat.v >}}."""
    assert [(tie.words, tie.test) for tie in find_ties(text)] == [
        ("rose", "stat('x') > series('y')")
    ]
    assert tied_ids(text) == {"x", "y"}
    assert tied_ids('[rose]{test="nothing that can be read("}') == frozenset()


# Words that nobody has tied -------------------------------------------------------------------


def untied(text: str) -> list[tuple[str, ...]]:
    return [item.words for item in ties.find_untied(document(text), LIBRARY)]


@pytest.mark.parametrize(
    ("words", "listed"),
    [
        ("rose to {{< var stat.women >}}", ("rose",)),
        ("was {{< var stat.women >}}, more than half, the last", ("more than", "half", "last")),
        ("about a third, {{< var stat.women >}}, nearly all", ("about a third", "nearly all")),
        ("""[rose]{test="stat('women') > 50"} to {{< var stat.women >}}""", None),
        ("rose to many", None),
        ("stood at {{< var stat.women >}} [see @rise; @fall] []{.most} [x](#more)", None),
        ("stood at {{< var stat.women >}}, the [most](#term-more) [@most2020]", ("most",)),
    ],
)
def test_words_of_direction_and_rank_beside_a_number_are_listed(
    words: str, listed: tuple[str, ...] | None
) -> None:
    assert untied(f"# Rose {{{{< var stat.women >}}}}\n\nIt {words}.") == [listed] * bool(listed)


def test_a_sentence_is_listed_as_a_reader_has_it() -> None:
    (item,) = ties.find_untied(document("One.\nIt rose to {{< var stat.women >}}."), LIBRARY)
    assert str(item) == "notebooks/one.ipynb, cell 1: “rose”\n    It rose to 55.3%."


# A whole book ---------------------------------------------------------------------------------

PROSE = """
# Leaving {#sec-leaving .unnumbered}

Arrivals [fell]{test="stat('arrivals-2021') < stat('arrivals-2019')"} and then stood still.
They rose to {{< var stat.arrivals-2009 >}} at [the peak]{test="PEAK"}.
"""
PEAK = "series('refugee_arrivals_kor', year='2009') == max(series('refugee_arrivals_kor'))"


@pytest.fixture
def book(tmp_path: Path) -> TinyBook:
    """The real data with one chapter of two tied words."""
    tiny = TinyBook(tmp_path)
    shutil.copytree(ROOT / "data", tmp_path / "data")
    tiny.chapter("leaving", markdown(PROSE.replace("PEAK", PEAK)))
    tiny.save()
    return tiny


def change(book: TinyBook, file: str, old: str, new: str) -> None:
    path = book.root / "data" / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8", newline="")


def about_words(result: Result) -> str:
    # Nearly all rows are unused in a book of one chapter.
    return "\n".join(line for line in result.stderr.splitlines() if line.startswith("NC6"))


def test_a_changed_digit_in_a_series_makes_a_word_false(book: TinyBook) -> None:
    assert about_words(book.run("check")) == ""
    change(book, "series/refugee_arrivals_kor.csv", "2009,PRK,2914", "2009,PRK,1914")
    result = book.run("check")
    assert result.exit_code == 1
    assert about_words(result).startswith("NC603  notebooks/leaving.ipynb, cell 1: “the peak”")
    assert "1,914 = (the highest of 28 observations = 2,803)" in about_words(result)


def test_listing_untied_words_fails_nothing(book: TinyBook) -> None:
    plain, listed = book.run("check"), book.run("check", "--untied")
    assert listed.exit_code == plain.exit_code
    assert listed.stderr == plain.stderr
    assert "leaving.ipynb, cell 1: “rose”\n    They rose to 2,914 at" in listed.stdout
    assert listed.stdout.endswith("Words without a test: 1, in 1 of the sentences with a number.\n")


def test_what_a_test_names_is_used(book: TinyBook) -> None:
    (chapter,) = (c for c in read_chapters(book.root) if c.title == "Leaving")
    assert {"arrivals-2021", "arrivals-2019", "refugee_arrivals_kor"} <= chapter.names
    said = book.run("check").stderr
    assert "uses the statistic “arrivals-2021”" not in said
    assert "uses the series “refugee_arrivals_kor”" not in said
    assert "uses the statistic “border-curfew-summer-start”" in said


# The book itself ------------------------------------------------------------------------------


def test_the_words_of_the_book_hold() -> None:
    result = CliRunner().invoke(main, ["--project", str(ROOT), "check"])
    assert result.stderr == ""
    assert result.exit_code == 0


def test_many_words_of_the_book_are_tied() -> None:
    texts = [(ROOT / "index.qmd").read_text("utf-8")]
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(file.read_text("utf-8"))["cells"]
        texts += ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
    tied = [tie for text in texts for tie in find_ties(text)]
    assert len(tied) >= 80
