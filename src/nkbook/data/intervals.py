"""Exact arithmetic on numbers and on ranges, which is what half of the evidence consists of.

A range `a` to `b` means “somewhere in here”. An operation on ranges gives the range of every
result that some number in the one and some number in the other could give. Fractions keep it
exact: nothing is rounded before an expression says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

_ZERO = Fraction(0)


@dataclass(frozen=True)
class Interval:
    """A number, or a range of numbers; `low` is never over `high`."""

    low: Fraction
    high: Fraction

    @staticmethod
    def of(low: float | Fraction, high: float | Fraction | None = None) -> Interval:
        """A number or a range from what a data file says, digit for digit."""
        return Interval(_exact(low), _exact(low if high is None else high))

    @property
    def is_number(self) -> bool:
        """Whether both ends are one number."""
        return self.low == self.high

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval) -> Interval:
        return _over(a * b for a in (self.low, self.high) for b in (other.low, other.high))

    def __truediv__(self, other: Interval) -> Interval:
        """Raises `ZeroDivisionError` where zero lies in the divisor, its ends included."""
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError
        return self * Interval(1 / other.high, 1 / other.low)

    def round(self, digits: int) -> Interval:
        """Both ends to so many decimals, halves away from zero; hundreds where it is -2."""
        return Interval(_rounded(self.low, digits), _rounded(self.high, digits))

    def __lt__(self, other: Interval) -> bool:
        """Whether it is certain: every number here is under every number there."""
        return self.high < other.low

    def __le__(self, other: Interval) -> bool:
        return self.high <= other.low


def total(items: Sequence[Interval]) -> Interval:
    """The sum of the items."""
    return Interval(sum((i.low for i in items), _ZERO), sum((i.high for i in items), _ZERO))


def lowest(items: Sequence[Interval]) -> Interval:
    """The range in which the least of the items lies."""
    return Interval(min(item.low for item in items), min(item.high for item in items))


def highest(items: Sequence[Interval]) -> Interval:
    """The range in which the greatest of the items lies."""
    return Interval(max(item.low for item in items), max(item.high for item in items))


def hull(items: Sequence[Interval]) -> Interval:
    """The range from the lowest end of all to the highest."""
    return _over(end for item in items for end in (item.low, item.high))


def _exact(number: float | Fraction) -> Fraction:
    # A float from a file stands for its shortest digits: 88.8 and not 88.79999….
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def _over(ends: Iterable[Fraction]) -> Interval:
    found = list(ends)
    return Interval(min(found), max(found))


def _rounded(value: Fraction, digits: int) -> Fraction:
    scale = Fraction(10) ** digits
    whole = (abs(value) * scale + Fraction(1, 2)).__floor__() / scale
    return whole if value >= 0 else -whole
