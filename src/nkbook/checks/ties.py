"""Rules for words that follow from numbers: “rose”, “more than half”, “last”.

    [more than half]{test="stat('survey-6351-women') > 50"}

Words in such a span have to pass their test. Those that nobody has tied can be listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nkbook.data.expressions import ExpressionError, read, work_out
from nkbook.errors import Findings
from nkbook.evidence.ties import Tie, find_ties
from nkbook.model import Library
from nkbook.render.document import Document

_FORM = "Write [the words]{test=\"stat('an-id') > 50\"}, with single quotation marks inside."
_FALSE = "Change the words to what the data say now; the test only if it never said what they do."

_NUMBERS = "two|three|four|five|six|seven|eight|nine|ten|dozen"
_WORDS = re.compile(
    r"\b(?:"
    r"(?:rose|rises?|risen|rising|grew|grows?|grown|growing|climb\w*|gain(?:s|ed)?|soar\w*"
    r"|increas\w+|fell|falls?|fallen|falling|dropp?\w*|declin\w+|decreas\w+|shrank|shrinks?"
    r"|shrunk|collaps\w+|sank|lost|cut|doubl\w+|tripl\w+|trebl\w+|halv\w+|peak\w*)"
    r"|(?:(?:more|fewer|less|higher|lower|larger|smaller|longer|shorter|older|younger|earlier"
    r"|later|taller|thinner|faster|slower|wider|bigger|better|worse)(?: than)?)"
    r"|(?:most|least|largest|smallest|highest|lowest|biggest|longest|shortest|oldest|newest"
    r"|widest|first|last|top|bottom)"
    r"|(?:nearly all|almost all|hardly any\w*|the majority|a minority|mostly|mainly"
    r"|no more than|at least|at most)"
    r"|(?:(?:a|one|two|three|four|about a|nearly a|over a|than a) "
    r"(?:half|third|quarter|fifth|sixth|seventh|eighth|ninth|tenth|thirds|quarters|fifths|tenths))"
    rf"|half|twice|once|(?:{_NUMBERS}) times|tenfold|(?:one|two|three|four|nine) in "
    rf"(?:{_NUMBERS}|twenty)"
    r")\b",
    re.IGNORECASE,
)
"""Words of direction and rank. It finds too many rather than too few."""

_VARIABLE = re.compile(r"\{\{<\s*var\s+stat\.([\w-]+)\s*>\}\}")
_SILENT = re.compile(
    r"\{\{<.*?>\}\}|(?<=\])\([^)]*\)|\{[^}]*\}|\[[^\]]*@[^\]]*\]|@[\w:.-]+|`[^`]*`"
)


@dataclass(frozen=True)
class Untied:
    """A sentence with a number and words of direction or rank that no test holds to the data."""

    place: str
    words: tuple[str, ...]
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {', '.join(f'“{word}”' for word in self.words)}\n    {self.sentence}"


def check(document: Document, library: Library, findings: Findings) -> None:
    """NC601 to NC603: a test that cannot be read or worked out, and words that it does not bear."""
    for cell in document.cells:
        if cell.kind == "markdown":
            for tie in find_ties(cell.source):
                _check_tie(tie, library, document.place(cell), findings)


def _check_tie(tie: Tie, library: Library, place: str, findings: Findings) -> None:
    """NC601: no test. NC602: a test that the data cannot answer. NC603: the data say otherwise."""
    if not tie.words or not tie.test:
        what = "a test without words" if tie.test else "a test that cannot be read"
        findings.add("NC601", place, what, _FORM)
        return
    words = f"the test of “{tie.words}”"
    try:
        expression = read(tie.test)
        answer = work_out(expression, library.statistics, library.series)
    except ExpressionError as error:
        code = "NC601" if error.kind == "form" else "NC602"
        findings.add(code, place, f"{words}: {error.message}", error.hint)
        return
    if not isinstance(answer.value, bool):
        findings.add("NC601", place, f"{words} compares nothing: {answer}", _FORM)
    elif not expression.statistics | expression.series:
        findings.add("NC601", place, f"{words} names nothing in data/", _FORM)
    elif not answer.value:
        findings.add(
            "NC603", place, f"“{tie.words}” does not hold, for this is false: {answer}", _FALSE
        )


def find_untied(document: Document, library: Library) -> Iterator[Untied]:
    """The sentences of a chapter with a number and words that are not tied, in their order."""
    for cell in document.cells:
        if cell.kind != "markdown":
            continue
        # The house writes one sentence a line.
        for line in cell.source.splitlines():
            if not _VARIABLE.search(line) or line.startswith("#"):
                continue
            words = tuple(match[0] for match in _WORDS.finditer(_spoken(line)))
            if words:
                yield Untied(document.place(cell), words, _printed(line, library))


def _spoken(line: str) -> str:
    """What is left to tie: the line without ties, and without what is not read as text."""
    for tie in find_ties(line):
        line = line[: tie.start] + " " * (tie.end - tie.start) + line[tie.end :]
    return _SILENT.sub(" ", line)


def _printed(line: str, library: Library) -> str:
    """The line with its numbers, as a reader has it."""
    known = library.statistics
    return _VARIABLE.sub(lambda m: known[m[1]].text if m[1] in known else m[0], line)
