"""How numbers, ranges, units and dates are written; the only place for these rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType

NO_BREAK_SPACE = "\u00a0"
EN_DASH = "–"
MINUS = "−"

YEAR = "year"
"""The unit of a number that is a date: 1948 and not 1,948."""

QUALIFIERS = ("about", "at least", "fewer than", "more than", "nearly", "up to")
"""Words that may stand before a number."""

QUANTITIES_IN_WORDS = ("thousands", "hundreds of thousands", "millions")
"""What stands instead of a number where the source names none, and the book must not either."""

SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        "%": "{}%",
        "US$": "US${}",
        "km": f"{{}}{NO_BREAK_SPACE}km",
        "km²": f"{{}}{NO_BREAK_SPACE}km²",
        "kWh": f"{{}}{NO_BREAK_SPACE}kWh",
        YEAR: "{}",
    }
)
"""Units that are printed with the number. Every other unit is a noun that the sentence supplies."""

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MILLION = 1_000_000
_ROUND = 10_000


def number(value: float, decimals: int | None = None) -> str:
    """`value` in digits, with commas and a true minus, and no more decimals than it has."""
    exact = Decimal(repr(value))
    places = _decimals(value) if decimals is None else decimals
    return f"{exact:,.{places}f}".replace("-", MINUS)


def quantity(
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    qualifier: str = "",
) -> str:
    """A value or a range as the prose prints it: “53,000–65,000”, “482 km”, “more than 6,500”.

    Both ends of a range have the same decimals and are in millions only if both can be. Without
    any number the qualifier is the quantity: “hundreds of thousands”.
    """
    ends = [end for end in ((value,) if value is not None else (low, high)) if end is not None]
    if not ends:
        return qualifier
    in_millions = all(abs(end) >= _MILLION and end % _ROUND == 0 for end in ends)
    if in_millions:
        ends = [float(Decimal(repr(end)) / _MILLION) for end in ends]
    places = max(map(_decimals, ends))
    # Between negative numbers a dash would read as a second minus.
    joint = EN_DASH if min(ends) >= 0 else " to "
    digits = joint.join(number(end, places) for end in ends)
    if unit == YEAR:
        digits = digits.replace(",", "")
    if in_millions:
        digits += f"{NO_BREAK_SPACE}million"
    text = SYMBOLS.get(unit, "{}").format(digits)
    return f"{qualifier} {text}" if qualifier else text


def counted(text: str, unit: str) -> str:
    """A number with what it counts: “482 people”, “thousands of people”, “88.8%”."""
    if unit in SYMBOLS:
        return text
    return f"{text} of {unit}" if text in QUANTITIES_IN_WORDS else f"{text} {unit}"


def as_of(stamp: str) -> str:
    """A date as the prose prints it: “2025-10” is “October 2025”, “2016/2020” is “2016–2020”.

    Raises `ValueError` where `stamp` is not a year, a month, a day or two years.
    """
    first, slash, last = stamp.partition("/")
    if slash:
        if int(_year(first)) > int(_year(last)):
            raise ValueError(f"{stamp}: the first year is after the last")
        return f"{first}{EN_DASH}{last}"
    year, *rest = stamp.split("-")
    if len(rest) == 2:
        day = date.fromisoformat(stamp)
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    if len(rest) == 1:
        month = date.fromisoformat(f"{stamp}-01").month
        return f"{_MONTHS[month - 1]} {year}"
    return _year(stamp)


def _year(text: str) -> str:
    if len(text) != 4 or not text.isascii() or not text.isdigit():
        raise ValueError(f"{text!r} is not a year")
    return text


def _decimals(value: float) -> int:
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
