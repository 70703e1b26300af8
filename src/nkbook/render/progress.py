"""Tells how far the work is: a live line on a terminal, one plain line a stage elsewhere."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console

_FEW = 3
"""Chapters that ran for the same reason are counted where there are more."""


class Progress:
    """Prints stages with the time each took; `quiet` prints nothing but faults."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(stderr=True, highlight=False, quiet=quiet, soft_wrap=True)
        self._started = time.perf_counter()
        self._running: list[Stage] = []
        self.ended: list[Stage] = []
        """The stages that have been, in the order in which they ended."""
        self._status = self.console.status("")
        self._lock = threading.RLock()

    @property
    def seconds(self) -> float:
        """How long it has been told of."""
        return time.perf_counter() - self._started

    @contextmanager
    def stage(self, name: str, total: int = 0) -> Iterator[Stage]:
        """A stage of the work, of which there may be several at a time.

        Its line ends with the seconds it took.
        """
        stage = Stage(name, total, self._show)
        started = time.perf_counter()
        self._running.append(stage)
        self._show()
        try:
            yield stage
        finally:
            self._running.remove(stage)
            self._show()
        stage.seconds = time.perf_counter() - started
        self.ended.append(stage)
        self.console.print(f"{stage.summary:<58} {stage.seconds:6.1f} s")

    def _show(self) -> None:
        """Bring the live line up to date, on a terminal."""
        if not self.console.is_terminal:
            return
        with self._lock:
            text = " · ".join(stage.text for stage in [*self._running])
            self._status.update(text)
            if text:
                self._status.start()
            else:
                self._status.stop()

    def say(self, text: str) -> None:
        """Print one line."""
        self.console.print(text, markup=False)


class Stage:
    """One stage: what is done of it, and what is being done."""

    def __init__(self, name: str, total: int, changed: Callable[[], object]) -> None:
        self.name = name
        self.total = total
        self.done = 0
        self.notes: list[str] = []
        """What was said of each step."""
        self.seconds = 0.0
        """How long it took, when it has ended."""
        self._changed = changed
        """Called at every step."""

    def step(self, note: str = "") -> None:
        """Count one more piece as done."""
        self.done += 1
        self.notes.append(note)
        self._changed()

    @property
    def text(self) -> str:
        """The live line."""
        count = f" {self.done}/{self.total}" if self.total else ""
        return f"{self.name}{count} {self.notes[-1] if self.notes else ''}".rstrip()

    @property
    def summary(self) -> str:
        """The line that stays."""
        return f"{self.name} ({self.done})" if self.total else self.name


def reason_lines(reasons: Mapping[str, str]) -> Iterator[str]:
    """Why each chapter was run, by file; those with an empty reason were not."""
    ran = {file: reason for file, reason in sorted(reasons.items()) if reason}
    counts = Counter(ran.values())
    few = {file: reason for file, reason in ran.items() if counts[reason] <= _FEW}
    width = max(map(len, few), default=0)
    for reason, count in counts.items():
        if count > _FEW:
            yield f"  {count} chapters ran: {reason}"
    for file, reason in few.items():
        yield f"  {file:<{width}}  ran: {reason}"
    if unchanged := len(reasons) - len(ran):
        yield f"  {unchanged} of {len(reasons)} chapters unchanged"
