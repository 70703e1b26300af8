"""Faults a person can act on: what is wrong, where, and a hint.

Everything the project refuses is a `Finding`. Findings are collected, so that one run reports
all of them, and raised together as one `BookError`. Tracebacks are for bugs of ours only.
"""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Finding:
    """One fault: a stable code, the place it was found, what is wrong, and what to do."""

    place: str
    code: str
    message: str
    hint: str

    def __str__(self) -> str:
        hint = f"\n    Hint: {self.hint}" if self.hint else ""
        return f"{self.code}  {self.place}: {self.message}{hint}"


class BookError(Exception):
    """The findings that stopped the work, as one exception."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))

    def _render_traceback_(self) -> list[str]:
        """What a notebook prints instead of a traceback."""
        return str(self).splitlines()


@dataclass
class Findings:
    """Collects faults in the order of discovery, so that several are reported together."""

    items: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)
    """What does not stop the work, to be told at its end."""
    spared: frozenset[str] = frozenset()
    """Codes of faults that are remarks in this run."""

    def add(self, code: str, place: str, message: str, hint: str = "") -> None:
        """Record one fault; an exact repetition is recorded once."""
        finding = Finding(place, code, message, hint)
        kept = self.remarks if code in self.spared else self.items
        if finding not in kept:
            kept.append(finding)

    def remark(self, code: str, place: str, message: str) -> None:
        """Record what does not stop the work, at the first place only."""
        if (code, message) not in {(known.code, known.message) for known in self.remarks}:
            self.remarks.append(Finding(place, code, message, ""))

    def extend(self, findings: Iterable[Finding]) -> None:
        """Record faults found elsewhere."""
        for finding in findings:
            self.add(finding.code, finding.place, finding.message, finding.hint)

    @contextlib.contextmanager
    def collecting(self) -> Iterator[None]:
        """Record the faults that are raised in the block, and go on behind it."""
        try:
            yield
        except BookError as error:
            self.extend(error.findings)

    def raise_any(self) -> None:
        """Raise `BookError` with all faults so far, if there are any."""
        if self.items:
            raise BookError(self.items)

    def __bool__(self) -> bool:
        return bool(self.items)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)


def parse_findings(text: str) -> list[Finding]:
    """Read findings back from their printed form, as a notebook's kernel hands them over."""
    found = re.finditer(
        r"^(?P<code>[A-Z]{2}\d{3})  (?P<place>.+?): (?P<message>.+?)"
        r"(?:\n    Hint: (?P<hint>.+?))?$",
        text,
        re.MULTILINE,
    )
    return [Finding(m["place"], m["code"], m["message"], m["hint"] or "") for m in found]


def nearest(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the nearest known spelling of `name`, or `otherwise`."""
    match = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"Did you mean “{match[0]}”?" if match else otherwise
