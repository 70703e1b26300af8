"""The statistics that follow from others: worked out in order, each with its faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter

from nkbook.data import wording
from nkbook.data.expressions import Answer, Expression, ExpressionError, Kind, read, work_out
from nkbook.data.package import Row
from nkbook.errors import Findings
from nkbook.model import Series, Statistic

STATUS = "computed"
"""The status of a row whose number is worked out and never typed."""

_CODES: Mapping[Kind, str] = {
    "form": "ND120",
    "id": "ND121",
    "value": "ND122",
    "arithmetic": "ND123",
    "digits": "ND126",
}


def check_computed(row: Row, findings: Findings) -> None:
    """ND125: a computed number that is typed, or an expression where the number stands already."""
    if row.faulty & {"status", "expression", "value", "low", "high"}:
        return
    if row.text("status") != STATUS:
        if row.text("expression"):
            hint = f"Take it out, or give the row the status “{STATUS}” and no number."
            message = f"an expression in a row of the status “{row.text('status')}”"
            findings.add("ND125", row.place("expression"), message, hint)
        return
    if not row.text("expression"):
        hint = "Write what the number follows from, or change the status to what it is."
        findings.add("ND125", row.place("expression"), "a computed number without one", hint)
    for column in ("value", "low", "high"):
        if row.number(column) is not None:
            hint = "Empty the cell: the number comes from the expression."
            findings.add("ND125", row.place(column), "a computed number is typed", hint)


def compute(
    rows: Iterable[Row],
    statistics: Mapping[str, Statistic],
    series: Mapping[str, Series],
    findings: Findings,
) -> dict[str, Statistic]:
    """All statistics, those of `rows` with the numbers that their expressions give.

    Faults are added to `findings`; what depends on a faulty row is left as it is.
    """
    waiting = {row.text("id"): row for row in rows if row.text("expression")}
    known = {id: item for id, item in statistics.items() if id not in waiting}
    expressions = {}
    for id, row in waiting.items():
        try:
            expressions[id] = read(row.text("expression"))
        except ExpressionError as error:
            _report(error, row, findings)
    for id in _order(expressions, waiting, findings):
        if expressions[id].statistics & (waiting.keys() - known.keys()):
            continue  # The row that it needs has a finding of its own.
        item, row = statistics[id], waiting[id]
        try:
            answer = work_out(expressions[id], known, series, item.unit, item.as_of)
            value, low, high = _ends(answer)
        except ExpressionError as error:
            _report(error, row, findings)
            continue
        _check_sources(answer, item, row, findings)
        text = wording.quantity(value, low, high, item.unit, item.qualifier)
        known[id] = replace(item, value=value, low=low, high=high, text=text)
    return {**statistics, **known}


def _report(error: ExpressionError, row: Row, findings: Findings) -> None:
    findings.add(_CODES[error.kind], row.place("expression"), error.message, error.hint)


def _order(
    expressions: Mapping[str, Expression], rows: Mapping[str, Row], findings: Findings
) -> tuple[str, ...]:
    """The ids, each after those that it needs. ND124: numbers that follow from themselves."""
    needs = {id: item.statistics & expressions.keys() for id, item in expressions.items()}
    while True:
        try:
            return tuple(TopologicalSorter(needs).static_order())
        except CycleError as error:
            circle = error.args[1]
            path = " ← ".join(circle)
            for id in sorted(set(circle)):
                message = f"the number follows from itself: {path}"
                hint = "Give one of these rows a number of its own."
                findings.add("ND124", rows[id].place("expression"), message, hint)
            needs = {id: wanted for id, wanted in needs.items() if id not in circle}
            needs = {id: wanted & needs.keys() for id, wanted in needs.items()}


def _ends(answer: Answer) -> tuple[float | None, float | None, float | None]:
    """Value, low and high of a result as a row holds them."""
    if isinstance(answer.value, bool):
        raise ExpressionError("form", "is true or false and no number", "Take the comparison out.")
    low, high = (_float(end) for end in (answer.value.low, answer.value.high))
    return (low, None, None) if low == high else (None, low, high)


def _float(end: Fraction) -> float:
    try:
        number = float(end)
    except OverflowError:
        raise ExpressionError("arithmetic", "comes to a number too large to count with") from None
    if Fraction(repr(number)) != end:
        hint = "Write round(…), with as many places as the evidence carries."
        raise ExpressionError("digits", f"comes to {number} and more digits", hint)
    return number


def _check_sources(answer: Answer, item: Statistic, row: Row, findings: Findings) -> None:
    """ND127: a number that does not name the sources of what it follows from."""
    missing = sorted(answer.sources - set(item.sources))
    if missing:
        message = f"leaves out sources of its inputs: {'; '.join(missing)}"
        findings.add("ND127", row.place("sources"), message, f"Add {';'.join(missing)}.")
