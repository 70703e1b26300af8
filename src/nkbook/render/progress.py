"""Tells how far the work is: a live line on a terminal, one plain line a stage elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """Prints stages with the time each took; `quiet` prints nothing but faults."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(stderr=True, highlight=False, quiet=quiet, soft_wrap=True)
        self.stages: list[tuple[str, float]] = []

    @contextmanager
    def stage(self, name: str, total: int = 0) -> Iterator[Stage]:
        """A stage of the work; its line ends with the seconds it took."""
        stage = Stage(name, total)
        started = time.perf_counter()
        if self.console.is_terminal:
            with self.console.status(name) as status:
                stage.listen(lambda: status.update(stage.text))
                yield stage
        else:
            yield stage
        seconds = time.perf_counter() - started
        self.stages.append((name, seconds))
        self.console.print(f"{stage.summary:<58} {seconds:6.1f} s")

    def say(self, text: str) -> None:
        """Print one line."""
        self.console.print(text, markup=False)


class Stage:
    """One stage: what is done of it, and what is being done."""

    def __init__(self, name: str, total: int) -> None:
        self.name = name
        self.total = total
        self.done = 0
        self.note = ""
        self._changed: Callable[[], object] | None = None

    def listen(self, changed: Callable[[], object]) -> None:
        """Have `changed()` called at every step."""
        self._changed = changed

    def step(self, note: str = "") -> None:
        """Count one more piece as done."""
        self.done += 1
        self.note = note
        if self._changed:
            self._changed()

    @property
    def text(self) -> str:
        """The live line."""
        count = f" {self.done}/{self.total}" if self.total else ""
        return f"{self.name}{count} {self.note}".rstrip()

    @property
    def summary(self) -> str:
        """The line that stays."""
        return f"{self.name} ({self.done})" if self.total else self.name
