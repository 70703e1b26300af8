"""Numbers, ranges, units and dates are written by one set of rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nkbook.data import wording

NBSP = "\u00a0"

numbers = st.decimals(min_value=0, max_value=10**9, places=3, allow_nan=False).map(float)
units = st.sampled_from([*wording.SYMBOLS, "people", ""])


def parse(text: str) -> float:
    """The number in `text`, read back."""
    scale = 1_000_000 if text.endswith(f"{NBSP}million") else 1
    digits = text.removesuffix(f"{NBSP}million").replace(",", "").replace(wording.MINUS, "-")
    return float(digits) * scale


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (6500.0, "6,500"),
        (88.8, "88.8"),
        (12.67, "12.67"),
        (-4.5, "−4.5"),
        (0.00001, "0.00001"),
        (1e21, "1,000,000,000,000,000,000,000"),
    ],
)
def test_a_number(value: float, text: str) -> None:
    assert wording.number(value) == text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"value": 53000.0}, "53,000"),
        ({"value": None, "low": 53000.0, "high": 65000.0, "unit": "people"}, "53,000–65,000"),
        ({"value": 88.8, "unit": "%"}, "88.8%"),
        ({"value": 482.0, "unit": "km"}, f"482{NBSP}km"),
        ({"value": None, "low": 1.0, "high": 2.0, "unit": "km"}, f"1–2{NBSP}km"),
        ({"value": 539.0, "unit": "km²"}, f"539{NBSP}km²"),
        ({"value": 830.0, "unit": "kWh"}, f"830{NBSP}kWh"),
        ({"value": None, "low": 80.0, "high": 300.0, "unit": "US$"}, "US$80–300"),
        ({"value": 6500.0, "unit": "posts", "qualifier": "more than"}, "more than 6,500"),
        ({"value": 489.0, "unit": "km", "qualifier": "at least"}, f"at least 489{NBSP}km"),
        ({"value": None, "low": 3.0, "high": 3.6, "unit": "times"}, "3.0–3.6"),
        ({"value": 6350000.0}, f"6.35{NBSP}million"),
        ({"value": 6353440.0}, "6,353,440"),
        ({"value": None, "low": 6500000.0, "high": 7000000.0}, f"6.5–7.0{NBSP}million"),
        ({"value": None, "low": 500000.0, "high": 1500000.0}, "500,000–1,500,000"),
        ({"value": None, "low": -4.5, "high": 3.7, "unit": "%"}, "−4.5 to 3.7%"),
        ({"value": None, "qualifier": "hundreds of thousands"}, "hundreds of thousands"),
    ],
)
def test_a_quantity(arguments: dict[str, float | None], text: str) -> None:
    assert wording.quantity(**arguments) == text  # type: ignore[arg-type]


@given(numbers)
def test_a_number_reads_back_as_itself(value: float) -> None:
    assert parse(wording.number(value)) == value


@given(numbers)
def test_millions_lose_nothing(value: float) -> None:
    assert parse(wording.quantity(value)) == pytest.approx(value, rel=1e-12)


@given(numbers, numbers)
def test_a_range_stays_ordered_and_exact(one: float, other: float) -> None:
    low, high = sorted((one, other))
    first, last = wording.quantity(None, low, high).split(wording.EN_DASH)
    if last.endswith("million"):
        first = f"{first}{NBSP}million"
    assert parse(first) <= parse(last)
    assert parse(first) == pytest.approx(low, rel=1e-12)
    assert parse(last) == pytest.approx(high, rel=1e-12)


@given(numbers, units)
def test_no_line_breaks_between_a_number_and_its_unit(value: float, unit: str) -> None:
    assert " " not in wording.quantity(value, unit=unit)


@given(numbers, units, st.sampled_from(wording.QUALIFIERS))
def test_a_qualifier_stands_before_the_number(value: float, unit: str, word: str) -> None:
    assert wording.quantity(value, unit=unit, qualifier=word) == (
        f"{word} {wording.quantity(value, unit=unit)}"
    )


@pytest.mark.parametrize(
    ("stamp", "text"),
    [
        ("2025", "2025"),
        ("2025-10", "October 2025"),
        ("2025-10-07", "7 October 2025"),
        ("2016/2020", "2016–2020"),
    ],
)
def test_a_date(stamp: str, text: str) -> None:
    assert wording.as_of(stamp) == text


@pytest.mark.parametrize(
    "stamp", ["", "25", "2025-1", "2025-13", "2025-02-30", "2020/2016", "2016/20", "２０２５", "x"]
)
def test_a_date_that_is_none(stamp: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        wording.as_of(stamp)


@given(st.dates())
def test_a_day_has_no_leading_zero_and_an_english_month(day) -> None:  # type: ignore[no-untyped-def]
    text = wording.as_of(day.isoformat())
    assert text.split()[0] == str(day.day)
    assert text.split()[1].isalpha()
