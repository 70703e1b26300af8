"""Numbers that follow from other numbers: expressions over the rows of `data/`.

    round(stat("arrivals-2009") / days_of_a_year)
    share(series("refugee_arrivals_kor_by_sex", year="2009", entity="male"), stat("arrivals-2009"))
    stat("survey-6351-women") > 75

The language is a small part of Python's grammar, read with `ast` and never run. A number comes
from a row of data or from a definition with a name; digits may stand only beside a comparison,
where they say what a word means (“half” is 50), and as the places of `round`. A comparison with
a range holds only if it holds for every number in the range, and one with a series only if it
holds in every year.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from nkbook.data import wording
from nkbook.data.intervals import Interval, highest, hull, lowest, total
from nkbook.errors import nearest
from nkbook.model import Observation, Series, Statistic

DEFINITIONS: Mapping[str, tuple[Fraction, str]] = {
    "hours_of_a_day": (Fraction(24), "24 hours"),
    "weeks_of_a_year": (Fraction(52), "52 weeks"),
    "days_of_a_year": (Fraction(365), "365 days"),
    "per_cent": (Fraction(100), "100 per cent"),
    "kilograms_of_a_pound": (Fraction("0.45359237"), "0.454 kilograms"),
}
"""The only numbers that are nobody's finding: what each name stands for, and how it reads."""

LONGEST = 600
"""Characters of an expression. Nobody would check a longer one."""

_DATES = ("first_year", "last_year")
"""The first and the last year of the date of the row that the expression is for."""
_SELECTORS = ("year", "entity", "since", "until")
_FEW = 6
"""Observations that are told one by one; of more, only how many they are."""
_MOST_PLACES = 9
_PLACES_TOLD = 2
"""How many places more than the rounded number the number before it shows."""

_ARITHMETIC: Mapping[type[ast.operator], tuple[str, Callable[[Interval, Interval], Interval]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: (wording.MINUS, operator.sub),
    ast.Mult: ("×", operator.mul),
    ast.Div: ("÷", operator.truediv),
}
_COMPARISONS: Mapping[type[ast.cmpop], tuple[str, Callable[[Interval, Interval], bool]]] = {
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("≤", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: ("≥", operator.ge),
    ast.Eq: ("=", operator.eq),
}
_OF_MANY: Mapping[str, tuple[str, Callable[[Sequence[Interval]], Interval]]] = {
    "sum": ("the sum of ", total),
    "min": ("the lowest of ", lowest),
    "max": ("the highest of ", highest),
    "interval": ("the lowest to the highest of ", hull),
}
_HUNDRED = Interval.of(100)
_OF_TWO: Mapping[str, tuple[str, str, Callable[[Interval, Interval], Interval]]] = {
    "share": ("", " of ", lambda part, whole: part / whole * _HUNDRED),
    # Each number stands here once, or a range would come out wider than it is.
    "fall": ("the fall from ", " to ", lambda old, new: _HUNDRED - new / old * _HUNDRED),
}
_FUNCTIONS = ("stat", "series", "round", "count", *_OF_MANY, *_OF_TWO)

_LOOSE, _SUM, _PRODUCT, _ATOM = range(4)
"""How strongly the words of a term hold together: a weaker one goes into parentheses."""

_HINT = "The language of expressions is described in data/README.md."

Kind = Literal["form", "id", "value", "arithmetic", "digits"]


class ExpressionError(Exception):
    """Why an expression has no answer: its form, an id, a value of the data, the arithmetic, or
    digits without end.
    """

    def __init__(self, kind: Kind, message: str, hint: str = _HINT) -> None:
        self.kind, self.message, self.hint = kind, message, hint
        super().__init__(message)


@dataclass(frozen=True)
class Operand:
    """A number of `data/` in the words of an answer; `id` is that of its statistic or series."""

    text: str
    id: str
    years: str = ""
    """Which years of a series; empty for a statistic."""
    entity: str = ""


Part = str | Operand


@dataclass(frozen=True)
class Answer:
    """What an expression gives, and how it was worked out."""

    value: Interval | bool
    parts: tuple[Part, ...]
    """The words, in which every number from `data/` stands apart, so that it can be linked."""
    sources: frozenset[str]
    """The sources of everything that it names."""

    def __str__(self) -> str:
        return _plain(self.parts)


@dataclass(frozen=True)
class Expression:
    """A text that could be read, with the ids that it names."""

    tree: ast.expr
    statistics: frozenset[str]
    series: frozenset[str]


def read(text: str) -> Expression:
    """The expression in `text`. Raises `ExpressionError` where it cannot be one.

    Whether its functions are given what they need shows when it is worked out.
    """
    if len(text) > LONGEST:
        message = f"{len(text)} characters, at most {LONGEST} are allowed"
        raise ExpressionError("form", message, "Give its parts rows of their own.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else "not an expression"
        raise ExpressionError("form", f"cannot be read: {reason}") from None
    return Expression(tree, frozenset(_named(tree, "stat")), frozenset(_named(tree, "series")))


def work_out(
    expression: Expression,
    statistics: Mapping[str, Statistic],
    series: Mapping[str, Series],
    unit: str = "",
    as_of: str = "",
) -> Answer:
    """What the expression gives, a number or a range or whether it is true, and how.

    `unit` is that of the result, for its words. `as_of` is the date of the row that it is for,
    whose years it may name. Raises `ExpressionError`.
    """
    walk = _Walk(statistics, series, unit, as_of)
    try:
        found = walk.result(expression.tree)
    except RecursionError:
        raise ExpressionError("form", "has too many parts inside one another") from None
    sources = frozenset(walk.sources)
    if isinstance(found, _Truth):
        return Answer(all(found.holds), found.words, sources)
    return Answer(found.number(), _concluded(found, _MOST_PLACES, unit), sources)


def _named(tree: ast.expr, function: str) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(id)), *_]):
                if name == function:
                    yield id


@dataclass(frozen=True)
class _Term:
    """A number, or those of several observations, and the words for it."""

    cells: tuple[tuple[str, Interval], ...]
    """Year and number; without a year where it is not an observation."""
    words: tuple[Part, ...]
    binds: int = _ATOM
    concluded: bool = False
    """Whether the words say already what it comes to."""

    @staticmethod
    def of(number: Interval, *words: Part, binds: int = _ATOM, concluded: bool = False) -> _Term:
        return _Term((("", number),), words, binds, concluded)

    def number(self) -> Interval:
        if len(self.cells) != 1:
            message = f"{len(self.cells)} observations stand where one number is needed"
            hint = "Name the year and the entity, or use sum(), min(), max() or count()."
            raise ExpressionError("value", message, hint)
        return self.cells[0][1]

    def inside(self, strength: int) -> tuple[Part, ...]:
        """The words as a part of others that hold together with this strength."""
        return self.words if self.binds >= strength else ("(", *self.words, ")")


@dataclass(frozen=True)
class _Truth:
    """Whether something holds, for each observation where it is about several."""

    holds: tuple[bool, ...]
    words: tuple[Part, ...]


@dataclass
class _Walk:
    """One walk through an expression. What no method knows is refused."""

    statistics: Mapping[str, Statistic]
    observed: Mapping[str, Series]
    unit: str
    as_of: str
    sources: set[str] = field(default_factory=set)

    def result(self, node: ast.expr) -> _Term | _Truth:
        match node:
            case ast.Compare() | ast.BoolOp():
                return self._truth(node)
        return self._term(node)

    def _truth(self, node: ast.expr) -> _Truth:
        match node:
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._comparison(ops, [left, *others])
            case ast.BoolOp(op=op, values=values):
                truths = [self._truth(value) for value in values]
                every, word = (all, " and ") if isinstance(op, ast.And) else (any, " or ")
                holds = every(all(truth.holds) for truth in truths)
                return _Truth((holds,), _joined([truth.words for truth in truths], word))
        raise _refused(node, "is no comparison")

    def _comparison(self, ops: Sequence[ast.cmpop], nodes: Sequence[ast.expr]) -> _Truth:
        sides = [self._side(node) for node in nodes]
        words = [*_told(sides[0])]
        links: list[list[bool]] = []
        for op, left, right in zip(ops, sides, sides[1:], strict=False):
            if type(op) not in _COMPARISONS:
                raise ExpressionError("form", "compares in a way that is not known", "Use < > ==.")
            sign, holds = _COMPARISONS[type(op)]
            links.append([holds(a, b) for _, a, b in _paired(left, right)])
            words += [f" {sign} ", *_told(right)]
        return _Truth(tuple(all(link) for link in zip(*links, strict=False)), tuple(words))

    def _side(self, node: ast.expr) -> _Term:
        """What is compared: a term, or digits, which say what a word means."""
        match node:
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int() | float() as value) if value != math.inf:
                number = Interval.of(value)
                return _Term.of(number, _figure(number, _MOST_PLACES))
        return self._term(node)

    def _term(self, node: ast.expr) -> _Term:
        match node:
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return _operation(self._term(left), op, self._term(right))
            case ast.Call(func=ast.Name(id=name)):
                return self._call(name, node)
            case ast.Name(id=name):
                return self._definition(name)
            case ast.Constant(value=int() | float()):
                hint = "Give it a row with a source, or name a definition."
                raise _refused(node, "is typed by hand", hint)
        raise _refused(node, "is no part of the language")

    def _definition(self, name: str) -> _Term:
        if name in DEFINITIONS:
            value, words = DEFINITIONS[name]
            return _Term.of(Interval.of(value), words)
        if name not in _DATES:
            known = (*DEFINITIONS, *_DATES)
            hint = nearest(name, known, f"Known: {', '.join(known)}.")
            raise ExpressionError("form", f"there is no definition “{name}”", hint)
        years = re.findall(r"[0-9]{4}", self.as_of)
        if not years:
            raise ExpressionError("form", f"only a row with a date has a {name}")
        year = min(years) if name == _DATES[0] else max(years)
        return _Term.of(Interval.of(Fraction(year)), year)

    def _call(self, name: str, node: ast.Call) -> _Term:
        if name not in _FUNCTIONS:
            hint = nearest(name, _FUNCTIONS, f"Known: {', '.join(_FUNCTIONS)}.")
            raise ExpressionError("form", f"there is no function {name}()", hint)
        if name == "series":
            return self._series(_only_text(node), _selection(node))
        if node.keywords or not node.args:
            raise _refused(node, "is given too little or too much")
        if name == "stat":
            return self._stat(_only_text(node))
        if name == "count":
            return self._count(node)
        if name == "round":
            return self._round(node)
        terms = [self._term(argument) for argument in node.args]
        if name in _OF_MANY:
            before, combine = _OF_MANY[name]
            numbers = [number for term in terms for _, number in term.cells]
            words = _joined([term.words for term in terms], "; ")
            return _Term.of(combine(numbers), before, *words, binds=_LOOSE)
        if len(terms) != 2:
            raise _refused(node, f"needs two numbers, as in {name}(…, …)")
        return _of_two(name, *terms)

    def _round(self, node: ast.Call) -> _Term:
        match node.args:
            case [inner]:
                digits = 0
            case [inner, ast.Constant(value=int(digits))]:
                pass
            case [inner, ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(digits)))]:
                digits = -digits
            case _:
                raise _refused(node, "needs a number and the places to keep, as in round(…, 1)")
        if abs(digits) > _MOST_PLACES:
            raise _refused(node, f"keeps more than {_MOST_PLACES} places")
        term = self._term(inner)
        rounded = term.number().round(digits)
        if rounded == term.number():
            return _Term.of(rounded, *term.words, binds=term.binds, concluded=term.concluded)
        words = _concluded(term, max(0, digits + _PLACES_TOLD), self.unit)
        ending = f", rounded to {_figure(rounded, _MOST_PLACES, self.unit)}"
        return _Term.of(rounded, *words, ending, binds=_LOOSE, concluded=True)

    def _count(self, node: ast.Call) -> _Term:
        match node.args:
            case [ast.Compare() as compared]:
                truth = self._truth(compared)
                words = ("how often ", *truth.words, f": {sum(truth.holds)}")
                return _Term.of(Interval.of(sum(truth.holds)), *words, binds=_LOOSE, concluded=True)
            case [ast.Call(func=ast.Name(id="series")) as named]:
                term = self._series(_only_text(named), _selection(named), few=0)
                return _Term.of(Interval.of(len(term.cells)), *term.words)
        raise _refused(node, "counts a series, or a comparison with one")

    def _stat(self, id: str) -> _Term:
        if id not in self.statistics:
            hint = nearest(id, self.statistics, "Add it to data/statistics.csv.")
            raise ExpressionError("id", f"there is no statistic “{id}”", hint)
        found = self.statistics[id]
        if not found.verified:
            raise ExpressionError("value", f"nobody has verified “{id}”", "Verify it first.")
        number = _number_of(found)
        if number is None:
            raise ExpressionError("value", f"“{id}” has no number", "Its source gives words only.")
        self.sources.update(found.sources)
        text = wording.quantity(found.value, found.low, found.high, found.unit)
        return _Term.of(number, Operand(text, id), binds=_ATOM if number.is_number else _LOOSE)

    def _series(self, id: str, selection: Mapping[str, str], few: int = _FEW) -> _Term:
        if id not in self.observed:
            hint = nearest(id, self.observed, "See data/series/ for what there is.")
            raise ExpressionError("id", f"there is no series “{id}”", hint)
        rows = [row for row in self.observed[id].rows if _selected(row, selection)]
        if not rows:
            asked = ", ".join(f"{name} {value}" for name, value in selection.items())
            raise ExpressionError("id", f"the series “{id}” has nothing for {asked or 'any year'}")
        cells = []
        for row in rows:
            number = _number_of(row)
            if number is None:
                message = f"“{id}” has only one end of a range for {row.year}"
                raise ExpressionError("value", message, "Leave that year out.")
            if not row.verified:
                message = f"nobody has verified the year {row.year} of “{id}”"
                raise ExpressionError("value", message, "Verify it, or leave that year out.")
            cells.append((row.year, number))
            self.sources.add(row.source)
        texts = [_figure(number, _MOST_PLACES) for _, number in cells]
        text = "; ".join(texts) if len(texts) <= few else f"{len(texts)} observations"
        years = [row.year for row in rows]
        span = years[0] if min(years) == max(years) else f"{min(years)}–{max(years)}"
        operand = Operand(text, id, span, selection.get("entity", ""))
        plain = len(cells) == 1 and cells[0][1].is_number
        return _Term(tuple(cells), (operand,), _ATOM if plain else _LOOSE)


def _operation(left: _Term, op: ast.operator, right: _Term) -> _Term:
    sign, operate = _ARITHMETIC[type(op)]
    try:
        cells = tuple((year, operate(a, b)) for year, a, b in _paired(left, right))
    except ZeroDivisionError:
        raise _by_zero(left, right) from None
    strength = _PRODUCT if isinstance(op, (ast.Mult, ast.Div)) else _SUM
    # What stands behind a minus or a division sign has to be kept together.
    behind = strength + isinstance(op, (ast.Sub, ast.Div))
    words = (*left.inside(strength), f" {sign} ", *right.inside(behind))
    return _Term(cells, words, strength)


def _of_two(name: str, first: _Term, second: _Term) -> _Term:
    before, between, operate = _OF_TWO[name]
    try:
        number = operate(first.number(), second.number())
    except ZeroDivisionError:
        raise _by_zero(first, second) from None
    words = (before, *first.inside(_SUM), between, *second.inside(_SUM))
    return _Term.of(number, *words, binds=_LOOSE)


def _by_zero(first: _Term, second: _Term) -> ExpressionError:
    message = f"a division by zero, in {_plain(first.words)} and {_plain(second.words)}"
    return ExpressionError("arithmetic", message, "Zero is, or lies in, the divisor.")


def _paired(left: _Term, right: _Term) -> list[tuple[str, Interval, Interval]]:
    """The numbers of two terms side by side: year by year, or one number with each of the other."""
    if len(right.cells) == 1:
        return [(year, number, right.number()) for year, number in left.cells]
    if len(left.cells) == 1:
        return [(year, left.number(), number) for year, number in right.cells]
    first, second = dict(left.cells), dict(right.cells)
    if first.keys() != second.keys() or len(first) != len(left.cells) != len(right.cells):
        message = f"{_plain(left.words)} and {_plain(right.words)} are not of the same years"
        raise ExpressionError("value", message, "Name the entity and the years of both.")
    return [(year, first[year], second[year]) for year in first]


def _number_of(row: Statistic | Observation) -> Interval | None:
    if row.value is not None:
        return Interval.of(row.value)
    if row.low is None or row.high is None:
        return None
    return Interval.of(row.low, row.high)


def _only_text(node: ast.Call) -> str:
    match node.args:
        case [ast.Constant(value=str(text))]:
            return text
    raise _refused(node, "needs one id in quotation marks")


def _selection(node: ast.Call) -> dict[str, str]:
    found = {}
    for keyword in node.keywords:
        match keyword:
            case ast.keyword(arg=str(name), value=ast.Constant(value=str(text))):
                if name in _SELECTORS:
                    found[name] = text
                    continue
        hint = f"Known: {', '.join(_SELECTORS)}, each with a text in quotation marks."
        raise _refused(node, "selects by something that is not known", hint)
    return found


def _selected(row: Observation, selection: Mapping[str, str]) -> bool:
    first = row.year[:4]
    return (
        selection.get("year", row.year) == row.year
        and selection.get("entity", row.entity) == row.entity
        and selection.get("since", first) <= first <= selection.get("until", first)
    )


def _refused(node: ast.expr, message: str, hint: str = _HINT) -> ExpressionError:
    return ExpressionError("form", f"“{ast.unparse(node)}” {message}", hint)


def _told(side: _Term) -> tuple[Part, ...]:
    """A side of a comparison, with what it comes to where it is more than a number."""
    if side.binds == _ATOM or len(side.cells) != 1:
        return side.words
    return ("(", *_concluded(side, _PLACES_TOLD), ")")


def _concluded(term: _Term, places: int, unit: str = "") -> tuple[Part, ...]:
    """The words with what they come to, unless they say it or are one number from the data."""
    if term.concluded or len(term.words) == 1:
        return term.words
    return (*term.words, f" = {_figure(term.number(), places, unit)}")


def _figure(number: Interval, places: int, unit: str = "") -> str:
    shown = number.round(places)
    try:
        low, high = float(shown.low), float(shown.high)
    except OverflowError:
        message = "comes to a number too large to count with"
        raise ExpressionError("arithmetic", message) from None
    unit = unit if unit in wording.SYMBOLS else ""
    if low == high:
        return wording.quantity(low, unit=unit)
    return wording.quantity(None, low, high, unit)


def _joined(parts: Sequence[tuple[Part, ...]], joint: str) -> tuple[Part, ...]:
    words = [word for part in parts for word in (joint, *part)]
    return tuple(words[1:])


def _plain(parts: Sequence[Part]) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in parts)
