"""An expression gives what its rows give, in words that a reader can follow, or says why not."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nkbook.data.expressions import (
    DEFINITIONS,
    LONGEST,
    Answer,
    ExpressionError,
    Operand,
    read,
    work_out,
)
from nkbook.data.intervals import Interval
from nkbook.model import Observation, Series, Statistic
from tests.test_notebook import number


def value(id: str, of: float, **changed: Any) -> Statistic:
    return number(id, value=of, low=None, high=None, unit=changed.pop("unit", "people"), **changed)


def observation(year: str, entity: str, of: float | None, **changed: Any) -> Observation:
    known = {"low": None, "high": None, "source": "ministry", "verified": True, "note": ""}
    return Observation(year, entity, of, **{**known, **changed})


STATISTICS = {
    item.id: item
    for item in (
        value("old", 1047),
        value("new", 63, sources=("voa",)),
        value("price", 39500, unit="US$"),
        value("share", 55.3, unit="%"),
        value("begun", 1959, unit="year"),
        value("none", 0),
        value("recalled", 5, verified=False),
        number("camps"),
        number("around-zero", low=-1, high=1),
        number("words", low=None, high=None, qualifier="hundreds of thousands"),
    )
}
SERIES = {
    item.id: item
    for item in (
        Series(
            "ranks",
            "Ranks",
            "",
            "rank",
            (
                observation("2024", "PRK", 177),
                observation("2025", "PRK", 180),
                observation("2024", "KOR", 62),
            ),
        ),
        Series(
            "countries",
            "Countries",
            "",
            "countries",
            (observation("2024", "ALL", 180), observation("2025", "ALL", 180)),
        ),
        Series(
            "doubtful",
            "Doubtful",
            "",
            "people",
            (
                observation("1999", "PRK", 5, verified=False),
                observation("2000", "PRK", None, high=9),
                observation("2001", "PRK", None, low=3, high=9),
            ),
        ),
    )
}


def answer(text: str, unit: str = "", as_of: str = "2026") -> Answer:
    return work_out(read(text), STATISTICS, SERIES, unit, as_of)


def fault(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        answer(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "unit", "told"),
    [
        ('stat("old") + stat("new") * stat("new")', "", "1,047 + 63 × 63 = 5,016"),
        ('(stat("old") - stat("new")) / stat("new")', "", "(1,047 − 63) ÷ 63 = 15.619047619"),
        ('stat("old") - (stat("new") - stat("none"))', "", "1,047 − (63 − 0) = 984"),
        ('round(stat("old") / days_of_a_year)', "", "1,047 ÷ 365 days = 2.87, rounded to 3"),
        ('round(stat("price") / stat("old"), -1)', "", "US$39,500 ÷ 1,047 = 37.7, rounded to 40"),
        (
            'round(share(stat("new"), stat("old")), 1)',
            "%",
            "63 of 1,047 = 6.017%, rounded to 6.0%",
        ),
        (
            'round(fall(stat("old"), stat("new")))',
            "%",
            "the fall from 1,047 to 63 = 93.98%, rounded to 94%",
        ),
        ('last_year - stat("begun")', "years", "2026 − 1959 = 67"),
        ('sum(series("ranks", entity="PRK"))', "", "the sum of 177; 180 = 357"),
        ('interval(stat("camps"), stat("old"))', "", "the lowest to the highest of 53,000–65,000;"),
        ('count(series("ranks"))', "", "3 observations"),
        (
            'max(series("countries") - series("ranks", entity="PRK"))',
            "",
            "the highest of (180; 180) − (177; 180) = 3",
        ),
        ('stat("old") / stat("camps") < 1', "", "(1,047 ÷ (53,000–65,000) = 0.02) < 1"),
    ],
)
def test_it_tells_how_it_was_worked_out(text: str, unit: str, told: str) -> None:
    assert str(answer(text, unit)).startswith(told.replace("6.0%", "6%"))


def test_every_number_of_the_data_can_be_linked() -> None:
    parts = answer('share(series("ranks", year="2025"), stat("old"))').parts
    assert [part for part in parts if isinstance(part, Operand)] == [
        Operand("180", "ranks", "2025"),
        Operand("1,047", "old"),
    ]


def test_a_number_divided_by_a_range_has_the_ends_the_right_way_round() -> None:
    found = answer('round(stat("price") / stat("camps"), 2)').value
    assert found == Interval.of(0.61, 0.75)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('stat("share") > 50', True),
        ('30 < stat("share") < 50', False),
        ('stat("old") > stat("new") and stat("share") < 50', False),
        ('stat("old") < stat("new") or stat("share") >= 55.3', True),
        ('stat("camps") > 50000', True),
        ('stat("camps") > 60000', False),
        ('stat("camps") <= 60000', False),
        ('stat("camps") == stat("camps")', True),
        ('series("ranks", entity="PRK") > 100', True),
        ('series("ranks") > 100', False),
        ('count(series("ranks", entity="PRK") == series("countries")) == 1', True),
        ('series("ranks", since="2025") == 180', True),
        ('series("doubtful", year="2001") < 10', True),
    ],
)
def test_a_comparison_holds_only_if_it_holds_throughout(text: str, holds: bool) -> None:
    assert answer(text).value is holds


def test_it_names_the_sources_of_all_its_inputs() -> None:
    found = answer('stat("new") + series("ranks", year="2025")')
    assert found.sources == {"voa", "ministry"}
    assert read('stat("a") + stat("b") + series("c")').statistics == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ('stat("old") / ', "form", "cannot be read"),
        ("", "form", "cannot be read"),
        ("x" * (LONGEST + 1), "form", "at most"),
        ('stat("old") / 365', "form", "typed by hand"),
        ('stat("old") * True', "form", ""),
        ('stat("old") ** stat("new")', "form", "no part of the language"),
        ('__import__("os").system("true")', "form", "no part of the language"),
        ("open('/')", "form", "no function open()"),
        ('summe(stat("old"))', "form", "no function"),
        ('stat("old") > 5 > None', "form", "no part"),
        ('stat("old") != 5', "form", "compares"),
        ('stat("old") and stat("new")', "form", "no comparison"),
        ("stat(old)", "form", "one id in quotation marks"),
        ('stat("old", "new")', "form", "one id"),
        ('series("ranks", yaer="2024")', "form", "not known"),
        ('series("ranks", year=2024)', "form", "not known"),
        ('series("ranks", **{})', "form", "not known"),
        ('round(stat("old"), stat("new"))', "form", "the places to keep"),
        ('round(stat("old"), 99)', "form", "places"),
        ('share(stat("old"))', "form", "two numbers"),
        ("sum()", "form", "too little"),
        ('count(stat("old"))', "form", "counts a series"),
        ("days_of_a_yaer", "form", "no definition"),
        ('stat("odl")', "id", "no statistic “odl”"),
        ('series("rank")', "id", "no series “rank”"),
        ('series("ranks", year="1066")', "id", "nothing for year 1066"),
        ('stat("recalled")', "value", "nobody has verified"),
        ('stat("words")', "value", "has no number"),
        ('series("doubtful", year="1999")', "value", "nobody has verified the year 1999"),
        ('series("doubtful", year="2000")', "value", "only one end"),
        ('series("ranks") + series("countries")', "value", "not of the same years"),
        ('series("ranks", entity="PRK")', "value", "2 observations stand where one number"),
        ('stat("old") / stat("none")', "arithmetic", "division by zero"),
        ('stat("old") / stat("around-zero")', "arithmetic", "division by zero"),
        ('share(stat("old"), stat("none"))', "arithmetic", "division by zero"),
        (f'stat("old") < 1{"0" * 400}', "arithmetic", "too large"),
    ],
)
def test_each_fault_says_what_is_wrong(text: str, kind: str, says: str) -> None:
    found = fault(text)
    assert (found.kind, says in found.message) == (kind, True), found.message


def test_only_a_row_with_a_date_has_years() -> None:
    with pytest.raises(ExpressionError, match="only a row with a date"):
        answer("last_year", as_of="")


def test_a_hint_names_the_nearest_id() -> None:
    assert fault('stat("odl")').hint == "Did you mean “old”?"
    assert fault("days_of_a_yaer").hint == "Did you mean “days_of_a_year”?"


def test_definitions_are_few_and_not_facts() -> None:
    assert len(DEFINITIONS) <= 8
    for name, (amount, words) in DEFINITIONS.items():
        assert any(unit in name for unit in ("year", "day", "cent", "pound")), name
        assert amount > 0
        assert words


# Properties -----------------------------------------------------------------------------------

_WORDS = ["stat(", 'stat("old")', "series(", 'series("ranks")', "sum(", "round(", "count("]
_WORDS += ["share(", ")", "(", "1", "-", "+", "*", "**", "/", "<", "==", " and ", " or ", " not "]
_WORDS += [",", '"', "[", "lambda x:", "x", "\\", "year=", "last_year"]


def _answers_or_says_why(text: str) -> None:
    message = ""
    try:
        message = str(answer(text))
    except ExpressionError as error:
        message = error.message
    assert message


@given(st.text(max_size=80))
def test_no_text_gets_past_the_reader(text: str) -> None:
    _answers_or_says_why(text)


@given(st.lists(st.sampled_from(_WORDS), max_size=40).map("".join))
def test_no_text_made_of_its_own_words_gets_past_the_reader(text: str) -> None:
    _answers_or_says_why(text)


@pytest.mark.parametrize(
    "text",
    [
        "-" * LONGEST,
        "(" * LONGEST,
        "not " * 150,
        'stat("old")' + "+x" * 290,
        "[" * 90 + "]" * 90,
        "\0",
        "\ud800",
    ],
)
def test_nothing_nests_too_deep(text: str) -> None:
    _answers_or_says_why(text)


_ENDS = st.fractions(min_value=-1000, max_value=1000, max_denominator=1000)
_RANGES = st.tuples(_ENDS, _ENDS).map(lambda ends: Interval(min(ends), max(ends)))
_PLACES = st.fractions(min_value=0, max_value=1)


def _within(found: Interval, place: Fraction) -> Fraction:
    return found.low + (found.high - found.low) * place


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


@given(_RANGES, _RANGES, _PLACES, _PLACES, st.sampled_from(sorted(_OPERATIONS)))
def test_arithmetic_on_ranges_encloses_every_result(
    left: Interval, right: Interval, at: Fraction, other: Fraction, sign: str
) -> None:
    operate = _OPERATIONS[sign]
    if sign == "/" and right.low <= 0 <= right.high:
        with pytest.raises(ZeroDivisionError):
            operate(left, right)
        return
    found = operate(left, right)
    assert found.low <= operate(_within(left, at), _within(right, other)) <= found.high


@given(_RANGES, _RANGES, _PLACES, _PLACES)
def test_a_certain_comparison_holds_for_every_number(
    left: Interval, right: Interval, at: Fraction, other: Fraction
) -> None:
    if left < right:
        assert _within(left, at) < _within(right, other)
    if left <= right:
        assert _within(left, at) <= _within(right, other)


@given(_ENDS, st.integers(-3, 3))
def test_rounding_moves_by_half_a_place_at_most(end: Fraction, digits: int) -> None:
    rounded = Interval(end, end).round(digits).low
    assert abs(rounded - end) <= Fraction(1, 2) / Fraction(10) ** digits
    assert Interval.of(0.5).round(0).low == 1
    assert Interval.of(-0.5).round(0).low == -1
