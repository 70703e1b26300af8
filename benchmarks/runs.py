"""What one command took: seconds, processor time, and what a build says of itself."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_MOMENT = "1700000000"
"""SOURCE_DATE_EPOCH of every build: editions carry a date, and these are to be the same bytes."""


@dataclass(frozen=True)
class Run:
    """What one command took."""

    seconds: float
    cpu: float
    """Seconds of processor time of the command and of all that it waited for: kernels are not, when
    they are forked."""
    memory: int = 0
    """The most bytes that the main process of a build had; 0 for other commands."""
    stages: Mapping[str, float] = field(default_factory=dict)
    """Seconds by stage of a build."""
    ran: Sequence[str] = ()
    """Chapters whose code a build ran."""


def run(command: Sequence[str], folder: Path, **variables: str) -> tuple[Run, str]:
    """Run a command in `folder`: what it took, and what it printed.

    Ends this program where it fails, with what it said: nothing that failed can be measured.
    """
    before, started = _processor_time(), time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )
    seconds, cpu = time.perf_counter() - started, _processor_time() - before
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
        sys.exit(f"{' '.join(command)} failed in {folder}:\n{last}")
    return Run(round(seconds, 2), round(cpu, 2)), done.stdout


def environment(**variables: str) -> Mapping[str, str]:
    """The variables of every command that is measured."""
    return {**os.environ, "SOURCE_DATE_EPOCH": _MOMENT, **variables}


def build(book: Path, formats: Sequence[str], jobs: int = 0) -> Run:
    """Build a book with the portable engine."""
    command = [sys.executable, "-m", "benchmarks.child", str(book), ",".join(formats), str(jobs)]
    taken, said = run(command, Path(__file__).parents[1])
    return Run(taken.seconds, taken.cpu, **json.loads(said))


def _processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
