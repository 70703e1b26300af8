"""One build of one book in a process of its own, which says at its end what it took.

    python -m benchmarks.child BOOK FORMATS JOBS        JOBS 0: as many as the machine can do

Prints JSON: seconds of each stage as the engine tells them, the chapters that ran, and the most
memory that this process ever had. Seconds and processor time of it all are for the one who waits.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from nkbook.errors import BookError
from nkbook.render.freshness import Wish, find_edition
from nkbook.render.progress import Progress

_RUNNING = "Executing chapters"
_CACHED = " (cached)"
_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in what the system counts memory in."""


def main(book: str, formats: str, jobs: str) -> int:
    """Build, print what it took, and return the exit code."""
    progress = Progress(quiet=True)
    names = tuple(formats.split(","))
    try:
        # As the command line does, which loads what builds only where something is to be built.
        if not find_edition(Path(book), Wish(names, lenient=False)):
            from nkbook.render.portable import build

            build(Path(book), progress, formats=names, jobs=int(jobs))
    except BookError as error:
        print(*error.findings, sep="\n", file=sys.stderr)
        return 1
    notes = [note for stage in progress.ended if stage.name == _RUNNING for note in stage.notes]
    stages: dict[str, float] = {}
    for stage in progress.ended:
        stages[stage.name] = stages.get(stage.name, 0) + stage.seconds
    account = {
        "stages": {name: round(seconds, 2) for name, seconds in stages.items()},
        "ran": sorted({note for note in notes if not note.endswith(_CACHED)}),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT,
    }
    print(json.dumps(account))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
